import { dispatchNext } from '../../activities/dispatch-next';
import { runBulkSend, type BatchSizes } from '../../activities/run-bulk-send';
import { sealContext } from '../../src/channels/open-account';
import type { BulkSendDetail, BulkSendInput } from '../../src/contracts/sends';
import { newId } from '../../src/data/database';
import { changeBulkSend, createBulkSend, readBulkSend } from '../../src/data/bulk/bulk-sends';
import { outcomeSql, recipientTables } from '../../src/data/bulk/bulk-outcome';
import { listBulkRecipients, readBulkSendDetail } from '../../src/data/bulk/bulk-recipients';
import { acceptUnattended, sendMessage } from '../../src/data/messages/accept-message';
import { claimBatch } from '../../src/data/bulk/bulk-batch';
import { recordReceipts } from '../../src/data/inbound/receipt-batch';
import { settleMessage } from '../../src/data/messages/settle-message';
import { mergePeople } from '../../src/data/people/merge-people';
import { addOptOut } from '../../src/data/people/opt-outs';
import { previewSend } from '../../src/data/bulk/send-preview';
import { resumeAfterTopUp } from '../../src/data/bulk/bulk-sends';
import { seal } from '../../src/seal';
import type { Company, Person, World } from '../support/company';
import { createWorld, dayMs, secretKey, template, timelineOf, type Deps } from '../support/company';

let world: World;
let company: Company;
beforeAll(async () => void (world = await createWorld()));
afterAll(() => world.close());
beforeEach(async () => void (company = await world.company()));

const send = async (input: Partial<BulkSendInput>, who = company.users.administrator): Promise<string> =>
  (await createBulkSend(world.db, company.as(who), { channels: ['whatsapp'], ...input })).id;
/** Turns, as its workflow has them: what a machine that stood still has put back is due again at once. */
async function run(
  bulkSendId: string,
  { sizes, deps = world.deps }: { sizes?: BatchSizes; deps?: Deps } = {},
): Promise<{ nextDueAt: string | null }> {
  for (;;) {
    const ids = { organizationId: company.organizationId, bulkSendId };
    const turn = await runBulkSend(deps, ids, () => undefined, sizes);
    if (turn.nextDueAt === null || Date.parse(turn.nextDueAt) > world.clock.now().getTime()) return turn;
  }
}
/** Done before each batch is claimed. */
function beforeEachBatch(work: () => Promise<unknown> | undefined): Deps {
  const { limits } = world.deps;
  const lease: typeof limits.rate.lease = async (...ask) => {
    await work();
    return limits.rate.lease(...ask);
  };
  return { ...world.deps, limits: { ...limits, rate: { ...limits.rate, lease } } };
}
/** What is kept of it, which is what a count of its recipients and their messages gives. */
async function read(id: string): Promise<BulkSendDetail> {
  const kept = await readBulkSendDetail(world.db, company.as(company.users.administrator), id);
  const rows = await world.db.query<{
    outcome: string;
    reason: string | null;
    people: number;
    credits: number;
  }>(
    `select ${outcomeSql} as outcome, coalesce(m.reason, r.reason) as reason, count(*)::int as people,
       coalesce(sum(m.credits), 0)::int as credits ${recipientTables} where r.bulk_send_id = $1 group by 1, 2`,
    [id],
  );
  const sumOf = (what: 'people' | 'credits', ...outcomes: string[]) =>
    rows.reduce((sum, row) => sum + (outcomes.includes(row.outcome) ? row[what] : 0), 0);
  const outcomes = ['waiting', 'sent', 'unknown', 'suppressed', 'failed', 'cancelled'];
  const byReason = new Map<string, number>();
  for (const { reason, people } of rows)
    if (reason !== null) byReason.set(reason, (byReason.get(reason) ?? 0) + people);
  expect(kept.counts).toEqual({
    planned: sumOf('people', ...outcomes),
    ...Object.fromEntries(outcomes.map((outcome) => [outcome, sumOf('people', outcome)])),
  });
  expect(kept.credits).toBe(sumOf('credits', 'waiting', 'sent', 'unknown'));
  expect(new Map(kept.reasons.map(({ code, count }) => [code, count]))).toEqual(byReason);
  return kept;
}
async function connectSms(): Promise<void> {
  const account = world.sandbox.sms.accounts()[0]!;
  const id = newId();
  await world.db.query(
    `insert into channel_accounts (organization_id, id, channel, name, state, state_changed_at, settings, secret_sealed, created_at, updated_at)
     values ($1, $2, 'sms', 'SMS', 'connected', now(), $3, $4, now(), now())`,
    [
      company.organizationId,
      id,
      { accountSid: account.id, sender: { from: account.number } },
      seal(secretKey, account.authToken, sealContext.secret(id)),
    ],
  );
}
const idsOf = (people: Person[]): string[] => people.map((person) => person.id);

