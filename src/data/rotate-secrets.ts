import { sealContext } from '../channels/open-account';
import { DomainError } from '../domain/errors';
import { open, seal, SealError } from '../seal';
import type { Database } from './database';
import { webhookSecretContext } from './events/webhook-endpoints';

type SealedColumn = {
  table: string;
  column: string;
  /** Names the row in `context`. */
  id: string;
  context: (id: string) => string;
};

/** Everything that is sealed with PARLEY_SECRET_KEY. */
export const sealedColumns: SealedColumn[] = [
  { table: 'channel_accounts', column: 'access_token_sealed', id: 'id', context: sealContext.accessToken },
  { table: 'channel_accounts', column: 'app_secret_sealed', id: 'id', context: sealContext.appSecret },
  { table: 'channel_accounts', column: 'verify_token_sealed', id: 'id', context: sealContext.verifyToken },
  { table: 'channel_accounts', column: 'secret_sealed', id: 'id', context: sealContext.secret },
  { table: 'webhook_endpoints', column: 'secret_sealed', id: 'id', context: webhookSecretContext },
  { table: 'webhook_endpoints', column: 'old_secret_sealed', id: 'id', context: webhookSecretContext },
  { table: 'mail_domains', column: 'dkim_key_sealed', id: 'organization_id', context: sealContext.dkim },
  { table: 'mailboxes', column: 'password_sealed', id: 'user_id', context: sealContext.mailboxPassword },
  {
    table: 'mailboxes',
    column: 'smtp_password_sealed',
    id: 'user_id',
    context: sealContext.mailboxSmtpPassword,
  },
  { table: 'mailboxes', column: 'oauth_token_sealed', id: 'user_id', context: sealContext.mailboxTokens },
];

const batch = 200;

/**
 * Seals every secret anew: with `newKey` what `oldKey` sealed. It may be run again after a break: what the new key has sealed is left alone.
 *
 * @throws DomainError where something was sealed with neither
 */
export async function rotateSecrets(
  db: Database,
  { oldKey, newKey }: { oldKey: Buffer; newKey: Buffer },
): Promise<number> {
  let count = 0;
  for (const { table, column, id, context } of sealedColumns) {
    let after = '00000000-0000-0000-0000-000000000000';
    for (;;) {
      const rows = await db.query<{ id: string; sealed: Buffer }>(
        `select ${id} as id, ${column} as sealed from ${table} where ${column} is not null and ${id} > $1 order by ${id} limit ${batch}`,
        [after],
      );
      for (const row of rows) {
        if (isSealedWith(newKey, row.sealed, context(row.id))) continue;
        const sealed = seal(newKey, opened(oldKey, row.sealed, context(row.id)), context(row.id));
        // one that was set anew meanwhile is sealed already
        const changed = await db.query(
          `update ${table} set ${column} = $2 where ${id} = $1 and ${column} = $3 returning 1`,
          [row.id, sealed, row.sealed],
        );
        count += changed.length;
      }
      if (rows.length < batch) break;
      after = rows.at(-1)!.id;
    }
  }
  return count;
}

function opened(oldKey: Buffer, sealed: Buffer, context: string): string {
  try {
    return open(oldKey, sealed, context);
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    throw new DomainError(
      'invalid',
      `${context.split(':')[0]}: it was sealed with neither key. Set PARLEY_OLD_SECRET_KEY to the one that Parley ran with. What was sealed anew by now stays so, and is left alone when this is run again.`,
    );
  }
}

function isSealedWith(key: Buffer, sealed: Buffer, context: string): boolean {
  try {
    open(key, sealed, context);
    return true;
  } catch {
    return false;
  }
}
