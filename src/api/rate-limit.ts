import type { Request, Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import { DomainError } from '../domain/errors';
import { settled } from './settled';

/** Counts the failed sign-ins and link uses of an IP address; rejects with `rate_limited` when there were too many. */
export function createSignInLimit(limit = 50): (req: Request, res: Response) => Promise<void> {
  return createLimit({ limit, skipSuccessfulRequests: true });
}

/** Counts the applications that come from an IP address. */
export function createApplicationLimit(limit = 20): (req: Request, res: Response) => Promise<void> {
  return createLimit({ limit, skipSuccessfulRequests: false });
}

/** Counts what is done under one key, such as a candidate page, in place of an IP address. */
export function createKeyLimit(
  limit: number,
  keyOf: (req: Request) => string,
): (req: Request, res: Response) => Promise<void> {
  return createLimit({ limit, skipSuccessfulRequests: false, keyGenerator: keyOf });
}

function createLimit(options: {
  limit: number;
  skipSuccessfulRequests: boolean;
  keyGenerator?: (req: Request) => string;
}): (req: Request, res: Response) => Promise<void> {
  const windowMs = 15 * 60_000;
  const limiter = rateLimit({
    windowMs,
    ...options,
    standardHeaders: false,
    legacyHeaders: false,
    handler: (req, _res, next) => {
      const resetTime = (req as { rateLimit?: { resetTime?: Date } }).rateLimit?.resetTime;
      const waitMs = resetTime ? resetTime.getTime() - Date.now() : windowMs;
      next(
        new DomainError(
          'rate_limited',
          `Too many attempts${options.keyGenerator ? '' : ' from this network'}. Wait, then try again.`,
          { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) },
        ),
      );
    },
  });
  return (req, res) =>
    new Promise((resolve, reject) => {
      void limiter(req, res, settled(resolve, reject));
    });
}
