import { setTimeout as sleep } from 'node:timers/promises';
import { MailboxError } from '../../channels/mailbox/types';
import { SignInError, type MailSignInClient } from '../../channels/mail-sign-in/client';
import { sealContext } from '../../channels/open-account';
import type { MailProvider } from '../../domain/mail-providers';
import { open, seal } from '../../seal';
import type { Database } from '../database';
import type { MailboxIds } from './mailboxes';

/** What is kept of a sign-in, sealed. */
export type StoredTokens = { accessToken: string; refreshToken: string; expiresAt: string };

/**
 * The token that opens a user's mailbox now; it is renewed in time. `refused`: one that the mail server did not take: another is got for it.
 *
 * @throws MailboxError
 */
export type AccessToken = (ids: MailboxIds, refused?: string) => Promise<string>;

export type AccessTokenDeps = {
  db: Database;
  secretKey: Buffer;
  providers: readonly MailProvider[];
  client: MailSignInClient;
};

/** A connection that is made with it takes its time. */
const marginMs = 2 * 60_000;
/** Longer than the provider is waited for. */
const renewingMs = 20_000;
const lookEveryMs = 200;

export const sealTokens = (secretKey: Buffer, userId: string, tokens: StoredTokens): Buffer =>
  seal(secretKey, JSON.stringify(tokens), sealContext.mailboxTokens(userId));

export const openTokens = (secretKey: Buffer, userId: string, sealed: Buffer): StoredTokens =>
  JSON.parse(open(secretKey, sealed, sealContext.mailboxTokens(userId))) as StoredTokens;

/** Of all processes one renews a token, and the others wait for it: a provider may take its use by two for a theft. */
export function createAccessToken({ db, secretKey, providers, client }: AccessTokenDeps): AccessToken {
  return async (ids, refused) => {
    const giveUpAt = performance.now() + renewingMs;
    for (;;) {
      const { provider: id, sealed, tokens } = await read(ids);
      const now = await db.now();
      if (tokens.accessToken !== refused && Date.parse(tokens.expiresAt) - now.getTime() > marginMs)
        return tokens.accessToken;
      const provider = providers.find((one) => one.id === id);
      if (!provider) throw new MailboxError('sign_in_not_set_up');
      const until = await claim(ids, sealed, now);
      if (until) {
        const renewed = await renew(ids, provider, tokens, until);
        if (renewed !== undefined) return renewed;
      } else if (performance.now() > giveUpAt) throw new MailboxError('sign_in_unreachable');
      else await sleep(lookEveryMs);
    }
  };

  async function read({ organizationId, userId }: MailboxIds) {
    const [row] = await db.query<{ provider: string | null; sealed: Buffer | null }>(
      'select oauth_provider as provider, oauth_token_sealed as sealed from mailboxes where organization_id = $1 and user_id = $2',
      [organizationId, userId],
    );
    if (!row?.sealed) throw new MailboxError('sign_in_ended');
    const tokens = openTokens(secretKey, userId, row.sealed);
    return { provider: row.provider, sealed: row.sealed, tokens };
  }

  /** Undefined: another process is about it, or was since they were read. */
  async function claim(
    { organizationId, userId }: MailboxIds,
    sealed: Buffer,
    now: Date,
  ): Promise<Date | undefined> {
    const [row] = await db.query<{ until: Date }>(
      `update mailboxes set oauth_renewing_until = $3 where organization_id = $1 and user_id = $2 and oauth_token_sealed = $5
         and (oauth_renewing_until is null or oauth_renewing_until < $4) returning oauth_renewing_until as until`,
      [organizationId, userId, new Date(now.getTime() + renewingMs), now, sealed],
    );
    return row?.until;
  }

  /** Undefined: the user has signed in or out meanwhile. */
  async function renew(
    ids: MailboxIds,
    provider: MailProvider,
    tokens: StoredTokens,
    until: Date,
  ): Promise<string | undefined> {
    try {
      const { accessToken, refreshToken, expiresInMs } = await client.refresh(provider, tokens.refreshToken);
      const expiresAt = new Date((await db.now()).getTime() + expiresInMs).toISOString();
      const sealed = sealTokens(secretKey, ids.userId, {
        ...{ accessToken, expiresAt, refreshToken: refreshToken ?? tokens.refreshToken },
      });
      const kept = await db.query(
        `update mailboxes set oauth_token_sealed = $4, oauth_renewing_until = null
         where organization_id = $1 and user_id = $2 and oauth_renewing_until = $3 returning 1`,
        [ids.organizationId, ids.userId, until, sealed],
      );
      if (kept.length > 0) return accessToken;
      // who signed out meanwhile took back the one before this
      if (refreshToken !== undefined && (await isSignedOut(ids))) await client.revoke(provider, refreshToken);
      return undefined;
    } catch (error) {
      if (!(error instanceof SignInError)) throw error;
      if (error.fault === 'ended') {
        if (!(await endSignIn(ids, until, error.detail))) return undefined;
        throw new MailboxError('sign_in_ended', error.detail);
      }
      await release(ids, until);
      throw new MailboxError(
        error.fault === 'refused' ? 'sign_in_not_set_up' : 'sign_in_unreachable',
        error.detail,
      );
    }
  }

  async function isSignedOut({ organizationId, userId }: MailboxIds): Promise<boolean> {
    const found = await db.query(
      'select 1 from mailboxes where organization_id = $1 and user_id = $2 and oauth_provider is null',
      [organizationId, userId],
    );
    return found.length > 0;
  }

  async function release({ organizationId, userId }: MailboxIds, until: Date): Promise<void> {
    await db.query(
      'update mailboxes set oauth_renewing_until = null where organization_id = $1 and user_id = $2 and oauth_renewing_until = $3',
      [organizationId, userId, until],
    );
  }

  /** The user or the provider has taken it back: it is not asked with again, and stands on the settings. */
  async function endSignIn(
    { organizationId, userId }: MailboxIds,
    until: Date,
    detail: string | null,
  ): Promise<boolean> {
    return db.transact(async (tx) => {
      const over = await tx.query(
        `update mailboxes set oauth_token_sealed = null, oauth_renewing_until = null, state_reason = 'sign_in_ended', state_detail = $4,
           state = case when "fetch" then 'failing'::mailbox_state else state end,
           state_changed_at = case when state = 'failing' then state_changed_at else $5 end, updated_at = $5
         where organization_id = $1 and user_id = $2 and oauth_renewing_until = $3 returning 1`,
        [organizationId, userId, until, detail, await tx.now()],
      );
      tx.notice({ type: 'settings', organizationId });
      return over.length > 0;
    });
  }
}
