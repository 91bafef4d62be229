import { runStageMove } from '../../activities/run-stage-move';
import { dispatchNext } from '../../activities/dispatch-next';
import { fireNextAction } from '../../src/data/actions/action-runs';
import { moveApplications } from '../../src/data/actions/stage-moves';
import { newId } from '../../src/data/database';
import type { MoveResult } from '../../src/contracts/vacancies';
import type { ActingUser } from '../../src/domain/permissions';
import {
  assertLedger,
  createWorld,
  dayMs,
  hourMs,
  rowOf,
  timelineOf,
  type Company,
  type Person,
  type PersonWish,
  type Vacancy,
  type World,
} from '../support/company';

let world: World;
let company: Company;
let vacancy: Vacancy;
let interview: string;
let templateId: string;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  company = await world.company();
  vacancy = await company.vacancy();
  interview = vacancy.stages[1]!;
  templateId = await company.template({
    body: 'Hi {{1}}, about {{2}}: {{3}}',
    expressions: {
      'body.1': '{{candidate.firstName}}',
      'body.2': '{{vacancy.title}}',
      'body.3': '{{stage.name}}',
    },
  });
});
afterEach(async () => {
  world.sandbox.behave();
  await world.settled();
  expect(world.sandbox.counts({ minimum: 2 })).toEqual([]);
  await assertLedger(world.db);
});

const move = (
  applicationIds: string[],
  stageId = interview,
  more: { user?: ActingUser; runActions?: boolean } = {},
): Promise<MoveResult> =>
  moveApplications(
    world.db,
    { actor: company.as(more.user ?? company.users.recruiter), dayMs },
    { applicationIds, stageId, runActions: more.runActions ?? true },
  );
const run = (moved: MoveResult): Promise<{ nextDueAt: string | null }> =>
  runStageMove(world.deps, { organizationId: company.organizationId, moveId: moved.moveId }, () => undefined);
const candidate = async (wish?: PersonWish): Promise<{ person: Person; applicationId: string }> => {
  const person = await company.person(wish);
  const [applicationId] = await company.apply(vacancy, [person]);
  return { person, applicationId: applicationId! };
};
const received = (person: Person): string[] =>
  world.sandbox.messages({ number: person.waId }).map(({ text }) => text);
const runsOf = (applicationId: string): Promise<Record<string, unknown>[]> =>
  world.db.query('select state, reason from action_runs where application_id = $1 order by id', [
    applicationId,
  ]);
const kindsOf = async (person: Person): Promise<unknown[]> =>
  (await timelineOf(world.db, person.id)).map(({ kind, data }) =>
    data.reason === undefined ? kind : [kind, data.reason],
  );

