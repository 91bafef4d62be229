import { runBulkSend } from '../../activities/run-bulk-send';
import { runStageMove } from '../../activities/run-stage-move';
import { createBulkSend } from '../../src/data/bulk/bulk-sends';
import { setQuietHours } from '../../src/data/organization/quiet-hours-setting';
import { moveApplications } from '../../src/data/actions/stage-moves';
import { scheduleMessage } from '../../src/data/scheduled/scheduled-messages';
import { writePeople } from '../../src/data/people/person-write';
import { createWorld, dayMs, hourMs, type Company, type Person, type World } from '../support/company';

let world: World;
let company: Company;
let person: Person;
let begun: number;
beforeAll(async () => void (world = await createWorld()));
afterAll(() => world.close());
beforeEach(async () => {
  begun = Math.floor((await world.db.now()).getTime() / 60_000) * 60_000;
  company = await world.company();
  await world.db.query(`update organizations set time_zone = 'UTC' where id = $1`, [company.organizationId]);
  person = await company.person();
});

const admin = () => company.as(company.users.administrator);

/** Of the test's beginning, at a whole minute, as clocks in hours and minutes say it. */
const hoursOn = (hours: number): Date => new Date(begun + hours * hourMs);
const clock = (at: Date): string => at.toISOString().slice(11, 16);

async function quiet(fromHours: number, untilHours: number): Promise<void> {
  const [from, until] = [hoursOn(fromHours), hoursOn(untilHours)];
  await setQuietHours(world.db, admin(), { quietHours: { from: clock(from), until: clock(until) } });
}
const noQuiet = () => setQuietHours(world.db, admin(), { quietHours: null });
const timeZone = (zone: string | null) =>
  world.db.transact((tx) =>
    writePeople(tx, admin(), [{ personId: person.id, timeZone: zone }], world.hashKey),
  );

async function move(delaySeconds: number): Promise<string> {
  const vacancy = await company.vacancy();
  const [applicationId] = await company.apply(vacancy, [person]);
  await company.action(vacancy.stages[1]!, await company.template({ body: 'Hello' }), { delaySeconds });
  const { moveId } = await moveApplications(
    world.db,
    { actor: admin(), dayMs },
    { applicationIds: [applicationId!], stageId: vacancy.stages[1]!, runActions: true },
  );
  return moveId;
}

const waiting = async (table: string) => {
  const [row] = await world.db.query<{ at: Date | null; quiet: boolean }>(
    table === 'bulk_recipients'
      ? `select not_before as at, not_before is not null as quiet from ${table} where organization_id = $1`
      : `select due_at as at, quiet from ${table} where organization_id = $1`,
    [company.organizationId],
  );
  return row!;
};
const woken = async () =>
  (
    await world.db.query<{ type: string }>(
      'select workflow_type as type from outbox where organization_id = $1',
      [company.organizationId],
    )
  ).map(({ type }) => type);
const clearOutbox = () =>
  world.db.query('delete from outbox where organization_id = $1', [company.organizationId]);

