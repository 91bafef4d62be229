import { createHash, randomBytes } from 'node:crypto';
import { DomainError } from '../../domain/errors';
import { newId, type Database, type Tx } from '../database';
import { hashPassword } from './sign-in';
import type { Queryable } from '../sql';

type Kind = 'invitation' | 'passwordReset';

const lifeMs: Record<Kind, number> = { invitation: 7 * 24 * 3600_000, passwordReset: 2 * 3600_000 };

/** A new link's secret; earlier links of the kind end. Only its hash is kept. */
export async function createUserToken(
  tx: Tx,
  facts: { organizationId: string; userId: string; kind: Kind },
): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  const now = await tx.now();
  await tx.query(
    'update user_tokens set used_at = $4 where organization_id = $1 and user_id = $2 and kind = $3 and used_at is null',
    [facts.organizationId, facts.userId, facts.kind, now],
  );
  await tx.query(
    `insert into user_tokens (organization_id, id, user_id, kind, token_hash, expires_at, created_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      facts.organizationId,
      newId(),
      facts.userId,
      facts.kind,
      hashToken(token),
      new Date(now.getTime() + lifeMs[facts.kind]),
      now,
    ],
  );
  return token;
}

/** Nobody's mailbox is filled by whoever knows the address, nor a link ended that was just sent. */
const resetEveryMs = 60_000;

/** A reset link for an active user with this address who has a password; undefined when there is none, or one was just sent. */
export async function createPasswordReset(
  db: Database,
  email: string,
): Promise<{ token: string; firstName: string; organizationId: string; userId: string } | undefined> {
  return db.transact(async (tx) => {
    const [user] = await tx.query<{ organizationId: string; userId: string; firstName: string }>(
      `select organization_id as "organizationId", id as "userId", first_name as "firstName"
       from users where email = $1 and deactivated_at is null and password_hash is not null for update`,
      [email],
    );
    if (!user) return undefined;
    const recent = await tx.query(
      `select 1 from user_tokens where organization_id = $1 and user_id = $2 and kind = 'passwordReset' and used_at is null and created_at > $3`,
      [user.organizationId, user.userId, new Date((await tx.now()).getTime() - resetEveryMs)],
    );
    if (recent.length > 0) return undefined;
    return { ...user, token: await createUserToken(tx, { ...user, kind: 'passwordReset' }) };
  });
}

export type TokenHolder = { kind: Kind; email: string; firstName: string; organization: string };

/** Whom a link is for. @throws DomainError `link_expired` when it is unknown, used or too old */
export async function findTokenHolder(db: Database, token: string): Promise<TokenHolder> {
  const [row] = await db.query<TokenHolder>(
    `select t.kind, u.email, u.first_name as "firstName", o.name as organization
     from user_tokens t
     join users u on u.organization_id = t.organization_id and u.id = t.user_id
     join organizations o on o.id = t.organization_id
     where t.token_hash = $1 and t.used_at is null and t.expires_at > $2 and u.deactivated_at is null`,
    [hashToken(token), await db.now()],
  );
  if (!row) throw expired();
  return row;
}

/** Sets the password by a link, uses up every link of the user and ends all sessions of theirs. */
export async function setPasswordByToken(
  db: Database,
  token: string,
  password: string,
): Promise<{ organizationId: string; userId: string }> {
  await findTokenHolder(db, token);
  const passwordHash = await hashPassword(password);
  return db.transact(async (tx) => {
    const now = await tx.now();
    const [user] = await tx.query<{ organizationId: string; userId: string; email: string }>(
      `update users u set password_hash = $2
       from user_tokens t
       where t.token_hash = $1 and t.used_at is null and t.expires_at > $3
         and u.organization_id = t.organization_id and u.id = t.user_id and u.deactivated_at is null
       returning u.organization_id as "organizationId", u.id as "userId", u.email`,
      [hashToken(token), passwordHash, now],
    );
    if (!user) throw expired();
    const used = await tx.query(
      `update user_tokens set used_at = $3
       where organization_id = $1 and user_id = $2 and used_at is null returning token_hash as "tokenHash"`,
      [user.organizationId, user.userId, now],
    );
    // of two requests with one link the second waits for the first, and finds nothing left
    if (!used.some((row) => (row as { tokenHash: string }).tokenHash === hashToken(token))) throw expired();
    await tx.query('delete from sign_in_attempts where key = $1', [
      createHash('sha256').update(user.email).digest('hex'),
    ]);
    await endSessionsOf(tx, user.userId);
    return { organizationId: user.organizationId, userId: user.userId };
  });
}

export async function endSessionsOf(db: Queryable, userId: string): Promise<void> {
  await db.query(`delete from sessions where sess->>'userId' = $1`, [userId]);
}

const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');

const expired = () =>
  new DomainError('link_expired', 'This link has expired or was used. Have a new one sent.');
