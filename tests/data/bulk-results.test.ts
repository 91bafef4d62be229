import { csvLineSql } from '../../src/data/csv-sql';
import { csvLine } from '../../src/domain/csv';
import { changeBulkSend, createBulkSend, listBulkSends } from '../../src/data/bulk/bulk-sends';
import {
  bulkRecipientsCsv,
  listBulkRecipients,
  readBulkSendDetail,
} from '../../src/data/bulk/bulk-recipients';
import type { Actor } from '../../src/domain/permissions';
import type { Company, Person, World } from '../support/company';
import { createWorld, hourMs } from '../support/company';

let world: World;
let company: Company;
beforeAll(async () => void (world = await createWorld()));
afterAll(() => world.close());
beforeEach(async () => void (company = await world.company()));

const admin = (): Actor => company.as(company.users.administrator);
const detail = (id: string) => readBulkSendDetail(world.db, admin(), id);

async function send(people: Person[], actor = admin()): Promise<string> {
  const personIds = people.map(({ id }) => id);
  const input = { channels: ['sms' as const], text: 'Hello', personIds };
  return (await createBulkSend(world.db, actor, input)).id;
}

/** As if they had been looked at, in their order. */
async function settle(id: string, ...reasons: string[]): Promise<void> {
  for (const [position, reason] of reasons.entries())
    await world.db.query(
      `update bulk_recipients set state = 'suppressed', reason = $3 where bulk_send_id = $1 and position = $2`,
      [id, position, reason],
    );
}

async function csvOf(id: string, filters = {}): Promise<string[]> {
  let file = '';
  for await (const part of bulkRecipientsCsv(world.db, admin(), id, filters)) file += part;
  return file.split('\r\n');
}

describe('R-SEND-6: a result per recipient', () => {
  let id: string;
  beforeEach(async () => {
    const named = (firstName: string) => company.person({ firstName, lastName: 'Smith' });
    id = await send([await named('Anna'), await named('Berta'), await named('=HYPERLINK("x")')]);
    await settle(id, 'phone_missing', 'opted_out');
  });

  it('is found by state, by reason and by name', async () => {
    const found = async (filters: object) =>
      (await listBulkRecipients(world.db, admin(), id, { limit: 9, ...filters })).items.map(
        ({ position }) => position,
      );
    expect(await found({ outcome: 'suppressed' })).toEqual([0, 1]);
    expect(await found({ reason: 'opted_out' })).toEqual([1]);
    expect(await found({ q: 'ann smi' })).toEqual([0]);
    expect(await found({ q: 'Berta', reason: 'phone_missing' })).toEqual([]);
    expect((await detail(id)).reasons).toMatchObject([
      { code: 'opted_out', count: 1 },
      { code: 'phone_missing', count: 1 },
    ]);
  });

  it('is a file, of which no cell is taken for a formula', async () => {
    const [head, ...lines] = await csvOf(id);
    expect(head).toMatch(/^\uFEFFPerson,Channel,To,Result,Reason,/);
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/^Anna Smith,sms,,suppressed,phone_missing,There is no phone number\./);
    expect(lines[2]).toMatch(/^"'=HYPERLINK\(""x""\) Smith",sms,,waiting,,,/);
    expect(await csvOf(id, { outcome: 'waiting' })).toHaveLength(3);
  });

  it('R-ROLE: of sends that one may see', async () => {
    const actor = company.as(company.users.interviewer);
    await expect(bulkRecipientsCsv(world.db, actor, id, {}).next()).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(readBulkSendDetail(world.db, actor, id)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('R-SEND-6: why one that runs does not move', () => {
  it('R-SEND-10: for the quiet hours of all who wait, until the first of them', async () => {
    const id = await send(await company.people(2));
    expect((await detail(id)).hold).toBeNull();
    const later = (position: number, at: Date) =>
      world.db.query('update bulk_recipients set not_before = $3 where bulk_send_id = $1 and position = $2', [
        id,
        position,
        at,
      ]);
    const first = new Date((await world.db.now()).getTime() + hourMs);
    await later(0, first);
    expect((await detail(id)).hold).toBeNull();
    await later(1, new Date(first.getTime() + hourMs));
    expect((await detail(id)).hold).toEqual({ why: 'quiet_hours', until: first.toISOString() });
    await changeBulkSend(world.db, admin(), id, 'paused');
    expect((await detail(id)).hold).toBeNull();
  });

  it('R-AUTO-6: for a paused channel', async () => {
    const id = await send([await company.person()]);
    await world.db.query(
      `insert into channel_accounts (organization_id, id, channel, name, state, state_changed_at, created_at, updated_at)
       select $1, gen_random_uuid(), 'sms', 'SMS', 'paused', now, now, now from clock_timestamp() now`,
      [company.organizationId],
    );
    expect((await detail(id)).hold).toEqual({ why: 'channel_paused', until: null });
  });
});

it('R-SEND-6: the list by state, and one’s own', async () => {
  const people = [await company.person()];
  const mine = await send(people);
  const theirs = await send(people, company.as({ ...company.users.recruiter, accessToOwnBase: true }));
  await changeBulkSend(world.db, admin(), theirs, 'paused');
  const list = async (query: object) =>
    (await listBulkSends(world.db, admin(), { limit: 9, ...query })).items.map(({ id }) => id);
  expect(await list({})).toEqual([theirs, mine]);
  expect(await list({ mine: true })).toEqual([mine]);
  expect(await list({ state: 'paused' })).toEqual([theirs]);
  expect(await list({ state: 'paused', mine: true })).toEqual([]);
});

it('PostgreSQL writes a cell of CSV as the product does', async () => {
  const cells = [
    '=1',
    '+1',
    '-1',
    '@x',
    '\t=1',
    '\r=1',
    '\n=1',
    '＝1',
    '＋1',
    '－1',
    '＠x',
    'a,b',
    'say "hi"',
    ' =1',
    '',
  ];
  const rows = await world.db.query<{ line: string }>(
    `select ${csvLineSql([{ text: 'cell' }])} from unnest($1::text[]) with ordinality as c(cell, place) order by place`,
    [cells],
  );
  expect(rows.map(({ line }) => line)).toEqual(cells.map((cell) => csvLine([cell])));
});