describe('R-SEND-10: changed quiet hours move what waits', () => {
  it('an automatic message that a night put off goes earlier when the night is shorter, and later when it is longer', async () => {
    await quiet(-1, 5);
    const moveId = await move(3600);
    expect(await waiting('action_runs')).toEqual({ at: hoursOn(5), quiet: true });
    await clearOutbox();
    await quiet(-1, 3);
    expect(await waiting('action_runs')).toEqual({ at: hoursOn(3), quiet: true });
    expect(await woken()).toEqual(['stageMove']);
    await quiet(-1, 8);
    expect(await waiting('action_runs')).toEqual({ at: hoursOn(8), quiet: true });
    await noQuiet();
    const { at, quiet: still } = await waiting('action_runs');
    // when its delay says, as if there had been no night
    expect(still).toBe(false);
    expect(Math.abs(at!.getTime() - (await world.db.now()).getTime() - hourMs)).toBeLessThan(60_000);
    await quiet(0, 2);
    expect(await waiting('action_runs')).toMatchObject({ quiet: true });
    world.clock.advance(2.1 * hourMs);
    await runStageMove(world.deps, { organizationId: company.organizationId, moveId }, () => undefined);
    await world.settled();
    expect(
      await world.db.query(`select state from messages where organization_id = $1`, [company.organizationId]),
    ).toEqual([{ state: 'delivered' }]);
  });

  it('one that has no delay goes at once when there is no night any more', async () => {
    await quiet(-1, 5);
    const moveId = await move(0);
    world.clock.advance(hourMs);
    await noQuiet();
    const { nextDueAt } = await runStageMove(
      world.deps,
      { organizationId: company.organizationId, moveId },
      () => undefined,
    );
    expect(nextDueAt).toBeNull();
    expect(
      await world.db.query(`select state from messages where organization_id = $1`, [company.organizationId]),
    ).toEqual([{ state: expect.stringMatching(/^(sent|delivered|read)$/) as string }]);
  });

  it('a scheduled message keeps the instant it was wanted for', async () => {
    await quiet(1, 5);
    const sendAt = hoursOn(2);
    await scheduleMessage(world.db, { actor: admin(), dayMs }, company.ids(person), {
      channels: ['whatsapp'],
      text: 'Hello',
      sendAt: sendAt.toISOString(),
    });
    expect(await waiting('scheduled_messages')).toEqual({ at: hoursOn(5), quiet: true });
    await quiet(1, 4);
    expect(await waiting('scheduled_messages')).toEqual({ at: hoursOn(4), quiet: true });
    await noQuiet();
    expect(await waiting('scheduled_messages')).toEqual({ at: sendAt, quiet: false });
    expect(await woken()).toContain('scheduledSend');
  });

  it('recipients of a message to many wait for the new end, or no more', async () => {
    await quiet(-1, 5);
    const { id } = await createBulkSend(world.db, admin(), {
      channels: ['whatsapp'],
      templateId: await company.template({ body: 'Hello' }),
      personIds: [person.id],
    });
    await runBulkSend(
      world.deps,
      { organizationId: company.organizationId, bulkSendId: id },
      () => undefined,
    );
    expect(await waiting('bulk_recipients')).toEqual({ at: hoursOn(5), quiet: true });
    await clearOutbox();
    await quiet(-1, 2);
    expect(await waiting('bulk_recipients')).toEqual({ at: hoursOn(2), quiet: true });
    await noQuiet();
    expect((await waiting('bulk_recipients')).at!.getTime()).toBeLessThanOrEqual(
      (await world.db.now()).getTime(),
    );
    expect(new Set(await woken())).toEqual(new Set(['bulkSend']));
  });
});

it('R-SEND-10: another time zone of the person moves what waits for them alone', async () => {
  await quiet(-1, 5);
  await move(0);
  const other = person;
  person = await company.person();
  await timeZone('Etc/GMT-6');
  expect(await waiting('action_runs')).toEqual({ at: hoursOn(5), quiet: true });
  person = other;
  // six hours on, the night is over there
  await timeZone('Etc/GMT-6');
  expect(await waiting('action_runs')).toMatchObject({ quiet: false });
  await timeZone('Etc/GMT+2');
  expect(await waiting('action_runs')).toMatchObject({ quiet: false });
});

it('R-SEND-10: many that wait, each for an instant of its own, are moved at once, also where PostgreSQL has counted no rows yet', async () => {
  const vacancy = await company.vacancy();
  const applicationIds = await company.apply(vacancy, await company.people(300));
  await company.action(vacancy.stages[1]!, await company.template({ body: 'Hello' }), { delaySeconds: 3600 });
  await moveApplications(
    world.db,
    { actor: admin(), dayMs },
    { applicationIds, stageId: vacancy.stages[1]!, runActions: true },
  );
  await world.db.query(
    `update action_runs r set due_at = due_at + n * interval '1 second'
     from (select id, row_number() over (order by id) as n from action_runs where organization_id = $1) as numbered
     where r.organization_id = $1 and r.id = numbered.id`,
    [company.organizationId],
  );
  const started = performance.now();
  await quiet(-1, 5);
  // a minute and more where all rows are combined with all rows
  expect(performance.now() - started).toBeLessThan(30_000);
  expect(
    await world.db.query('select distinct due_at as at, quiet from action_runs where organization_id = $1', [
      company.organizationId,
    ]),
  ).toEqual([{ at: hoursOn(5), quiet: true }]);
});
