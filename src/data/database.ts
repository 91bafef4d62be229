import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { v7 } from 'uuid';
import { PrismaClient } from '../../generated/prisma/client';
import type { Clock } from '../clock';
import { systemClock } from '../clock';
import type { CandidatePageLink } from '../domain/candidate-page-link';

/** Something that workflows are told after a commit: the row stands in `outbox` until it is. */
export type Poke = {
  id: string;
  organizationId: string;
  workflowType:
    | 'conversation'
    | 'stageMove'
    | 'bulkSend'
    | 'scheduledSend'
    | 'webhookEndpoint'
    | 'mailbox'
    | 'mailOutbox';
  workflowId: string;
  payload: Record<string, unknown>;
};

/** What open pages are told after a commit: ids only. */
export type LiveNotice =
  | { type: 'conversation'; organizationId: string; conversationId: string; personId: string }
  | { type: 'board'; organizationId: string; vacancyId: string }
  | { type: 'notification'; organizationId: string; userId: string; notificationId: string }
  /** Of the user's own mailbox. */
  | { type: 'mail'; organizationId: string; userId: string }
  | { type: 'settings'; organizationId: string };

export type Committed = { pokes: Poke[]; notices: LiveNotice[] };

export type Row = Record<string, unknown>;

export interface Queries {
  /** Makes the links to candidate pages, which messages may hold; absent: there are none. */
  readonly pageUrl?: ((link: CandidatePageLink) => string) | undefined;
  query<T extends object = Row>(sql: string, values?: unknown[]): Promise<T[]>;
  /**
   * The same, parsed and planned once per connection: for short statements by key that run for every message, where that is most
   * of their cost. The text has to be a constant.
   */
  prepared<T extends object = Row>(sql: string, values?: unknown[]): Promise<T[]>;
}

/** A transaction. `now` is read from the database's clock at its first call: make it after locking. */
export interface Tx extends Queries {
  now(): Promise<Date>;
  /** What a locking statement has read of the database's clock along with its row saves that first call. */
  startsAt(databaseNow: Date): void;
  /** Writes an outbox row; listeners hear of it after the commit. */
  poke(poke: Omit<Poke, 'id'>): Promise<void>;
  notice(notice: LiveNotice): void;
}

export interface Database extends Queries {
  readonly prisma: PrismaClient;
  readonly pool: pg.Pool;
  readonly clock: Clock;
  /** Runs `work` in one transaction; after a deadlock, a serialisation failure or a `ConcurrentChange` it is tried again twice. */
  transact<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** The database's clock, outside a transaction. */
  now(): Promise<Date>;
  onCommitted(listener: (committed: Committed) => void): () => void;
  close(): Promise<void>;
}

pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** UUIDv7: sorts by the time it was made. */
export const newId = (): string => v7();

export function createDatabase(options: {
  url: string;
  poolSize?: number;
  clock?: Clock;
  applicationName?: string;
  pageUrl?: Queries['pageUrl'];
}): Database {
  const clock = options.clock ?? systemClock;
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize ?? 10,
    application_name: options.applicationName ?? 'parley',
    connectionTimeoutMillis: 10_000,
  });
  // A broken idle connection is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined);
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  const listeners = new Set<(committed: Committed) => void>();

  async function once<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    const committed: Committed = { pokes: [], notices: [] };
    let broken = false;
    try {
      await client.query('begin');
      const result = await work(createTx(client, options.pageUrl, clock, committed));
      await client.query('commit');
      if (committed.pokes.length > 0 || committed.notices.length > 0)
        for (const listener of listeners) tell(listener, committed);
      return result;
    } catch (error) {
      await client.query('rollback').catch(() => {
        broken = true;
      });
      throw error;
    } finally {
      client.release(broken);
    }
  }

  return {
    prisma,
    pool,
    clock,
    pageUrl: options.pageUrl,
    query: async <T extends object>(sql: string, values?: unknown[]) =>
      (await pool.query<T>(sql, values)).rows,
    prepared: async <T extends object>(text: string, values?: unknown[]) =>
      (await pool.query<T>({ name: nameOf(text), text, values: values ?? [] })).rows,
    async transact(work) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await once(work);
        } catch (error) {
          if (attempt === 3 || !isRetryable(error)) throw error;
        }
      }
    },
    now: async () =>
      shifted((await pool.query<{ now: Date }>('select clock_timestamp() as now')).rows[0]!.now, clock),
    onCommitted(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      await prisma.$disconnect();
      if (!pool.ended) await pool.end();
    },
  };
}

function createTx(
  client: pg.PoolClient,
  pageUrl: Queries['pageUrl'],
  clock: Clock,
  committed: Committed,
): Tx {
  let now: Date | undefined;
  const tx: Tx = {
    pageUrl,
    query: async <T extends object>(sql: string, values?: unknown[]) =>
      (await client.query<T>(sql, values)).rows,
    prepared: async <T extends object>(text: string, values?: unknown[]) =>
      (await client.query<T>({ name: nameOf(text), text, values: values ?? [] })).rows,
    async now() {
      if (!now) tx.startsAt((await tx.prepared<{ now: Date }>('select clock_timestamp() as now'))[0]!.now);
      return now!;
    },
    startsAt(databaseNow) {
      now ??= shifted(databaseNow, clock);
    },
    async poke(poke) {
      const row = { id: newId(), ...poke };
      const at = await tx.now();
      await tx.prepared(
        `insert into outbox (id, organization_id, workflow_type, workflow_id, payload, created_at, next_try_at)
         values ($1, $2, $3, $4, $5, $6, $6::timestamptz + interval '5 seconds')`,
        [row.id, row.organizationId, row.workflowType, row.workflowId, row.payload, at],
      );
      committed.pokes.push(row);
    },
    notice: (notice) => void committed.notices.push(notice),
  };
  return tx;
}

const names = new Map<string, string>();

/** One name for each text that is prepared, in this process. */
function nameOf(text: string): string {
  const name = names.get(text) ?? `parley_${names.size}`;
  names.set(text, name);
  return name;
}

/** What is committed stays so: a listener that fails costs its news at most, and the outbox brings that again. */
function tell(listener: (committed: Committed) => void, committed: Committed): void {
  try {
    listener(committed);
  } catch {
    // nothing that the command could do about it
  }
}

const shifted = (at: Date, clock: Clock): Date =>
  clock.offsetMs === 0 ? at : new Date(at.getTime() + clock.offsetMs);

/** What a transaction has read is no longer so: it is tried again. */
export class ConcurrentChange extends Error {}

function isRetryable(error: unknown): boolean {
  if (error instanceof ConcurrentChange) return true;
  const code = (error as { code?: unknown } | null)?.code;
  return code === '40001' || code === '40P01';
}