describe('R-AUTO-2: entering a stage', () => {
  it('fires each action once, marked as automatic, and leaves the chat as it was', async () => {
    await company.action(interview, templateId);
    const { person, applicationId } = await candidate();
    const moved = await move([applicationId]);
    expect(moved).toMatchObject({
      moved: 1,
      unchanged: 0,
      planned: [{ applicationId, channel: 'whatsapp', willSend: true, reason: null }],
    });
    expect(await run(moved)).toEqual({ nextDueAt: null });
    await run(moved);
    await world.settled();
    expect(received(person)).toEqual(['Hi Ada, about Baker: Interview']);
    const [message] = await world.db.query(
      'select origin, state, application_id, sender_user_id from messages where conversation_id = $1',
      [person.conversationId],
    );
    expect(message).toEqual({
      origin: 'automatic',
      state: 'delivered',
      application_id: applicationId,
      sender_user_id: null,
    });
    // R-CHAT-7
    expect(await rowOf(world.db, 'conversations', person.conversationId)).toMatchObject({
      status: 'closed',
      owner_id: null,
    });
    const timeline = await timelineOf(world.db, person.id);
    expect(timeline).toMatchObject([
      { kind: 'stageMoved' },
      { kind: 'messageSent', data: { automatic: true } },
    ]);
    expect(await rowOf(world.db, 'stage_moves', moved.moveId)).toMatchObject({
      finished_at: expect.any(Date) as Date,
    });
  });

  it('again on entering again; staying is no entry', async () => {
    await company.action(interview, templateId);
    const { person, applicationId } = await candidate();
    for (const stageId of [interview, vacancy.stages[2]!, interview])
      await run(await move([applicationId], stageId));
    const same = await move([applicationId, applicationId]);
    expect(same).toMatchObject({ moved: 0, unchanged: 1, planned: [] });
    await run(same);
    expect(received(person)).toHaveLength(2);
  });

  it('several actions go in their order', async () => {
    for (let n = 1; n <= 4; n++)
      await company.action(
        interview,
        await company.template({ body: `number ${n}`, components: [{ type: 'BODY', text: `number ${n}` }] }),
      );
    const { person, applicationId } = await candidate();
    await run(await move([applicationId]));
    expect(received(person)).toEqual(['number 1', 'number 2', 'number 3', 'number 4']);
  });

  it('runActions false sends nothing, and the timeline says so', async () => {
    await company.action(interview, templateId);
    const { person, applicationId } = await candidate();
    const moved = await move([applicationId], interview, { runActions: false });
    expect(moved.planned).toEqual([]);
    await run(moved);
    expect(received(person)).toEqual([]);
    expect(await kindsOf(person)).toEqual(['stageMoved', 'actionsSkipped']);
  });

  it('several workers at once fire once', async () => {
    await company.action(interview, templateId);
    const people = await company.people(10);
    const moved = await move(await company.apply(vacancy, people));
    await Promise.all([run(moved), run(moved), run(moved)]);
    await world.settled();
    for (const person of people) expect(received(person)).toHaveLength(1);
  });

  it('a worker killed between accepting and sending: the next one sends', async () => {
    await company.action(interview, templateId);
    const { person, applicationId } = await candidate();
    const moved = await move([applicationId]);
    await fireNextAction(world.db, { organizationId: company.organizationId, moveId: moved.moveId }, dayMs);
    expect(received(person)).toEqual([]);
    await run(moved);
    expect(received(person)).toHaveLength(1);
  });
});

