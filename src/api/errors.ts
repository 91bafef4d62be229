import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import type { Problem, UserSummary } from '../contracts/common';
import type { Database } from '../data/database';
import { fullNameSql } from '../data/sql';
import type { Actor } from '../domain/permissions';
import type { Logger } from '../logger';
import { internalProblem, isDatabaseAway, problemOf, refusalOf, unavailableProblem } from './problem';

/** Everything that nobody answered. */
export const notFoundHandler: RequestHandler = (_req, res) => {
  sendProblem(res, problemOf('not_found', { detail: 'There is nothing at this address.' }));
};

/** Turns every error into problem+json; faults of ours are logged by ids and tell nothing to the caller. */
export function errorHandler(
  db: Database,
  logger: Logger,
  onFault: ((error: unknown) => void) | undefined,
): ErrorRequestHandler {
  return (error: unknown, req: Request, res: Response, next) => {
    if (onFault && !refusalOf(error)) onFault(error);
    answerError(db, logger, error, req, res).catch(next);
  };
}

async function answerError(
  db: Database,
  logger: Logger,
  error: unknown,
  req: Request,
  res: Response,
): Promise<void> {
  const refusal = refusalOf(error);
  const actor = res.locals.actor as Actor | null | undefined;
  if (!refusal) {
    logger.error(
      {
        route: `${req.method} ${(req.route as { path?: string } | undefined)?.path ?? 'unknown'}`,
        organizationId: actor?.organizationId,
        userId: actor?.user?.id,
        apiKeyId: actor?.apiKeyId,
        // the text of an error may hold what people typed: its place is enough
        error: { name: (error as Error | null)?.name, code: (error as { code?: unknown } | null)?.code },
        stack: stackOf(error),
      },
      'request failed',
    );
  }
  if (res.headersSent) return void res.destroy();
  if (!refusal) {
    if (!isDatabaseAway(error)) return sendProblem(res, internalProblem);
    res.setHeader('Retry-After', 2);
    return sendProblem(res, unavailableProblem);
  }
  const owner =
    refusal.ownerId && actor ? await findUser(db, actor.organizationId, refusal.ownerId) : undefined;
  if (refusal.retryAfterSeconds !== undefined) res.setHeader('Retry-After', refusal.retryAfterSeconds);
  if (refusal.problem.status === 401) res.setHeader('WWW-Authenticate', 'Bearer');
  sendProblem(res, { ...refusal.problem, ...(owner && { owner }) });
}

function sendProblem(res: Response, problem: Problem): void {
  res.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

async function findUser(
  db: Database,
  organizationId: string,
  userId: string,
): Promise<UserSummary | undefined> {
  const [user] = await db.query<UserSummary>(
    `select u.id, ${fullNameSql('u')} as name, u.role from users u where u.organization_id = $1 and u.id = $2`,
    [organizationId, userId],
  );
  return user;
}

const stackOf = (error: unknown): string[] =>
  (error instanceof Error ? (error.stack ?? '') : '')
    .split('\n')
    .filter((line) => line.trimStart().startsWith('at '))
    .slice(0, 8)
    .map((line) => line.trim());
