import { makeTelemetryFilterString, Runtime, type LogLevel, type LogMetadata } from '@temporalio/worker';
import type { Logger } from '../logger';

const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const;

/** What the SDK logs goes through our logger, with ids only: its errors may carry anything. */
export function installRuntime(logger: Logger): void {
  const log = (level: LogLevel, message: string, meta?: LogMetadata) =>
    logger[levels[level]](idsOf(meta), message);
  Runtime.install({
    logger: {
      log,
      trace: (message, meta) => log('TRACE', message, meta),
      debug: (message, meta) => log('DEBUG', message, meta),
      info: (message, meta) => log('INFO', message, meta),
      warn: (message, meta) => log('WARN', message, meta),
      error: (message, meta) => log('ERROR', message, meta),
    },
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
    },
    // The process decides itself what stops when.
    shutdownSignals: [],
  });
}

const kept = ['workflowId', 'runId', 'workflowType', 'activityType', 'attempt', 'taskQueue'];

function idsOf(meta: LogMetadata = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(meta).filter(([key]) => kept.includes(key)));
}