describe('R-AUTO-3: what is foretold happens, and what is not sent says why', () => {
  const people: [string | null, PersonWish][] = [
    [null, {}],
    ['no_consent', { consent: null }],
    ['phone_missing', { phone: null }],
    ['phone_not_mobile', { phoneType: 'landline' }],
    ['not_on_whatsapp', { whatsapp: 'absent' }],
    ['variable_missing', { firstName: '' }],
  ];
  it.each(people)('%s', async (reason, wish) => {
    await company.action(interview, templateId);
    const { person, applicationId } = await candidate(wish);
    const moved = await move([applicationId]);
    expect(moved.planned).toMatchObject([{ willSend: reason === null, reason }]);
    await run(moved);
    expect(received(person)).toHaveLength(reason === null ? 1 : 0);
    expect(await runsOf(applicationId)).toEqual([{ state: reason === null ? 'done' : 'suppressed', reason }]);
    expect(await kindsOf(person)).toEqual([
      'stageMoved',
      reason === null ? 'messageSent' : ['messageSuppressed', reason],
    ]);
  });

  it.each(['rejected', 'withdrawn'])('%s', async (reason) => {
    await company.action(interview, templateId);
    const { person, applicationId } = await candidate();
    await world.db.query(`update applications set ${reason}_at = now() where id = $1`, [applicationId]);
    const moved = await move([applicationId]);
    expect(moved.planned).toMatchObject([{ willSend: false, reason }]);
    await run(moved);
    expect(received(person)).toEqual([]);
    expect(await kindsOf(person)).toEqual(['stageMoved', ['messageSuppressed', reason]]);
  });

  it.each([
    ['an action without template', 'template_not_approved'],
    ['a removed template', 'template_not_approved'],
    ['another channel', 'channel_not_configured'],
  ])('%s: %s', async (name, reason) => {
    if (name === 'a removed template')
      await world.db.query('update templates set removed_at = now() where id = $1', [templateId]);
    await company.action(
      interview,
      name === 'an action without template' ? null : templateId,
      name === 'another channel' ? { channels: ['sms'] } : {},
    );
    const { person, applicationId } = await candidate();
    const moved = await move([applicationId]);
    expect(moved.planned).toMatchObject([{ willSend: false, reason }]);
    await run(moved);
    expect(received(person)).toEqual([]);
    expect(await runsOf(applicationId)).toEqual([{ state: 'suppressed', reason }]);
    expect(await kindsOf(person)).toEqual(['stageMoved', ['messageSuppressed', reason]]);
  });

  it('an action over two channels sends WhatsApp once', async () => {
    await company.action(interview, templateId, { channels: ['whatsapp', 'sms'] });
    const { person, applicationId } = await candidate();
    await run(await move([applicationId]));
    expect(received(person)).toHaveLength(1);
  });

  it('R-CRED-2: as many as there are credits', async () => {
    company = await world.company({ credits: 3 });
    vacancy = await company.vacancy();
    interview = vacancy.stages[1]!;
    await company.action(interview, await company.template());
    const people = await company.people(5);
    const moved = await move(await company.apply(vacancy, people));
    expect(moved.planned.map(({ reason }) => reason)).toEqual([null, null, null, 'no_credits', 'no_credits']);
    await run(moved);
    expect(people.flatMap(received)).toHaveLength(3);
    expect(await company.balance()).toBe(0);
  });

  it('leaving cancels what is pending, on the timeline; its move then finds nothing to do', async () => {
    await company.action(interview, templateId, { delaySeconds: 3600 });
    const { person, applicationId } = await candidate();
    const moved = await move([applicationId]);
    const { nextDueAt } = await run(moved);
    expect(Date.parse(nextDueAt!) - world.clock.now().getTime()).toBeGreaterThan(3_500_000);
    await move([applicationId], vacancy.stages[2]);
    world.clock.advance(hourMs);
    expect(await run(moved)).toEqual({ nextDueAt: null });
    expect(received(person)).toEqual([]);
    expect(await runsOf(applicationId)).toEqual([{ state: 'cancelled', reason: 'left_stage' }]);
    expect(await kindsOf(person)).toEqual(['stageMoved', ['messageSuppressed', 'left_stage'], 'stageMoved']);
  });

  it('what has changed until it is due counts', async () => {
    await company.action(interview, templateId, { delaySeconds: 3600 });
    const { person, applicationId } = await candidate();
    const moved = await move([applicationId]);
    await world.settled();
    await company.write(person, 'stop');
    world.clock.advance(hourMs);
    await run(moved);
    expect(received(person)).toEqual([]);
    expect(await runsOf(applicationId)).toEqual([{ state: 'suppressed', reason: 'opted_out' }]);
  });

  it.each([
    ['left_stage', (id: string) => move([id], vacancy.stages[2])],
    [
      'rejected',
      (id: string) => world.db.query('update applications set rejected_at = now() where id = $1', [id]),
    ],
  ])('R-AUTO-6: %s while the channel was paused', async (reason, change) => {
    await company.action(interview, templateId);
    const { person, applicationId } = await candidate();
    const channel = (state: string) =>
      world.db.query(`update channel_accounts set state = $2 where id = $1`, [company.account.id, state]);
    await channel('paused');
    await run(await move([applicationId]));
    await change(applicationId);
    await channel('connected');
    expect(await dispatchNext(world.deps, company.ids(person))).toMatchObject({ outcome: 'suppressed' });
    expect(received(person)).toEqual([]);
    expect(await kindsOf(person)).toContainEqual(['messageSuppressed', reason]);
    expect(await company.balance()).toBe(1000);
  });
});