function assertSum({ counts }: Awaited<ReturnType<typeof read>>): void {
  const { planned, ...rest } = counts;
  expect(Object.values(rest).reduce((sum, count) => sum + count, 0)).toBe(planned);
}

it('R-SEND-6: what the preview says is what happens, by reason, and the sum holds at every moment', async () => {
  const templateId = await company.template();
  const people = await company.people(12);
  const without = await company.people(3, { consent: false });
  const personIds = idsOf([...people, ...without]);
  const actor = company.as(company.users.administrator);
  const preview = await previewSend(
    world.db,
    { actor, dayMs },
    { channels: ['whatsapp'], templateId, personIds },
  );
  expect(preview).toMatchObject({
    recipients: 15,
    channels: [
      { channel: 'whatsapp', willSend: 12, credits: 12, reasons: [{ code: 'no_consent', count: 3 }] },
    ],
  });
  const id = await send({ templateId, personIds });
  assertSum(await read(id));
  expect((await read(id)).counts).toMatchObject({ planned: 15, waiting: 15 });
  expect(await run(id)).toEqual({ nextDueAt: null });
  const done = await read(id);
  assertSum(done);
  expect(done).toMatchObject({
    channels: ['whatsapp'],
    state: 'finished',
    counts: { sent: 12, suppressed: 3, waiting: 0 },
    credits: 12,
  });
  const { items } = await listBulkRecipients(world.db, actor, id, { limit: 50, outcome: 'suppressed' });
  expect(items.map(({ reason }) => reason)).toEqual(['no_consent', 'no_consent', 'no_consent']);
  expect(await company.balance()).toBe(1000 - 12);
});

it('R-CHAT-13: who was merged gets it as the other, and once where both are meant, however the merge fell', async () => {
  const templateId = await company.template();
  const people = await company.people(5);
  const [one, twin, gone, stays, late] = people;
  const actor = company.as(company.users.administrator);
  const merge = (from: Person, into: Person) =>
    mergePeople(world.db, { actor, dayMs }, { fromId: from.id, intoId: into.id });
  const id = await send({ templateId, personIds: idsOf([one!, twin!, gone!, late!]) });
  await merge(one!, twin!);
  await merge(gone!, stays!);
  // as if the send had been made while the two were merged
  await merge(late!, (await company.people(1))[0]!);
  await world.db.query('update bulk_recipients set person_id = $2 where bulk_send_id = $1 and position = 3', [
    id,
    late!.id,
  ]);
  expect(await run(id)).toEqual({ nextDueAt: null });
  const done = await read(id);
  assertSum(done);
  expect(done).toMatchObject({
    state: 'finished',
    counts: { sent: 3, suppressed: 1 },
    reasons: [{ code: 'merged', count: 1 }],
  });
  expect((await timelineOf(world.db, twin!.id)).map(({ kind }) => kind)).toContain('messageSuppressed');
});

