import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { sendMessage } from '../../src/data/messages/accept-message';
import { newId } from '../../src/data/database';
import { recordReceipts } from '../../src/data/inbound/receipt-batch';
import { cancelScheduled, scheduleMessage } from '../../src/data/scheduled/scheduled-messages';
import type { Actor } from '../../src/domain/permissions';
import { scheduledSendWorkflowId } from '../../src/domain/workflow-ids';
import { seal } from '../../src/seal';
import { createTemporalClient } from '../../src/temporal/client';
import { timeSkippingServer } from '../support/temporal';
import { eventsOf, tooManySignals } from './history';
import { waitLong } from './wait-long';
import { withWorkers } from './fixtures';
import { createWorld, dayMs, insert, type Person, type World } from './world';

jest.setTimeout(240_000);

const hour = 3_600_000;

let env: TestWorkflowEnvironment;
let world: World;
let carla: Person;
let actor: Actor;

beforeAll(async () => {
  env = await timeSkippingServer();
});
afterAll(() => env?.teardown());
beforeEach(async () => {
  world = await createWorld(env);
  carla = await world.newPerson();
  actor = { organizationId: world.organizationId, user: world.ana, apiKeyId: null };
});
afterEach(async () => {
  await world?.close();
});

const idsOf = ({ conversationId }: Person) => ({ organizationId: world.organizationId, conversationId });

async function scheduleIn(ms: number, text: string): Promise<string> {
  const sendAt = new Date((await world.db.now()).getTime() + ms).toISOString();
  const input = { sendAt, text, channels: ['whatsapp' as const] };
  return (await scheduleMessage(world.db, { actor, dayMs }, idsOf(carla), input)).id;
}

const handleOf = (batchId: string) => env.client.workflow.getHandle(scheduledSendWorkflowId(batchId));
const status = async (batchId: string) => (await handleOf(batchId).describe()).status.name;
const waitsFor = (batchId: string) =>
  waitLong(async () => (await eventsOf(handleOf(batchId))).includes('TIMER_STARTED'), { what: 'the timer' });
const ended = (batchId: string) =>
  waitLong(async () => (await status(batchId)) === 'COMPLETED', { what: 'the end of the workflow' });

it('R-SEND-7: a scheduled message goes at its time, not before, in one short workflow', async () => {
  world.relayTo(env.client);
  await carla.writes('Hello');
  await withWorkers(world, async () => {
    const [id, other] = [await scheduleIn(2 * hour, 'two hours later'), await scheduleIn(hour, 'never')];
    await waitsFor(id);
    await cancelScheduled(world.db, actor, other);
    await world.settled();
    await world.pass(2 * hour - 60_000);
    expect(carla.phone()).toEqual([]);
    await world.pass(120_000);
    await waitLong(() => carla.phone().length === 1, { what: 'the message' });
    await ended(id);
    await ended(other);
    expect(carla.phone()).toEqual(['two hours later']);
    expect(await carla.chat()).toMatchObject({ status: 'active', ownerId: world.ana.id });
    const events = await eventsOf(handleOf(id));
    expect(events.length - 8 * tooManySignals(events, 1)).toBeLessThan(25);
  });
});

it('R-SEND-7: with Temporal down at its time it goes, once, when that is back', async () => {
  const nowhere = createTemporalClient({
    address: '127.0.0.1:1',
    namespace: 'default',
    apiKey: undefined,
    tlsCertFile: undefined,
    tlsKeyFile: undefined,
    uiUrl: undefined,
  });
  const down = world.relayTo(nowhere.client);
  await carla.writes('Hello');
  const [late, tooLate] = [await scheduleIn(hour, 'late'), await scheduleIn(2 * hour, 'too late')];
  await world.pass(20 * hour);
  expect(carla.phone()).toEqual([]);
  await down.stop();
  await nowhere.close();
  // what it has tried last is due again
  await world.pass(300_000);
  world.relayTo(env.client);
  await withWorkers(world, async () => {
    await ended(late);
    await ended(tooLate);
    await waitLong(() => carla.phone().length === 2, { what: 'both messages' });
    expect([...carla.phone()].sort()).toEqual(['late', 'too late']);
  });
});

describe('R-SEND-9: a fallback', () => {
  beforeEach(async () => {
    const { db, sandbox, organizationId } = world;
    const account = sandbox.control.sms.accounts()[0]!;
    const id = newId();
    const at = await db.now();
    await db.query('update organizations set sms_in_plan = true where id = $1', [organizationId]);
    await insert(db, 'channel_accounts', {
      organizationId,
      id,
      channel: 'sms',
      name: 'SMS',
      state: 'connected',
      stateChangedAt: at,
      settings: JSON.stringify({ accountSid: account.id, sender: { from: account.number } }),
      secretSealed: seal(
        Buffer.from(world.environment.PARLEY_SECRET_KEY!, 'base64'),
        account.authToken,
        `channelAccount.secret:${id}`,
      ),
      createdAt: at,
      updatedAt: at,
    });
    world.relayTo(env.client);
    await carla.writes('Hello');
  });

  const send = (text: string): Promise<string> =>
    sendMessage(world.db, { actor, dayMs }, idsOf(carla), {
      channel: 'whatsapp',
      type: 'text',
      text,
      fallback: { channel: 'sms', afterSeconds: 7200 },
    });
  const bySms = () => world.sandbox.control.sms.messages({ number: carla.waId }).map(({ text }) => text);
  const isSent = (id: string) =>
    waitLong(
      async () =>
        (await world.db.query(`select 1 from messages where id = $1 and state = 'sent'`, [id])).length > 0,
      { what: 'the message on WhatsApp' },
    );
  const receipt = async (id: string, status: 'delivered' | 'failed') => {
    const { db, organizationId, channelAccountId } = world;
    const [message] = await db.query<{ providerId: string }>(
      'select provider_id as "providerId" from messages where id = $1',
      [id],
    );
    const error = {
      code: 131_026,
      detail: undefined,
      reason: 'provider_refused' as const,
      marksNotOnWhatsApp: false,
      declinesMarketing: false,
    };
    await recordReceipts(db, { dayMs, hashKey: (key) => key }, [
      {
        organizationId,
        channelAccountId,
        event: {
          providerId: message!.providerId,
          status,
          at: await db.now(),
          clientReference: id,
          error: status === 'failed' ? error : undefined,
        },
      },
    ]);
  };

  it('waits its time, goes by SMS where nothing was delivered, and not at all where it was', async () => {
    await withWorkers(world, async () => {
      const [lost, delivered] = [await send('lost'), await send('delivered')];
      await Promise.all([isSent(lost), isSent(delivered), waitsFor(lost), waitsFor(delivered)]);
      await receipt(delivered, 'delivered');
      await world.settled();
      await world.pass(2 * hour - 60_000);
      expect(bySms()).toEqual([]);
      await world.pass(120_000);
      await Promise.all([ended(lost), ended(delivered)]);
      await waitLong(() => bySms().length > 0, { what: 'the SMS' });
      expect(bySms()).toEqual(['lost']);
    });
  });

  it('goes at once where WhatsApp says that it failed', async () => {
    await withWorkers(world, async () => {
      const id = await send('refused');
      await Promise.all([isSent(id), waitsFor(id)]);
      await receipt(id, 'failed');
      await waitLong(() => bySms().length > 0, { what: 'the SMS' });
      await ended(id);
      expect(bySms()).toEqual(['refused']);
    });
  });
});