describe('moves in numbers', () => {
  it('300 applications in one move: each its message, once', async () => {
    await company.action(interview, templateId);
    const people = [...(await company.people(290)), ...(await company.people(10, { consent: false }))];
    const applicationIds = await company.apply(vacancy, people);
    const moved = await move(applicationIds);
    expect(moved).toMatchObject({ moved: 300 });
    expect(moved.planned.filter(({ willSend }) => willSend)).toHaveLength(290);
    expect(
      await world.db.query(`select 1 from outbox where organization_id = $1`, [company.organizationId]),
    ).toHaveLength(1);
    await run(moved);
    await world.settled();
    expect(
      world.sandbox.counts().filter(({ waId }) => people.some((person) => person.waId === waId)),
    ).toHaveLength(290);
    expect(await company.balance()).toBe(1000 - 290);
    expect(
      await world.db.query(
        `select state, count(*)::int from messages where organization_id = $1 group by state order by state`,
        [company.organizationId],
      ),
    ).toEqual([
      { state: 'delivered', count: 290 },
      { state: 'suppressed', count: 10 },
    ]);
  });

  it('what cannot be sent at once is handed to its conversation', async () => {
    await company.action(interview, templateId);
    const { person, applicationId } = await candidate();
    world.sandbox.misbehave(company.account.phoneNumberId, { refuse: { times: 1, code: 131056 } });
    await run(await move([applicationId]));
    expect(
      await world.db.query(
        `select workflow_id from outbox where organization_id = $1 and workflow_type = 'conversation'`,
        [company.organizationId],
      ),
    ).toEqual([{ workflow_id: `conversation:${person.conversationId}` }]);
  });
});

describe('who may move what', () => {
  const refused = (call: Promise<unknown>, code: string) => expect(call).rejects.toMatchObject({ code });

  it('another organization’s applications and stages do not exist, and nothing is moved', async () => {
    const { applicationId } = await candidate();
    const other = await world.company();
    const theirs = await other.vacancy();
    const [foreign] = await other.apply(theirs, [await other.person()]);
    await refused(move([foreign!]), 'not_found');
    await refused(move([applicationId, foreign!]), 'not_found');
    await refused(move([applicationId], theirs.stages[1]), 'not_found');
    await refused(move([applicationId], newId()), 'not_found');
    expect(await rowOf(world.db, 'applications', applicationId)).toMatchObject({
      stage_id: vacancy.stages[0],
    });
    expect(
      await world.db.query('select 1 from stage_moves where organization_id = $1', [company.organizationId]),
    ).toEqual([]);
  });

  it('a stage of another vacancy is refused', async () => {
    const { applicationId } = await candidate();
    await refused(move([applicationId], (await company.vacancy()).stages[0]), 'invalid');
  });

  it('R-ROLE: office roles on assigned vacancies, Administrators everywhere, others not', async () => {
    const { users } = company;
    vacancy = await company.vacancy({ assigned: [users.recruiter, users.interviewer, users.reviewer] });
    const { applicationId } = await candidate();
    await refused(move([applicationId], vacancy.stages[1], { user: users.interviewer }), 'not_permitted');
    await refused(move([applicationId], vacancy.stages[1], { user: users.reviewer }), 'not_permitted');
    await refused(move([applicationId], vacancy.stages[1], { user: users.supervisor }), 'not_permitted');
    await refused(move([applicationId], vacancy.stages[1], { user: users.collaborator }), 'not_found');
    expect(await move([applicationId], vacancy.stages[1])).toMatchObject({ moved: 1 });
    expect(await move([applicationId], vacancy.stages[2], { user: users.administrator })).toMatchObject({
      moved: 1,
    });
  });

  it('two moves of the same applications at once end in one stage entry in force each', async () => {
    await company.action(interview, templateId);
    const people = await company.people(8);
    const ids = await company.apply(vacancy, people);
    const moves = await Promise.all([
      move(ids),
      move([...ids].reverse()),
      move(ids, vacancy.stages[2]),
      move(ids),
    ]);
    for (const moved of moves) await run(moved);
    const inForce = await world.db.query(
      `select a.id from applications a join stage_entries e on e.id = a.stage_entry_id and e.left_at is null and e.to_stage_id = a.stage_id
       where a.vacancy_id = $1`,
      [vacancy.id],
    );
    expect(inForce).toHaveLength(8);
  });
});
