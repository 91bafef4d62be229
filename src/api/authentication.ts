import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';
import type { Access, Scope } from '../contracts/route';
import { findApiKey } from '../data/organization/api-keys';
import type { Database } from '../data/database';
import { findActingUser } from '../data/organization/session';
import { DomainError } from '../domain/errors';
import type { Actor } from '../domain/permissions';
import { isOffice, sendingRight } from '../domain/permissions';

/** Who calls; `scopes` are an API key's, null for a session. */
export type Caller = { actor: Actor; scopes: readonly Scope[] | null };

/** The caller by API key or session; null when there is neither. A wrong key is a refusal. */
export async function authenticate(db: Database, req: Request): Promise<Caller | null> {
  const authorization = req.headers.authorization;
  if (authorization !== undefined) return byApiKey(db, authorization);
  const { userId, organizationId } = req.session ?? {};
  if (!userId || !organizationId) return null;
  const user = await findActingUser(db, { organizationId, userId });
  return user && { actor: { organizationId, user, apiKeyId: null }, scopes: null };
}

async function byApiKey(db: Database, authorization: string): Promise<Caller> {
  const secret = /^Bearer (pk_\S{20,200})$/i.exec(authorization)?.[1];
  const key = secret && (await findApiKey(db, createHash('sha256').update(secret).digest('hex')));
  if (!key) throw new DomainError('unauthenticated', 'This API key is unknown or was revoked.');
  return {
    actor: { organizationId: key.organizationId, user: null, apiKeyId: key.id },
    scopes: key.scopes,
  };
}

/** R-CRED-3: Customer Success, by the key of the configuration; compared in a time that tells nothing of it. */
export function assertOperator(req: Request, operatorKey: string | undefined): void {
  if (operatorKey === undefined) {
    throw new DomainError('not_found', 'The operator API is switched off: PARLEY_OPERATOR_KEY is not set.');
  }
  const given = /^Bearer (\S+)$/i.exec(req.headers.authorization ?? '')?.[1] ?? '';
  const digest = (text: string) => createHash('sha256').update(text).digest();
  if (timingSafeEqual(digest(given), digest(operatorKey))) return;
  throw new DomainError('unauthenticated', 'Send the operator key as a bearer token.');
}

/** R-ROLE-1: the route's own condition on role and scope. */
export function assertAccess(access: Extract<Access, { who: 'user' }>, caller: Caller): void {
  if (caller.scopes !== null) {
    if (access.scope === null) {
      throw new DomainError('scope_missing', 'This is for signed-in users only; API keys cannot call it.');
    }
    if (!caller.scopes.includes(access.scope)) {
      throw new DomainError('scope_missing', `The API key lacks the scope ${access.scope}.`);
    }
  }
  if (caller.actor.user && !hasRole(access.roles, caller.actor.user.role)) {
    throw new DomainError('not_permitted', 'Your role does not allow this.');
  }
}

/** R-CHAT-2: the user that a program names acts, with that user's role. */
export async function withActingUser(db: Database, caller: Caller, body: unknown): Promise<Caller> {
  const actingUserId = (body as { actingUserId?: unknown } | undefined)?.actingUserId;
  if (typeof actingUserId !== 'string') return caller;
  const { actor } = caller;
  if (actor.user) {
    if (actor.user.id === actingUserId.toLowerCase()) return caller;
    throw new DomainError('not_permitted', 'Only an API key may name another acting user.');
  }
  const user = await findActingUser(db, { organizationId: actor.organizationId, userId: actingUserId });
  if (!user) {
    throw new DomainError('invalid', 'The acting user is none of your active users.', {
      errors: [{ path: 'actingUserId', message: 'is none of your active users' }],
    });
  }
  return { ...caller, actor: { ...actor, user } };
}

function hasRole(
  roles: Extract<Access, { who: 'user' }>['roles'],
  role: NonNullable<Actor['user']>['role'],
): boolean {
  switch (roles) {
    case 'every':
      return true;
    case 'senders':
      return sendingRight(role) !== 'nobody';
    case 'office':
      return isOffice(role);
    case 'administrators':
      return role === 'administrator';
  }
}