it('R-CHAT-13, R-SEND-6: who has it already, and is merged with somebody who still waits for it, gets it once', async () => {
  const [reached, waiting] = await company.people(2);
  const id = await send({ templateId: await company.template(), personIds: idsOf([reached!, waiting!]) });
  const wait = (until: Date | null) =>
    world.db.query('update bulk_recipients set not_before = $3 where bulk_send_id = $1 and person_id = $2', [
      id,
      waiting!.id,
      until,
    ]);
  await wait(new Date(world.clock.now().getTime() + dayMs));
  await run(id);
  expect(await read(id)).toMatchObject({ state: 'running', counts: { sent: 1 } });
  const actor = company.as(company.users.administrator);
  await mergePeople(world.db, { actor, dayMs }, { fromId: reached!.id, intoId: waiting!.id });
  await world.db.query('update bulk_recipients set not_before = null where bulk_send_id = $1', [id]);
  await run(id);
  const done = await read(id);
  assertSum(done);
  expect(done).toMatchObject({
    state: 'finished',
    counts: { sent: 1, suppressed: 1 },
    reasons: [{ code: 'merged' }],
  });
});

it('R-CHAT-13, R-SEND-6: who waits, and is merged with somebody who could not get it, gets it', async () => {
  const [refused] = await company.people(1, { phone: null });
  const [waiting] = await company.people(1);
  const id = await send({ templateId: await company.template(), personIds: idsOf([refused!, waiting!]) });
  await world.db.query(
    'update bulk_recipients set not_before = $3 where bulk_send_id = $1 and person_id = $2',
    [id, waiting!.id, new Date(world.clock.now().getTime() + dayMs)],
  );
  await run(id);
  const actor = company.as(company.users.administrator);
  await mergePeople(world.db, { actor, dayMs }, { fromId: waiting!.id, intoId: refused!.id });
  await world.db.query('update bulk_recipients set not_before = null where bulk_send_id = $1', [id]);
  await run(id);
  const done = await read(id);
  assertSum(done);
  expect(done).toMatchObject({ counts: { sent: 1, suppressed: 1 }, reasons: [{ code: 'phone_missing' }] });
});

it('R-CHAT-7: the chat’s owner stays as it is', async () => {
  const templateId = await company.template();
  const person = await company.person();
  const id = await send({ templateId, personIds: [person.id] });
  await run(id);
  const [chat] = await world.db.query('select status, owner_id from conversations where id = $1', [
    person.conversationId,
  ]);
  expect(chat).toMatchObject({ status: 'closed', owner_id: null });
});

it('pauses between two, goes on, and what is cancelled is not sent any more', async () => {
  const templateId = await company.template();
  const id = await send({ templateId, personIds: idsOf(await company.people(40)) });
  let batches = 0;
  const deps = beforeEachBatch(() =>
    ++batches === 3
      ? changeBulkSend(world.db, company.as(company.users.administrator), id, 'paused')
      : undefined,
  );
  await run(id, { deps, sizes: { claimed: 4, underWay: 8 } });
  const paused = await read(id);
  assertSum(paused);
  expect(paused.state).toBe('paused');
  expect(paused.counts).toMatchObject({ sent: 8, waiting: 32 });
  expect(await run(id)).toEqual({ nextDueAt: null });
  expect((await read(id)).counts).toEqual(paused.counts);

  const actor = company.as(company.users.administrator);
  await changeBulkSend(world.db, actor, id, 'running');
  await changeBulkSend(world.db, actor, id, 'cancelled');
  const cancelled = await read(id);
  assertSum(cancelled);
  expect(cancelled.counts).toMatchObject({ waiting: 0, cancelled: paused.counts.waiting });
  await expect(changeBulkSend(world.db, actor, id, 'running')).rejects.toMatchObject({ code: 'conflict' });
});

it('R-CRED-2: one that runs out of credits stops, and goes on after a top-up', async () => {
  company = await world.company({ credits: 5 });
  const templateId = await company.template();
  const id = await send({ templateId, personIds: idsOf(await company.people(8)) });
  await run(id);
  expect(await read(id)).toMatchObject({
    state: 'paused',
    reason: 'no_credits',
    counts: { sent: 5, waiting: 3, suppressed: 0 },
  });
  await resumeAfterTopUp(world.db);
  expect((await read(id)).state).toBe('paused');
  await world.db.query('update credit_accounts set balance = 10 where organization_id = $1', [
    company.organizationId,
  ]);
  await resumeAfterTopUp(world.db);
  await run(id);
  expect(await read(id)).toMatchObject({ state: 'finished', counts: { sent: 8 } });
  await world.db.query('update credit_accounts set balance = 0 where organization_id = $1', [
    company.organizationId,
  ]);
});

