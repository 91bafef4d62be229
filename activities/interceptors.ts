import { activityInfo, ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import { ChannelError } from '../src/channels/channel-error';
import { DomainError } from '../src/domain/errors';
import type { Logger } from '../src/logger';

/**
 * Failures that reach Temporal hold code and ids only: a message of an error may quote what somebody wrote. What a DomainError
 * refuses stays refused and is not tried again; all else is a fault of ours or of the provider's and is.
 */
export function createFailureInterceptor(logger: Logger): ActivityInboundCallsInterceptor {
  return {
    async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>) {
      try {
        return await next(input);
      } catch (error) {
        if (error instanceof ApplicationFailure || error instanceof CancelledFailure) throw error;
        const failure = toFailure(error, idsOf(input.args));
        const { activityType, attempt, workflowExecution } = activityInfo();
        const facts = {
          code: failure.type,
          activityType,
          attempt,
          workflowId: workflowExecution?.workflowId,
        };
        logger.error({ ...facts, stack: framesOf(error) }, 'an activity failed');
        throw failure;
      }
    },
  };
}

function toFailure(error: unknown, ids: Record<string, string>): ApplicationFailure {
  const code = codeOf(error);
  return ApplicationFailure.create({
    type: code,
    message: code,
    nonRetryable:
      error instanceof DomainError || (error instanceof ChannelError && error.errorClass === 'permanent'),
    details: [ids],
  });
}

/** Our own codes, PostgreSQL's SQLSTATE, the system's ECONNREFUSED, else the error's class. */
function codeOf(error: unknown): string {
  if (error instanceof ChannelError) return `${error.errorClass}:${error.reason}`;
  if (!(error instanceof Error)) return 'unknown';
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : error.name;
}

/** Every activity takes one object of ids. */
function idsOf(args: unknown[]): Record<string, string> {
  const first = args[0];
  if (typeof first !== 'object' || first === null) return {};
  return Object.fromEntries(
    Object.entries(first).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** Where it happened, without the message. */
function framesOf(error: unknown): string[] {
  const lines = error instanceof Error ? (error.stack ?? '').split('\n') : [];
  return lines.filter((line) => /^\s+at /.test(line)).map((line) => line.trim());
}
