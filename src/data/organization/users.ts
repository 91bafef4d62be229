import type { Role } from '../../contracts/common';
import type { User } from '../../contracts/users';
import { DomainError, notFound } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import { writeAudit } from './audit';
import { releaseChatsOf } from '../conversations/chat-commands';
import { giveMailNames } from '../mail/mail-names';
import { newId, type Database, type Tx } from '../database';
import { createParams, fullNameSql, type Queryable } from '../sql';
import { createUserToken, endSessionsOf } from './user-tokens';

const confidentialBy = (way: 'incoming' | 'outgoing'): string =>
  `exists (select 1 from mailboxes b where b.organization_id = u.organization_id and b.user_id = u.id and b.${way}_confidential)`;

const columns = `u.id, u.email, u.first_name as "firstName", u.last_name as "lastName", ${fullNameSql('u')} as name,
  u.role, u.access_to_own_base as "accessToOwnBase", u.phone,
  ${confidentialBy('incoming')} as "incomingConfidential", ${confidentialBy('outgoing')} as "outgoingConfidential",
  case when u.deactivated_at is not null then 'deactivated' when u.password_hash is null then 'invited' else 'active' end as state`;

export async function listUsers(db: Database, organizationId: string): Promise<User[]> {
  return db.query<User>(
    `select ${columns} from users u where u.organization_id = $1 order by lower(u.first_name), lower(u.last_name), u.id`,
    [organizationId],
  );
}

export async function getUser(db: Queryable, organizationId: string, userId: string): Promise<User> {
  const [user] = await db.query<User>(
    `select ${columns} from users u where u.organization_id = $1 and u.id = $2`,
    [organizationId, userId],
  );
  if (!user) throw notFound('user');
  return user;
}

export type NewUser = {
  email: string;
  firstName: string;
  lastName: string;
  role: Role;
  accessToOwnBase: boolean;
};

/** A user who has still to set a password, with the secret of the invitation. */
export async function inviteUser(
  db: Database,
  actor: Actor,
  input: NewUser,
): Promise<{ id: string; token: string }> {
  return db.transact(async (tx) => {
    const id = newId();
    const created = await tx.query(
      `insert into users (organization_id, id, email, first_name, last_name, role, access_to_own_base, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (email) do nothing returning id`,
      [
        actor.organizationId,
        id,
        input.email,
        input.firstName,
        input.lastName,
        input.role,
        input.accessToOwnBase,
        await tx.now(),
      ],
    );
    if (created.length === 0) {
      throw new DomainError('already_exists', 'There is a user with this e-mail address already.', {
        errors: [{ path: 'email', message: 'is used by another user' }],
      });
    }
    await giveMailNames(tx, actor.organizationId);
    await writeAudit(tx, actor, { action: 'user.invited', target: 'user', targetId: id, after: input });
    tx.notice({ type: 'settings', organizationId: actor.organizationId });
    const token = await createUserToken(tx, {
      organizationId: actor.organizationId,
      userId: id,
      kind: 'invitation',
    });
    return { id, token };
  });
}

/** A new invitation for somebody who has set no password yet; the earlier link ends. */
export async function renewInvitation(
  db: Database,
  actor: Actor,
  userId: string,
): Promise<{ user: User; token: string }> {
  return db.transact(async (tx) => {
    const user = await getUser(tx, actor.organizationId, userId);
    if (user.state !== 'invited') {
      throw new DomainError('conflict', 'This user has no open invitation.');
    }
    const token = await createUserToken(tx, {
      organizationId: actor.organizationId,
      userId,
      kind: 'invitation',
    });
    return { user, token };
  });
}

export type UserChange = {
  firstName?: string;
  lastName?: string;
  role?: Role;
  accessToOwnBase?: boolean;
  phone?: string | null;
  incomingConfidential?: boolean;
  outgoingConfidential?: boolean;
};

export async function changeUser(
  db: Database,
  actor: Actor,
  userId: string,
  change: UserChange,
): Promise<User> {
  return db.transact(async (tx) => {
    const before = await lockUser(tx, actor.organizationId, userId);
    const isAdministrator = before.role === 'administrator' && before.state !== 'deactivated';
    if (isAdministrator && change.role !== undefined && change.role !== 'administrator') {
      await assertOtherAdministrator(tx, actor.organizationId, userId);
    }
    const params = createParams(actor.organizationId, userId);
    const sets = Object.entries({
      first_name: change.firstName,
      last_name: change.lastName,
      role: change.role,
      access_to_own_base: change.accessToOwnBase,
      phone: change.phone,
    })
      .filter(([, value]) => value !== undefined)
      .map(([column, value]) => `${column} = ${params.add(value)}`);
    if (sets.length > 0)
      await tx.query(
        `update users set ${sets.join(', ')} where organization_id = $1 and id = $2`,
        params.values,
      );
    await setConfidential(tx, actor.organizationId, userId, change);
    const after = await getUser(tx, actor.organizationId, userId);
    await writeAudit(tx, actor, { action: 'user.changed', target: 'user', targetId: userId, before, after });
    tx.notice({ type: 'settings', organizationId: actor.organizationId });
    return after;
  });
}

