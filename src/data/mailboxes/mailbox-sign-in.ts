import { createHash } from 'node:crypto';
import type { MailTokens } from '../../channels/mail-sign-in/client';
import type { Mailbox, MailboxType } from '../../contracts/mailboxes';
import { DomainError } from '../../domain/errors';
import type { MailProvider, MailProviderId } from '../../domain/mail-providers';
import type { Actor } from '../../domain/permissions';
import { SealError } from '../../seal';
import type { Database } from '../database';
import { writeAudit } from '../organization/audit';
import { openTokens, sealTokens } from './access-token';
import {
  assertUser,
  beginAnew,
  facts,
  forgetFolders,
  lockMailbox,
  readMailbox,
  type MailboxContext,
  type MailboxIds,
  type StoredMailbox,
} from './mailboxes';

const sendsBySignIn = ({ provider, smtpUsername, smtpPasswordSealed }: StoredMailbox): boolean =>
  provider !== null && smtpUsername !== null && smtpPasswordSealed === null;

const hashOf = (state: string): string => createHash('sha256').update(state).digest('hex');

/** One sign-in is under way at a time: the one that was begun last. @returns the address that the user is likely to sign in with */
export async function beginSignIn(db: Database, ids: MailboxIds, state: string): Promise<string | null> {
  return db.transact(async (tx) => {
    const { username } = await lockMailbox(tx, ids, await tx.now());
    const [row] = await tx.query<{ address: string | null }>(
      `update mailboxes set oauth_state = $3 where organization_id = $1 and user_id = $2 returning from_address as address`,
      [ids.organizationId, ids.userId, hashOf(state)],
    );
    return username ?? row!.address;
  });
}

/** Whether it is the one under way; it is none any more. */
export async function takeSignIn(
  db: Database,
  { organizationId, userId }: MailboxIds,
  state: string,
): Promise<boolean> {
  const taken = await db.query(
    'update mailboxes set oauth_state = null where organization_id = $1 and user_id = $2 and oauth_state = $3 returning 1',
    [organizationId, userId, hashOf(state)],
  );
  return taken.length > 0;
}

export type SignedIn = {
  provider: MailProvider;
  type: MailboxType;
  address: string;
  tokens: MailTokens & { refreshToken: string };
};

/**
 * The user has signed in: their mail is fetched from the provider's server, and sent over it. Signed in again with the same account,
 * nothing else changes.
 */
export async function saveSignIn(
  db: Database,
  context: MailboxContext & { actor: Actor },
  userId: string,
  { provider, type, address, tokens }: SignedIn,
): Promise<void> {
  const { actor, secretKey } = context;
  const ids = { organizationId: actor.organizationId, userId };
  const server = provider.incoming[type];
  if (!server) throw new DomainError('conflict', `${provider.name} is not set up for this type of mailbox.`);
  await db.transact(async (tx) => {
    await assertUser(tx, ids);
    const now = await tx.now();
    const stored = await lockMailbox(tx, ids, now);
    const before = await readMailbox(tx, context, ids);
    const sameAccount = stored.kind === type && stored.host === server.host && stored.username === address;
    const again = sameAccount && stored.provider === provider.id;
    await tx.query(
      `update mailboxes set kind = $3::mailbox_kind, host = $4, port = $5, security = $6, username = $7, password_sealed = null,
         oauth_provider = $8, oauth_token_sealed = $9, oauth_renewing_until = null, "fetch" = "fetch" or not $10,
         keep_copy = keep_copy or $3::mailbox_kind = 'imap',
         remove_after_days = case when $3::mailbox_kind = 'pop' then remove_after_days end, updated_at = $11
       where organization_id = $1 and user_id = $2`,
      [
        ...[ids.organizationId, userId, type, server.host, server.port, server.security, address],
        provider.id,
        sealTokens(secretKey, userId, {
          accessToken: tokens.accessToken,
          refreshToken: tokens.refreshToken,
          expiresAt: new Date(now.getTime() + tokens.expiresInMs).toISOString(),
        }),
        again,
        now,
      ],
    );
    // another server of their own for sending stays
    if (!again && (stored.smtpHost === null || sendsBySignIn(stored))) {
      const { host = null, port = null, security = 'tls' } = provider.outgoing ?? {};
      await tx.query(
        `update mailboxes set smtp_host = $3, smtp_port = $4, smtp_security = $5, smtp_username = case when $3::text is not null then $6 end,
           from_address = case when $3::text is not null then coalesce(from_address, $6) else from_address end
         where organization_id = $1 and user_id = $2`,
        [ids.organizationId, userId, host, port, security, address],
      );
    }
    if (!sameAccount) await forgetFolders(tx, ids);
    await beginAnew(tx, ids, now);
    await writeAudit(tx, actor, {
      action: 'mailbox.signedIn',
      target: 'user',
      targetId: userId,
      before: facts(before),
      after: facts(await readMailbox(tx, context, ids)),
    });
    tx.notice({ type: 'settings', organizationId: ids.organizationId });
  });
}