it('R-CRED-2: what is left and does not do for one message does not make it go on', async () => {
  company = await world.company({ credits: 3 });
  await connectSms();
  const people = await company.people(2);
  const id = await send({ channels: ['sms'], text: 'x'.repeat(161), personIds: idsOf(people) });
  await run(id);
  expect(await company.balance()).toBe(1);
  await resumeAfterTopUp(world.db);
  expect(await read(id)).toMatchObject({ state: 'paused', counts: { sent: 1, waiting: 1 } });
  await world.db.query('update credit_accounts set balance = 2 where organization_id = $1', [
    company.organizationId,
  ]);
  await resumeAfterTopUp(world.db);
  expect((await read(id)).state).toBe('running');
  await world.db.query('update credit_accounts set balance = 1 where organization_id = $1', [
    company.organizationId,
  ]);
});

it('R-ROLE: from the base only with access to it, from a vacancy only when assigned', async () => {
  const templateId = await company.template();
  const people = await company.people(2);
  const personIds = idsOf(people);
  const { recruiter, interviewer } = company.users;
  await expect(send({ templateId, personIds }, recruiter)).rejects.toMatchObject({ code: 'not_permitted' });
  await send({ templateId, personIds }, { ...recruiter, accessToOwnBase: true });
  const vacancy = await company.vacancy();
  const applicationIds = await company.apply(vacancy, people);
  await send({ templateId, applicationIds }, recruiter);
  await send({ templateId, applicationIds }, interviewer);
  const others = await company.apply(await company.vacancy({ assigned: [company.colleague] }), people);
  await expect(send({ templateId, applicationIds: others }, recruiter)).rejects.toMatchObject({
    code: 'not_permitted',
  });
  await expect(send({ templateId, applicationIds: others }, interviewer)).rejects.toMatchObject({
    code: 'not_found',
  });
});

it('R-SEND-3: one message for each channel; each says for itself why it did not go', async () => {
  const person = await company.person();
  const id = await send({
    channels: ['sms', 'email'],
    title: 'Hello',
    text: 'Hi {{candidate.firstName}}',
    personIds: [person.id],
  });
  await run(id);
  const { items } = await listBulkRecipients(world.db, company.as(company.users.administrator), id, {
    limit: 9,
  });
  expect(items).toMatchObject([
    { channel: 'sms', outcome: 'suppressed', reason: 'channel_not_configured' },
    { channel: 'email', outcome: 'suppressed', reason: 'email_missing' },
  ]);
  expect(await dispatchNext(world.deps, company.ids(person))).toMatchObject({ outcome: 'idle' });
});

it('R-SEND-5: what stands for no variable in a template is typed, for all of them', async () => {
  const templateId = await company.template({
    body: 'Hello {{1}}, we meet in {{2}}.',
    expressions: { 'body.1': '{{candidate.firstName}}' },
  });
  const personIds = idsOf(await company.people(2));
  const actor = company.as(company.users.administrator);
  const ask = (more: object) =>
    previewSend(world.db, { actor, dayMs }, { channels: ['whatsapp'], templateId, personIds, ...more });
  expect((await ask({})).channels[0]).toMatchObject({ willSend: 0, reasons: [{ code: 'variable_missing' }] });
  const parameters = { 'body.2': 'Madrid' };
  const preview = await ask({ parameters });
  expect(preview.channels[0]).toMatchObject({ willSend: 2 });
  expect(preview.sample!.text).toBe('Hello Ada, we meet in Madrid.');
  const id = await send({ templateId, personIds, parameters });
  await run(id);
  expect((await read(id)).counts).toMatchObject({ sent: 2 });
  const said = await world.db.query(
    `select distinct m.body from messages m join bulk_recipients r on r.message_id = m.id where r.bulk_send_id = $1`,
    [id],
  );
  expect(said).toEqual([{ body: preview.sample!.text }]);
  await expect(send({ templateId, personIds, parameters: { 'body.9': 'x' } })).rejects.toMatchObject({
    code: 'invalid',
  });
  await expect(send({ text: 'Hi', personIds, parameters })).rejects.toMatchObject({ code: 'invalid' });
});

