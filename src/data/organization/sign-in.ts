import { createHash } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { DomainError } from '../../domain/errors';
import type { Database } from '../database';

/** Failed attempts that one address may have in a quarter of an hour. */
const maxFailed = 10;
const windowMs = 15 * 60_000;

export const hashPassword = (password: string): Promise<string> => hash(password);

/** What a wrong address costs as well as a wrong password: one check of this hash. */
let dummyHash: Promise<string> | undefined;

/**
 * The user behind an address and password. An unknown address, a user without a password, a deactivated one and a wrong
 * password cannot be told apart, not by time either.
 *
 * @throws DomainError `sign_in_failed`; `rate_limited` after too many failures with one address
 */
export async function signIn(
  db: Database,
  credentials: { email: string; password: string },
): Promise<{ organizationId: string; userId: string }> {
  const key = createHash('sha256').update(credentials.email).digest('hex');
  await countAttempt(db, key);
  const [user] = await db.query<{
    organizationId: string;
    userId: string;
    passwordHash: string | null;
    active: boolean;
  }>(
    `select organization_id as "organizationId", id as "userId", password_hash as "passwordHash",
       deactivated_at is null as active
     from users where email = $1`,
    [credentials.email],
  );
  dummyHash ??= hashPassword('nobody has this password');
  // a hash that is none (of a user made by other means) fits no password
  const right = await verify(user?.passwordHash ?? (await dummyHash), credentials.password).catch(
    () => false,
  );
  if (!right || !user?.passwordHash || !user.active) {
    throw new DomainError('sign_in_failed', 'The e-mail address or the password is wrong.');
  }
  await db.query('delete from sign_in_attempts where key = $1', [key]);
  return { organizationId: user.organizationId, userId: user.userId };
}

/** Counted before the password is looked at, so that many guesses at once count each. */
async function countAttempt(db: Database, key: string): Promise<void> {
  const now = await db.now();
  const [row] = await db.query<{ failed: number; resetAt: Date }>(
    `insert into sign_in_attempts as a (key, failed, reset_at) values ($1, 1, $3)
     on conflict (key) do update set
       failed = case when a.reset_at <= $2 then 1 else a.failed + 1 end,
       reset_at = case when a.reset_at <= $2 then $3 else a.reset_at end
     returning failed, reset_at as "resetAt"`,
    [key, now, new Date(now.getTime() + windowMs)],
  );
  if (!row || row.failed <= maxFailed) return;
  throw new DomainError(
    'rate_limited',
    'Too many failed sign-ins with this address. Wait, or have a link for a new password sent.',
    { retryAfterSeconds: Math.ceil((row.resetAt.getTime() - now.getTime()) / 1000) },
  );
}
