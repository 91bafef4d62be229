import pino, { type Logger } from 'pino';

export type { Logger };

/** Structured logs carry ids, codes and counts only: never a message text, an address or a number. */
export function createLogger(process: string, level: string): Logger {
  return pino({ level, base: { process }, redact: ['req.headers', 'res.headers'] });
}
