import { createHash } from 'node:crypto';
import { DomainError } from '../domain/errors';
import type { Database, Tx } from './database';
import type { Queryable } from './sql';

/** One request under an `Idempotency-Key`, scoped to its caller and route. */
export type IdempotentRequest = {
  organizationId: string;
  /** `user:<id>` or `apiKey:<id>` */
  caller: string;
  route: string;
  key: string;
  /** Of path and body. */
  requestHash: string;
};

/** What the first request did: the answer is made again from it. */
export type FirstAnswer = { status: number; resourceId: string | null; at: Date };

/** Thrown out of a transaction that found the work already done. */
export class AlreadyAnswered extends Error {
  constructor(readonly first: FirstAnswer) {
    super('already answered');
  }
}

/** The first answer under this key, if there was one. @throws DomainError `idempotency_mismatch` for another body */
export async function findFirstAnswer(
  db: Queryable,
  request: IdempotentRequest,
): Promise<FirstAnswer | undefined> {
  const [row] = await db.query<FirstAnswer & { requestHash: string }>(
    `select status, resource_id as "resourceId", request_hash as "requestHash", created_at as at from idempotency_keys
     where organization_id = $1 and caller = $2 and route = $3 and key = $4`,
    [request.organizationId, request.caller, request.route, request.key],
  );
  if (!row) return undefined;
  if (row.requestHash !== request.requestHash) {
    throw new DomainError(
      'idempotency_mismatch',
      'This Idempotency-Key was used for another request. Use a new key for a new request.',
    );
  }
  return { status: row.status, resourceId: row.resourceId, at: row.at };
}

/**
 * The database for one idempotent command: its transaction also keeps the key, so that either both happened or neither.
 * What the transaction returns names the resource: an id, or `{ id }`, `{ messageId }`, `{ moveId }`; `created: false`
 * is remembered by status 200.
 */
export function idempotentDatabase(db: Database, request: IdempotentRequest): Database {
  let kept = false;
  return {
    ...db,
    transact: (work) =>
      kept
        ? db.transact(work)
        : db
            .transact(async (tx) => {
              await lockKey(tx, request);
              const first = await findFirstAnswer(tx, request);
              if (first) throw new AlreadyAnswered(first);
              const result = await work(tx);
              await keepAnswer(tx, request, result);
              return result;
            })
            .then((result) => {
              kept = true;
              return result;
            }),
  };
}

export const hashRequest = (path: string, body: unknown): string =>
  createHash('sha256').update(path).update('\0').update(textOf(body)).digest('base64url');

/** A body nested a hundred thousand times can be read, but not be written again. */
function textOf(body: unknown): string {
  try {
    return JSON.stringify(body) ?? '';
  } catch {
    throw new DomainError('invalid', 'The body is nested too deeply.');
  }
}

async function lockKey(tx: Tx, request: IdempotentRequest): Promise<void> {
  const [row] = await tx.query<{ locked: boolean }>(
    'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as locked',
    [[request.organizationId, request.caller, request.route, request.key].join('\n')],
  );
  if (row?.locked) return;
  throw new DomainError(
    'idempotency_in_flight',
    'A request with this Idempotency-Key is still being worked on. Ask again in a moment.',
    { retryAfterSeconds: 1 },
  );
}

async function keepAnswer(tx: Tx, request: IdempotentRequest, result: unknown): Promise<void> {
  const { resourceId, created } = readResult(result);
  await tx.query(
    `insert into idempotency_keys (organization_id, caller, route, key, request_hash, status, resource_id, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      request.organizationId,
      request.caller,
      request.route,
      request.key,
      request.requestHash,
      created === false ? 200 : 201,
      resourceId,
      await tx.now(),
    ],
  );
}

function readResult(result: unknown): { resourceId: string | null; created: unknown } {
  if (typeof result === 'string') return { resourceId: result, created: undefined };
  const { id, messageId, moveId, created } = (result ?? {}) as Record<string, unknown>;
  const resourceId = id ?? messageId ?? moveId;
  return { resourceId: typeof resourceId === 'string' ? resourceId : null, created };
}
