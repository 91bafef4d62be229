import { listConversations } from '../../src/data/conversations/conversations';
import { listPeople } from '../../src/data/people/person-read';
import { createWorld, dayMs, type Company, type World } from '../support/company';

// as in lists that are long, by what many have: a stretch ends before the page is full, and those found are too many to be sorted
jest.mock('../../src/data/page', () => ({
  ...jest.requireActual<object>('../../src/data/page'),
  fewAtMost: 2,
  stretch: 4,
  seemsMany: () => Promise.resolve(true),
}));

let world: World;
let company: Company;

beforeAll(async () => {
  world = await createWorld();
  company = await world.company();
  await company.people(15, { firstName: 'Ana' });
  await company.people(15, { firstName: 'Bo' });
  await world.db.query(
    `update people set tags = case when first_name = 'Bo' then '{}' else '{crane}'::text[] end where organization_id = $1`,
    [company.organizationId],
  );
  // in an order of its own, a third of them waiting, one never written to
  await world.db.query(
    `update conversations c set last_message_at = at, channels = case when n % 2 = 0 then '{sms}' else '{whatsapp}' end::channel[],
       unanswered_since = case when n % 3 = 0 then at end
     from (select id, n, case when n > 1 then now() - (n * 7 % 31) * interval '1 hour' end as at
       from (select id, row_number() over (order by person_id desc) as n from conversations where organization_id = $1) numbered) numbered
     where c.organization_id = $1 and c.id = numbered.id`,
    [company.organizationId],
  );
});
afterAll(() => world.close());

type Page = { items: { id: string }[]; nextCursor: string | null };

async function all(read: (cursor?: string) => Promise<Page>): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | undefined; ;) {
    const { items, nextCursor } = await read(cursor);
    ids.push(...items.map(({ id }) => id));
    if (nextCursor === null) return ids;
    cursor = nextCursor;
  }
}

async function expected(sql: string): Promise<string[]> {
  const rows = await world.db.query<{ id: string }>(sql, [company.organizationId]);
  expect(rows.length).toBeGreaterThan(5);
  return rows.map(({ id }) => id);
}

it.each([
  [{ q: 'ana' }, `p.first_name = 'Ana'`],
  [{ channel: 'sms' }, `'sms' = any(c.channels)`],
  [{ q: 'bo', channel: 'whatsapp' }, `p.first_name = 'Bo' and 'whatsapp' = any(c.channels)`],
])('R-CHAT-9: the inbox by %j is the same on pages of whatever size', async (filter, condition) => {
  const ids = await expected(
    `select c.id from conversations c join people p on p.id = c.person_id
     where c.organization_id = $1 and c.last_message_at is not null and ${condition}
     order by unanswered_since, case when unanswered_since is not null then c.id end, last_message_at desc, c.id desc`,
  );
  const context = { actor: company.as(company.users.recruiter), dayMs };
  for (const limit of [1, 2, 7, 100]) {
    const read = (cursor?: string) =>
      listConversations(world.db, context, { view: 'all', ...filter, limit, cursor });
    expect([limit, await all(read)]).toEqual([limit, ids]);
  }
});

it.each([
  [{ q: 'ana' }, `first_name = 'Ana'`],
  [{ tag: 'crane' }, `'crane' = any(tags)`],
])('the candidate base by %j is the same on pages of whatever size', async (filter, condition) => {
  const ids = await expected(
    `select id from people where organization_id = $1 and ${condition} order by last_name, first_name, id`,
  );
  const actor = company.as(company.users.recruiter);
  for (const limit of [1, 2, 7, 100]) {
    const read = (cursor?: string) =>
      listPeople(world.db, actor, { ...filter, limit, ...(cursor !== undefined && { cursor }) });
    expect([limit, await all(read)]).toEqual([limit, ids]);
  }
});