/** R-CONF-3: for the mail that comes or is sent from now on. */
async function setConfidential(
  tx: Tx,
  organizationId: string,
  userId: string,
  { incomingConfidential, outgoingConfidential }: UserChange,
): Promise<void> {
  if (incomingConfidential === undefined && outgoingConfidential === undefined) return;
  await tx.query(
    `insert into mailboxes as b (organization_id, user_id, incoming_confidential, outgoing_confidential, state_changed_at, created_at, updated_at)
     values ($1, $2, coalesce($3, false), coalesce($4, false), $5, $5, $5)
     on conflict (organization_id, user_id) do update set incoming_confidential = coalesce($3, b.incoming_confidential),
       outgoing_confidential = coalesce($4, b.outgoing_confidential), updated_at = $5`,
    [organizationId, userId, incomingConfidential ?? null, outgoingConfidential ?? null, await tx.now()],
  );
}

/** R-CHAT-8: people and chats go to the successor; sessions and links end with the user. */
export async function deactivateUser(
  db: Database,
  actor: Actor,
  facts: { userId: string; successorId: string | null; dayMs: number },
): Promise<User> {
  const { organizationId } = actor;
  return db.transact(async (tx) => {
    const before = await lockUser(tx, organizationId, facts.userId);
    if (before.state === 'deactivated') return before;
    if (before.role === 'administrator') await assertOtherAdministrator(tx, organizationId, facts.userId);
    if (facts.successorId !== null) await assertSuccessor(tx, organizationId, facts);
    await releaseChatsOf(tx, facts.dayMs, {
      organizationId,
      userId: facts.userId,
      successorId: facts.successorId,
      actorUserId: actor.user?.id ?? null,
    });
    const now = await tx.now();
    await tx.query(
      'update users set deactivated_at = $3, successor_id = $4 where organization_id = $1 and id = $2',
      [organizationId, facts.userId, now, facts.successorId],
    );
    await tx.query(
      'update user_tokens set used_at = $3 where organization_id = $1 and user_id = $2 and used_at is null',
      [organizationId, facts.userId, now],
    );
    await endSessionsOf(tx, facts.userId);
    await writeAudit(tx, actor, {
      action: 'user.deactivated',
      target: 'user',
      targetId: facts.userId,
      after: { successorId: facts.successorId },
    });
    tx.notice({ type: 'settings', organizationId });
    return getUser(tx, organizationId, facts.userId);
  });
}

/** @throws DomainError `invalid` naming `path` when one of them is no active user of the organization */
export async function assertActiveUsers(
  db: Queryable,
  organizationId: string,
  userIds: readonly string[],
  path: string,
): Promise<void> {
  const distinct = [...new Set(userIds)];
  if (distinct.length === 0) return;
  const found = await db.query(
    'select id from users where organization_id = $1 and id = any($2::uuid[]) and deactivated_at is null',
    [organizationId, distinct],
  );
  if (found.length === distinct.length) return;
  throw new DomainError('invalid', 'Some fields are missing or wrong.', {
    errors: [{ path, message: 'is none of your active users' }],
  });
}

async function lockUser(tx: Tx, organizationId: string, userId: string): Promise<User> {
  await tx.query('select 1 from users where organization_id = $1 and id = $2 for update', [
    organizationId,
    userId,
  ]);
  return getUser(tx, organizationId, userId);
}

/** Locks the Administrators, so that two of them cannot remove each other at once. */
async function assertOtherAdministrator(tx: Tx, organizationId: string, userId: string): Promise<void> {
  const others = await tx.query(
    `select id from users where organization_id = $1 and role = 'administrator' and deactivated_at is null
       and password_hash is not null and id <> $2 order by id for update`,
    [organizationId, userId],
  );
  if (others.length > 0) return;
  throw new DomainError(
    'last_administrator',
    'This is the last Administrator who can sign in. Make somebody else an Administrator first.',
  );
}

async function assertSuccessor(
  tx: Tx,
  organizationId: string,
  facts: { userId: string; successorId: string | null },
): Promise<void> {
  if (facts.successorId === facts.userId) {
    throw new DomainError('invalid', 'Some fields are missing or wrong.', {
      errors: [{ path: 'successorId', message: 'is the user who leaves' }],
    });
  }
  const successor = await getUser(tx, organizationId, facts.successorId!).catch(() => undefined);
  const may = successor && ['administrator', 'supervisor', 'recruiter'].includes(successor.role);
  if (may && successor.state !== 'deactivated') return;
  throw new DomainError('invalid', 'Some fields are missing or wrong.', {
    errors: [
      { path: 'successorId', message: 'is none of your active Administrators, Supervisors and Recruiters' },
    ],
  });
}