it('R-CONF-3: what a user had begun whose outgoing e-mail is confidential by now stops, and stands in no conversation', async () => {
  const people = await company.people(2);
  for (const person of people) await company.addEmail(person, `${person.id}@candidate.example`);
  const id = await send({
    channels: ['email'],
    name: 'The offer to both',
    title: 'Offer',
    text: 'In confidence',
    personIds: idsOf(people),
  });
  await world.db.query(
    `insert into mailboxes (organization_id, user_id, outgoing_confidential, state_changed_at, created_at, updated_at)
     values ($1, $2, true, $3, $3, $3)`,
    [company.organizationId, company.users.administrator.id, await world.db.now()],
  );
  expect(await readBulkSend(world.db, company.as(company.users.recruiter), id)).toMatchObject({
    name: '',
    title: null,
    text: null,
  });
  const own = { name: 'The offer to both', title: 'Offer', text: 'In confidence' };
  expect(await read(id)).toMatchObject(own);
  await run(id);
  expect(await read(id)).toMatchObject({
    state: 'finished',
    name: '',
    title: null,
    text: '',
    counts: { suppressed: 2 },
    reasons: [{ code: 'confidential_mail', count: 2 }],
  });
  const said = await world.db.query('select 1 from messages where organization_id = $1', [
    company.organizationId,
  ]);
  expect(said).toEqual([]);
  const told = await timelineOf(world.db, people[0]!.id);
  expect(told).toMatchObject([{ kind: 'messageSuppressed', data: { reason: 'confidential_mail' } }]);
});

it('R-ELIG: a template of another channel says that WhatsApp does not take it', async () => {
  const actor = company.as(company.users.administrator);
  const templateId = await company.template();
  await world.db.query(`update templates set channel = 'sms' where id = $1`, [templateId]);
  const [person] = await company.people(1);
  const { channels } = await previewSend(
    world.db,
    { actor, dayMs },
    { channels: ['whatsapp'], templateId, personIds: [person!.id] },
  );
  expect(channels[0]!.reasons[0]!.text).toBe(
    'This template is for SMS only. On WhatsApp send a template that it approved, or a composed text.',
  );
});

it('R-SEND-3: outside the window composed text travels in the carrier template, and the preview shows exactly that', async () => {
  const carrier = await company.template({
    body: 'A message from Acme: {{1}} Answer to talk to us.',
    expressions: {},
  });
  const person = await company.person();
  const actor = company.as(company.users.administrator);
  const text = 'Hello {{candidate.firstName}}';
  const ask = () =>
    previewSend(world.db, { actor, dayMs }, { channels: ['whatsapp'], text, personIds: [person.id] });
  expect((await ask()).channels[0]).toMatchObject({ willSend: 0, reasons: [{ code: 'window_closed' }] });
  await world.db.query('update organizations set carrier_template_id = $2 where id = $1', [
    company.organizationId,
    carrier,
  ]);
  const preview = await ask();
  expect(preview.channels[0]).toMatchObject({ willSend: 1, credits: 1 });
  const id = await send({ text, personIds: [person.id] });
  await run(id);
  const [arrived] = world.sandbox.messages({ number: person.waId });
  const [message] = await world.db.query<{ body: string; kind: string }>(
    'select body, kind from messages where conversation_id = $1',
    [person.conversationId],
  );
  expect(message).toEqual({ kind: 'template', body: preview.sample!.onWhatsApp!.body });
  expect(preview.sample!.onWhatsApp!.body).toMatch(/^A message from Acme: Hello \S+ Answer to talk to us\.$/);
  expect(arrived).toMatchObject({ type: 'template' });
  const long = await previewSend(
    world.db,
    { actor, dayMs },
    { channels: ['whatsapp'], text: 'x'.repeat(1024), personIds: [person.id] },
  );
  expect(long.channels[0]).toMatchObject({ willSend: 0, reasons: [{ code: 'text_too_long' }] });
  const tooLong = await send({ text: 'x'.repeat(1024), personIds: [person.id] });
  await run(tooLong);
  expect(await outcomesOf(tooLong)).toEqual(new Map([[person.id, 'text_too_long']]));
});

