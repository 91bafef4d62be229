import type { Tx } from '../../src/data/database';

type Value = string | number | boolean | null | Date | string[] | object;
export type Row = Record<string, Value | undefined>;

/** In the order in which foreign keys allow them to be written. */
const order = [
  'employers',
  'vacancies',
  'vacancy_users',
  'stages',
  'people',
  'contact_points',
  'consents',
  'opt_outs',
  'stage_actions',
  'stage_moves',
  'applications',
  'stage_entries',
  'conversations',
  'messages',
  'mails',
  'mail_raws',
  'mail_filings',
  'media',
  'action_runs',
  'provider_messages',
  'receipts',
  'reactions',
  'service_windows',
  'conversation_reads',
  'notes',
  'timeline_entries',
  'notifications',
  'credit_entries',
  'audit_entries',
  'outbox',
] as const;

export type TableName = (typeof order)[number];
export type Rows = Record<TableName, Row[]>;

export const noRows = (): Rows => Object.fromEntries(order.map((table) => [table, []])) as unknown as Rows;

/** One statement a table, however many rows. Every row of a table names the same columns. */
export async function insertRows(tx: Tx, rows: Rows): Promise<void> {
  for (const table of order) {
    const [first] = rows[table];
    if (!first) continue;
    const columns = Object.keys(first)
      .map((name) => `"${name}"`)
      .join(', ');
    await tx.query(
      `insert into ${table} (${columns}) select ${columns} from jsonb_populate_recordset(null::${table}, $1::jsonb)`,
      [JSON.stringify(rows[table])],
    );
  }
}
