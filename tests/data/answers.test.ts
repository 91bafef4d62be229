import { dispatchNext } from '../../activities/dispatch-next';
import { sendMessage } from '../../src/data/messages/accept-message';
import { dismissUnanswered } from '../../src/data/conversations/chat-commands';
import { countInbox } from '../../src/data/conversations/conversations';
import { claimNextMessage, recordSent } from '../../src/data/messages/dispatch';
import { receiveMessage, type InboundEvent } from '../../src/data/inbound/inbound';
import { readMessage } from '../../src/data/messages/message-read';
import {
  assertLedger,
  createWorld,
  dayMs,
  rowOf,
  text,
  type Company,
  type Person,
  type World,
} from '../support/company';

let world: World;
let company: Company;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  company = await world.company();
});
afterEach(() => assertLedger(world.db));

const recruiter = () => company.as(company.users.recruiter);
const answer = (person: Person) =>
  sendMessage(world.db, { actor: recruiter(), dayMs }, company.ids(person), text('An answer'));
const dispatch = (person: Person) => dispatchNext(world.deps, company.ids(person));
const refuseNext = (as: 'answer' | 'status' = 'answer') =>
  world.sandbox.misbehave(company.account.phoneNumberId, { refuse: { times: 1, code: 131026, as } });
const markOf = async (person: Person): Promise<Date | null> =>
  (await rowOf(world.db, 'conversations', person.conversationId)).unanswered_since as Date | null;
const badge = async (): Promise<number> => (await countInbox(world.db, { actor: recruiter(), dayMs })).my;

describe('R-CHAT-10: the unanswered mark', () => {
  it('comes back, with its waiting time, when the answer was refused; a second one takes it away', async () => {
    const person = await company.person();
    await company.write(person, 'Are you there?');
    const waiting = await markOf(person);
    expect([waiting === null, await badge()]).toEqual([false, 1]);
    await answer(person);
    expect([await markOf(person), await badge()]).toEqual([null, 0]);
    refuseNext();
    await dispatch(person);
    expect([await markOf(person), await badge()]).toEqual([waiting, 1]);
    await world.db.query(`update contact_points set whatsapp = 'unknown' where id = $1`, [
      person.contactPointId,
    ]);
    await answer(person);
    await dispatch(person);
    expect([await markOf(person), await badge()]).toEqual([null, 0]);
  });

  it('comes back only when every answer failed', async () => {
    const person = await company.person();
    await company.write(person, 'Are you there?');
    const waiting = await markOf(person);
    await answer(person);
    await answer(person);
    refuseNext();
    await dispatch(person);
    expect(await markOf(person)).toBeNull();
    refuseNext();
    await dispatch(person);
    expect(await markOf(person)).toEqual(waiting);
  });

  it('comes back when a webhook tells of the failure', async () => {
    const person = await company.person();
    await company.write(person, 'Are you there?');
    const waiting = await markOf(person);
    await answer(person);
    refuseNext('status');
    await dispatch(person);
    await world.settled();
    expect(await markOf(person)).toEqual(waiting);
  });

  it('stays away when nothing was answered, or it was dismissed', async () => {
    const person = await company.person();
    await company.write(person, 'Thank you');
    await dismissUnanswered(world.db, { actor: recruiter(), dayMs }, company.ids(person));
    await answer(person);
    refuseNext();
    await dispatch(person);
    expect(await markOf(person)).toBeNull();
  });
});

const receiptContext = () => ({
  channel: 'whatsapp' as const,
  organizationId: company.organizationId,
  channelAccountId: company.account.id,
  dayMs,
  hashKey: world.hashKey,
});
const receive = async (person: Person, providerId: string, content: InboundEvent['content']) =>
  receiveMessage(world.db, receiptContext(), {
    type: 'message',
    providerId,
    from: person.waId,
    at: await world.db.now(),
    content,
    raw: {},
  } as unknown as InboundEvent);
const reactionsOf = async (messageId: string) =>
  (await readMessage(world.db, recruiter(), messageId)).reactions;

describe('a reaction before its message', () => {
  it('waits for one of the person', async () => {
    const person = await company.person();
    await receive(person, 'wamid.r1', { kind: 'reaction', targetProviderId: 'wamid.late', emoji: '👍' });
    await receive(person, 'wamid.r2', { kind: 'reaction', targetProviderId: 'wamid.late', emoji: '❤️' });
    const { messageId } = await receive(person, 'wamid.late', { kind: 'text', body: 'Hello' });
    expect(await reactionsOf(messageId!)).toMatchObject([{ by: 'person', emoji: '❤️' }]);
    expect(await world.db.query('select 1 from parked_reactions')).toEqual([]);
  });

  it('waits for one of ours that the provider has, and Parley does not know yet', async () => {
    const person = await company.person();
    await company.write(person, 'Hello');
    const messageId = await answer(person);
    const claim = await claimNextMessage(world.db, company.ids(person), {
      ...world.deps,
      callTimeoutMs: 1000,
    });
    if (claim.kind !== 'send') throw new Error('nothing to send');
    await receive(person, 'wamid.r3', { kind: 'reaction', targetProviderId: 'wamid.ours', emoji: '🎉' });
    await recordSent(world.db, company.ids(person), world.deps, {
      messageId,
      attemptToken: claim.message.attemptToken,
      channelAccountId: company.account.id,
      providerId: 'wamid.ours',
      waId: undefined,
      goesOn: false,
    });
    expect(await reactionsOf(messageId)).toMatchObject([{ by: 'person', emoji: '🎉' }]);
  });
});