const outcomesOf = async (id: string): Promise<Map<string, string>> => {
  const actor = company.as(company.users.administrator);
  const { items } = await listBulkRecipients(world.db, actor, id, { limit: 200 });
  return new Map(items.map((item) => [item.personId, item.reason ?? item.outcome]));
};

const arrivals = (person: Person) => world.sandbox.messages({ number: person.waId }).length;

it('R-ELIG: an opt-out cuts what is still unsent, in the middle too', async () => {
  const templateId = await company.template();
  const people = await company.people(24);
  const [last] = people.slice(-1);
  const id = await send({ templateId, personIds: idsOf(people) });
  let batches = 0;
  const optOut = () =>
    world.db.transact((tx) =>
      addOptOut(tx, {
        organizationId: company.organizationId,
        contactPointId: last!.contactPointId,
        keyHash: world.hashKey(`+${last!.waId}`),
        personId: last!.id,
        channels: ['whatsapp'],
        marketingOnly: false,
        words: 'STOP',
        source: 'message',
        messageId: null,
        at: world.clock.now(),
      }),
    );
  const deps = beforeEachBatch(() => (++batches === 3 ? optOut() : undefined));
  await run(id, { deps, sizes: { claimed: 2, underWay: 4 } });
  expect((await outcomesOf(id)).get(last!.id)).toBe('opted_out');
  expect(arrivals(last!)).toBe(0);
  expect((await read(id)).counts).toMatchObject({ sent: 23, suppressed: 1 });
  await assertLedgerOf(company);
});

it('R-SEND-6: an attempt whose end nobody saw is unknown, is never sent again, and ends with the send', async () => {
  const templateId = await company.template();
  const people = await company.people(10);
  const id = await send({ templateId, personIds: idsOf(people) });
  // a worker dies between the claim and its calls
  const ids = { organizationId: company.organizationId, bulkSendId: id };
  const share = { organizationId: company.organizationId, wabaId: company.account.wabaId, limit: null };
  await world.deps.limits.reach.lease(share, 4);
  const lost = await claimBatch(world.db, ids, world.deps, { channel: 'whatsapp', after: -1, limit: 4 });
  expect(lost!.messages).toHaveLength(4);
  const { nextDueAt } = await run(id);
  const waiting = await read(id);
  assertSum(waiting);
  expect(waiting).toMatchObject({ state: 'running', counts: { sent: 6, waiting: 4 } });
  world.clock.advance(Date.parse(nextDueAt!) - world.clock.now().getTime() + 1);
  expect(await run(id)).toEqual({ nextDueAt: null });
  const ended = await read(id);
  assertSum(ended);
  expect(ended).toMatchObject({ state: 'finished', counts: { sent: 6, unknown: 4, waiting: 0 } });
  expect(people.map(arrivals).reduce((sum, count) => sum + count, 0)).toBe(6);
  // its credits stay reserved until somebody knows
  expect(await company.balance()).toBe(1000 - 10);
  await assertLedgerOf(company);
});