export type StoredSignIn = {
  provider: MailProviderId;
  account: string | null;
  /** Null: it has ended. */
  sealed: Buffer | null;
  /** Null also where it cannot be opened. */
  refreshToken: string | null;
};

/** What there is to take back at the provider; undefined: nobody is signed in. */
export async function readSignIn(
  db: Database,
  { secretKey }: MailboxContext,
  ids: MailboxIds,
): Promise<StoredSignIn | undefined> {
  await assertUser(db, ids);
  const [row] = await db.query<Omit<StoredSignIn, 'refreshToken'>>(
    `select oauth_provider as provider, username as account, oauth_token_sealed as sealed from mailboxes
     where organization_id = $1 and user_id = $2 and oauth_provider is not null`,
    [ids.organizationId, ids.userId],
  );
  return row && { ...row, refreshToken: row.sealed && refreshTokenIn(secretKey, ids.userId, row.sealed) };
}

/** One who cannot be taken back can still be forgotten. */
function refreshTokenIn(secretKey: Buffer, userId: string, sealed: Buffer): string | null {
  try {
    return openTokens(secretKey, userId, sealed).refreshToken;
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    return null;
  }
}

/**
 * The tokens are forgotten, and nothing is fetched any more. Server and user name stay, for a password. `sealed`: those that were taken back at
 * the provider. @returns undefined: there are others meanwhile
 */
export async function signOutMailbox(
  db: Database,
  context: MailboxContext & { actor: Actor },
  userId: string,
  sealed: Buffer | null,
): Promise<Mailbox | undefined> {
  const { actor } = context;
  const ids = { organizationId: actor.organizationId, userId };
  return db.transact(async (tx) => {
    await assertUser(tx, ids);
    const now = await tx.now();
    const stored = await lockMailbox(tx, ids, now);
    const before = await readMailbox(tx, context, ids);
    if (stored.provider === null) return before;
    const forgotten = await tx.query(
      `update mailboxes set oauth_provider = null, oauth_token_sealed = null, oauth_renewing_until = null, "fetch" = false, updated_at = $3
       where organization_id = $1 and user_id = $2 and oauth_token_sealed is not distinct from $4 returning 1`,
      [ids.organizationId, userId, now, sealed],
    );
    if (forgotten.length === 0) return undefined;
    // what was sent with the same sign-in leaves by the server of this installation
    if (sendsBySignIn(stored))
      await tx.query(
        `update mailboxes set smtp_host = null, smtp_port = null, smtp_security = 'tls', smtp_username = null
         where organization_id = $1 and user_id = $2`,
        [ids.organizationId, userId],
      );
    await beginAnew(tx, ids, now);
    const after = await readMailbox(tx, context, ids);
    await writeAudit(tx, actor, {
      action: 'mailbox.signedOut',
      target: 'user',
      targetId: userId,
      before: facts(before),
      after: facts(after),
    });
    tx.notice({ type: 'settings', organizationId: ids.organizationId });
    return after;
  });
}
