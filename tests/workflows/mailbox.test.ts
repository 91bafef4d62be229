import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { MailActivities } from '../../activities/mail';
import { wakeMailbox } from '../../src/data/mailboxes/mailboxes';
import { mailboxWorkflowId } from '../../src/domain/workflow-ids';
import { timeSkippingServer } from '../support/temporal';
import { withWorkers } from './fixtures';
import { waitLong } from './wait-long';
import { createWorld, type World } from './world';

jest.setTimeout(120_000);

let env: TestWorkflowEnvironment;
let world: World;

beforeAll(async () => {
  env = await timeSkippingServer();
});
afterAll(() => env?.teardown());
beforeEach(async () => {
  world = await createWorld(env);
  world.relayTo(env.client);
});
afterEach(() => world?.close());

it('a mailbox is looked into when it is woken and when it is due, until nothing is to be fetched any more', async () => {
  const looks: { userId: string; at: number }[] = [];
  let next: number | null = 600_000;
  const ids = { organizationId: world.organizationId, userId: world.ana.id };
  const syncMailbox: MailActivities['syncMailbox'] = async ({ userId }) => {
    const at = await env.currentTimeMs();
    looks.push({ userId, at });
    return { nextDueAt: next === null ? null : new Date(at + next).toISOString() };
  };
  const wake = () => world.db.transact((tx) => wakeMailbox(tx, ids));
  // more than were asked for where Temporal was told twice, as it may be
  const looksMore = (before: number) => waitLong(() => looks.length > before, { what: `look ${before + 1}` });
  await withWorkers({ ...world, activities: { ...world.activities, syncMailbox } as never }, async () => {
    await wake();
    await looksMore(0);
    await wake();
    await looksMore(1);
    await world.settled();
    const before = looks.length;
    await world.pass(601_000);
    await looksMore(before);
    expect(looks[before]!.at - looks[before - 1]!.at).toBeGreaterThanOrEqual(600_000);
    next = null;
    await wake();
    await waitLong(
      async () =>
        (await env.client.workflow.getHandle(mailboxWorkflowId(ids.userId)).describe()).status.name ===
        'COMPLETED',
      { what: 'the end' },
    );
  });
  expect(new Set(looks.map(({ userId }) => userId))).toEqual(new Set([ids.userId]));
});