it('R-SEND-6: the counts that are kept follow every turn that a message takes after all', async () => {
  const templateId = await company.template();
  const people = await company.people(12);
  const [refused, failing, twin] = people;
  const actor = company.as(company.users.administrator);
  const personIds = idsOf([...people, ...(await company.people(2, { consent: false }))]);
  const id = await send({ templateId, personIds });
  const ids = { organizationId: company.organizationId, bulkSendId: id };
  world.sandbox.misbehave(refused!.waId, { refuse: { code: 131026, times: 1 } });
  world.sandbox.misbehave(failing!.waId, { refuse: { code: 131026, as: 'status', times: 1 } });
  // a worker dies between the claim and its calls
  const share = { organizationId: company.organizationId, wabaId: company.account.wabaId, limit: null };
  await world.deps.limits.reach.lease(share, 4);
  const lost = (await claimBatch(world.db, ids, world.deps, { channel: 'whatsapp', after: 4, limit: 4 }))!;
  const { nextDueAt } = await run(id, { sizes: { claimed: 3, underWay: 6 } });
  await mergePeople(world.db, { actor, dayMs }, { fromId: twin!.id, intoId: people[3]!.id });
  await world.settled();
  expect((await read(id)).counts).toMatchObject({ waiting: 4, sent: 6, failed: 2, suppressed: 2 });
  world.clock.advance(Date.parse(nextDueAt!) - world.clock.now().getTime() + 1);
  await run(id);
  const [known, wrong, late, never] = lost.messages.map(({ messageId }) => messageId);
  expect((await read(id)).counts).toMatchObject({ waiting: 0, unknown: 4 });

  await settleMessage(world.db, actor, known!, 'sent');
  await settleMessage(world.db, actor, wrong!, 'notSent');
  const receipt = (messageId: string, status: 'delivered' | 'failed') => ({
    organizationId: company.organizationId,
    channelAccountId: company.account.id,
    event: {
      providerId: `wamid.${messageId}`,
      status,
      at: world.clock.now(),
      clientReference: messageId,
      error: undefined,
    },
  });
  await recordReceipts(world.db, world.deps, [receipt(late!, 'delivered'), receipt(known!, 'failed')]);
  await world.db.query(`update messages set state = 'unconfirmed', reason = 'unconfirmed' where id = $1`, [
    never,
  ]);
  const ended = await read(id);
  assertSum(ended);
  expect(ended.counts).toMatchObject({ sent: 7, failed: 4, unknown: 1, suppressed: 2 });
  await recordReceipts(world.db, world.deps, [receipt(never!, 'delivered')]);
  expect((await read(id)).counts).toMatchObject({ sent: 8, unknown: 0 });
  await assertLedgerOf(company);
});

it('who has something else waiting gets it first, through the gate of their conversation', async () => {
  const templateId = await company.template();
  const people = await company.people(5);
  const program = { actor: company.program, dayMs };
  await sendMessage(world.db, program, company.ids(people[2]!), template(templateId));
  const id = await send({ templateId, personIds: idsOf(people) });
  await run(id);
  expect((await read(id)).counts).toMatchObject({ sent: 5 });
  expect(people.map(arrivals)).toEqual([1, 1, 2, 1, 1]);
});

it('a provider that wants it slower has its way; nothing is lost, nothing sent twice', async () => {
  const templateId = await company.template();
  const people = await company.people(12);
  const id = await send({ templateId, personIds: idsOf(people) });
  world.sandbox.misbehave(company.account.phoneNumberId, { refuse: { code: 130429, times: 3 } });
  for (let result = await run(id); result.nextDueAt !== null; result = await run(id)) {
    assertSum(await read(id));
    world.clock.advance(Math.max(0, Date.parse(result.nextDueAt) - world.clock.now().getTime()) + 1);
  }
  expect(await read(id)).toMatchObject({ state: 'finished', counts: { sent: 12 } });
  expect(people.map(arrivals)).toEqual(people.map(() => 1));
  await assertLedgerOf(company);
});

it('R-CRED-2: a refusal ends its own message alone, and its credit comes back', async () => {
  const templateId = await company.template();
  const people = await company.people(6);
  world.sandbox.misbehave(people[1]!.waId, { refuse: { code: 131026, times: 1 } });
  const id = await send({ templateId, personIds: idsOf(people) });
  await run(id);
  expect((await read(id)).counts).toMatchObject({ sent: 5, failed: 1 });
  expect(await company.balance()).toBe(1000 - 5);
  await assertLedgerOf(company);
});

