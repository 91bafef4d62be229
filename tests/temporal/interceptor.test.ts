import { ApplicationFailure } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createFailureInterceptor } from '../../activities/interceptors';
import { ChannelError } from '../../src/channels/channel-error';
import { DomainError } from '../../src/domain/errors';
import { createLogger } from '../../src/logger';
import { quietLogger } from '../support/quiet-logger';

const ids = { organizationId: 'o', conversationId: 'c' };

async function failureOf(error: Error): Promise<ApplicationFailure> {
  const interceptor = createFailureInterceptor(createLogger('test', 'silent'));
  const environment = new MockActivityEnvironment({}, { logger: quietLogger });
  const run = () => interceptor.execute!({ args: [ids], headers: {} }, () => Promise.reject(error));
  return environment.run(run).then(
    () => {
      throw new Error('it did not fail');
    },
    (failure: unknown) => failure as ApplicationFailure,
  );
}

it('tells Temporal code and ids, never the words of an error', async () => {
  const quoting = Object.assign(new Error('duplicate key: carla@example.org'), { code: '23505' });
  const failure = await failureOf(quoting);
  expect(failure).toBeInstanceOf(ApplicationFailure);
  expect(failure).toMatchObject({ type: '23505', message: '23505', nonRetryable: false, details: [ids] });
  expect(failure.cause).toBeUndefined();
  expect(`${failure.stack}`).not.toContain('carla');
});

it('does not try again what the rules refuse', async () => {
  expect(await failureOf(new DomainError('not_found', 'There is no such thing.'))).toMatchObject({
    type: 'not_found',
    nonRetryable: true,
  });
});

it('tries again what a provider may still take, and not what it never will', async () => {
  const transient = new ChannelError({
    errorClass: 'transient',
    reason: 'provider_unavailable',
    detail: 'Ada',
  });
  expect(await failureOf(transient)).toMatchObject({
    type: 'transient:provider_unavailable',
    nonRetryable: false,
  });
  const permanent = new ChannelError({ errorClass: 'permanent', reason: 'template_mismatch' });
  expect(await failureOf(permanent)).toMatchObject({ nonRetryable: true });
});