it('R-AUTO-6: a paused channel keeps them waiting, and they go once it is mended', async () => {
  const templateId = await company.template();
  const id = await send({ templateId, personIds: idsOf(await company.people(3)) });
  const setState = (state: string) =>
    world.db.query('update channel_accounts set state = $2 where id = $1', [company.account.id, state]);
  await setState('paused');
  expect((await run(id)).nextDueAt).not.toBeNull();
  expect(await read(id)).toMatchObject({ state: 'running', counts: { waiting: 3 } });
  await setState('connected');
  await run(id);
  expect(await read(id)).toMatchObject({ state: 'finished', counts: { sent: 3 } });
});

it('R-SEND-6: WhatsApp’s messaging limit holds the rest until people leave it', async () => {
  const templateId = await company.template();
  await world.db.query(`update channel_accounts set messaging_tier = 'TIER_50' where id = $1`, [
    company.account.id,
  ]);
  const id = await send({ templateId, personIds: idsOf(await company.people(55)) });
  const { nextDueAt } = await run(id);
  expect(await read(id)).toMatchObject({
    state: 'running',
    counts: { sent: 50, waiting: 5, unknown: 0, failed: 0 },
  });
  const waitMs = Date.parse(nextDueAt!) - world.clock.now().getTime();
  expect(waitMs).toBeGreaterThan(dayMs - 120_000);
  const { hold } = await readBulkSendDetail(world.db, company.as(company.users.administrator), id);
  expect(hold).toEqual({ why: 'messaging_limit', until: nextDueAt });
  world.clock.advance(waitMs + 1000);
  await run(id);
  expect(await read(id)).toMatchObject({ state: 'finished', counts: { sent: 55 } });
});

it('R-SEND-6: what is written in batches is what is written for one alone', async () => {
  const templateId = await company.template();
  const [alone, inBatch] = await company.people(2);
  const actor = company.as(company.users.administrator);
  await world.db.transact((tx) =>
    acceptUnattended(
      tx,
      dayMs,
      company.ids(alone!),
      { templateId, title: null, body: null },
      { channel: 'whatsapp', origin: 'bulk', actor, applicationId: null, stageEntryId: null, fallback: null },
    ),
  );
  await dispatchNext(world.deps, company.ids(alone!));
  const id = await send({ templateId, personIds: [inBatch!.id] });
  await run(id);
  await world.settled();
  const [one, other] = [await writtenOf(alone!), await writtenOf(inBatch!)];
  expect(other).toEqual(one);
  expect(other.messages).toMatchObject([{ state: 'delivered', attempts: 1, credits: 1 }]);
});

/** All that a message leaves behind, but for ids and instants. */
async function writtenOf({ id: personId, conversationId, contactPointId, waId }: Person) {
  const rows = async (sql: string, value: string) => {
    const found = await world.db.query<Record<string, unknown>>(sql, [value]);
    return found.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([key, entry]) => [
          key,
          entry instanceof Date || (/(^|_)(id|token|key|value)$/.test(key) && key !== 'template_id')
            ? entry !== null
            : entry,
        ]),
      ),
    );
  };
  const ofMessage = 'message_id in (select id from messages where conversation_id = $1)';
  return {
    messages: await rows('select * from messages where conversation_id = $1', conversationId),
    conversation: await rows('select * from conversations where id = $1', conversationId),
    contactPoint: await rows(
      `select whatsapp, wa_id = '${waId}' as "hasWaId" from contact_points where id = $1`,
      contactPointId,
    ),
    timeline: await rows('select * from timeline_entries where person_id = $1 order by id', personId),
    ledger: await rows(`select * from credit_entries where ${ofMessage} order by id`, conversationId),
    receipts: await rows(`select * from receipts where ${ofMessage} order by status`, conversationId),
    providerIds: await rows(`select * from provider_messages where ${ofMessage}`, conversationId),
    reached: await rows('select * from outreach where contact_point_id = $1', contactPointId),
  };
}

/** R-CRED-2: the balance is the sum of its ledger. */
async function assertLedgerOf({ organizationId }: Company): Promise<void> {
  const [row] = await world.db.query(
    `select a.balance, (select sum(amount)::int from credit_entries e where e.organization_id = a.organization_id) as ledger
     from credit_accounts a where a.organization_id = $1`,
    [organizationId],
  );
  expect(row).toMatchObject({ ledger: row!.balance });
}
