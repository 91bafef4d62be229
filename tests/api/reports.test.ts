import type { ReportMessage, ReportSummary } from '../../src/contracts/reports';
import { newId } from '../../src/data/database';
import { countReportDays } from '../../src/data/report-days';
import type { Company, Person } from '../support/company';
import { waitFor } from '../support/wait';
import { createApi, type Api, type Client } from './support';

let api: Api;
let company: Company;
let person: Person;
let recruiter: Client;
let applicationId: string;
let vacancyId: string;

beforeAll(async () => {
  api = await createApi();
  company = await api.world.company();
  person = await company.person({ firstName: '=cmd()', lastName: 'Núñez' });
  const vacancy = await company.vacancy();
  vacancyId = vacancy.id;
  [applicationId] = (await company.apply(vacancy, [person])) as [string];
  recruiter = await api.signIn(company, company.users.recruiter);
  const hand = { origin: 'manual', senderUserId: company.users.recruiter.id };
  await messages(person, [
    // Madrid is an hour ahead: the first is of 2 March there, though of 1 March in UTC
    { at: '2026-03-01T23:30:00Z', state: 'delivered', ...hand, applicationId },
    { at: '2026-03-02T10:00:00Z', state: 'received', origin: 'person', body: '@home, "yes"\nor no' },
    { at: '2026-03-02T11:00:00Z', state: 'failed', origin: 'automatic', reason: 'provider_refused' },
    { at: '2026-03-03T11:00:00Z', state: 'read', origin: 'bulk', channel: 'sms', credits: 2 },
    { at: '2026-03-03T12:00:00Z', state: 'delivered', origin: 'api', givenBack: true },
    { at: '2026-03-03T23:30:00Z', state: 'sent', ...hand },
  ]);
});
afterAll(() => api.close());

type NewMessage = {
  at: string;
  state: string;
  origin: string;
  channel?: string;
  credits?: number;
  body?: string;
  reason?: string;
  senderUserId?: string;
  applicationId?: string;
  givenBack?: boolean;
};

let place = 0;

async function messages(of: Person, all: NewMessage[]): Promise<void> {
  const rows = all.map((message) => ({ ...message, id: newId(), place: (place += 1) }));
  await api.world.db.query(
    `insert into messages (organization_id, id, conversation_id, position, application_id, channel, direction, origin, state, kind, body,
       sender_user_id, credits, reason, occurred_at, created_at)
     select $1, id, $2, place, "applicationId", coalesce(channel, 'whatsapp')::channel,
       (case when state = 'received' then 'in' else 'out' end)::direction, origin::message_origin, state::message_state, 'text',
       coalesce(body, 'Hello'), "senderUserId", case when state = 'received' then 0 else coalesce(credits, 1) end, reason, at, at
     from jsonb_to_recordset($3::jsonb) as r(id uuid, place int, at timestamptz, state text, origin text, channel text, credits int,
       body text, reason text, "senderUserId" uuid, "applicationId" uuid)`,
    [company.organizationId, of.conversationId, JSON.stringify(rows)],
  );
  for (const { id } of rows.filter(({ givenBack }) => givenBack)) {
    await api.world.db.query(
      `insert into credit_entries (organization_id, id, kind, amount, message_id, occurred_at) values ($1, $2, 'refund', 1, $3, now())`,
      [company.organizationId, newId(), id],
    );
  }
}

const march = 'from=2026-03-02&to=2026-03-03';
const read = async <T>(path: string): Promise<T> => (await recruiter.get(path).expect(200)).body as T;
const summary = (query: string) => read<ReportSummary>(`/api/v1/reports/messages/summary?${query}`);
const list = (query: string) =>
  read<{ items: ReportMessage[]; nextCursor: string | null }>(`/api/v1/reports/messages?${query}`);

describe('R-LOG-3: Reports → Messages', () => {
  it('counts the days of the organization’s time zone, by channel and state', async () => {
    const report = await summary(march);
    expect(report).toMatchObject({
      from: '2026-03-02',
      to: '2026-03-03',
      timeZone: 'Europe/Madrid',
      totals: { messages: 5, sent: 3, received: 1, notSent: 1, credits: 3 },
    });
    expect(report.counts).toEqual([
      { day: '2026-03-02', channel: 'whatsapp', state: 'delivered', messages: 1, credits: 1 },
      { day: '2026-03-02', channel: 'whatsapp', state: 'failed', messages: 1, credits: 0 },
      { day: '2026-03-02', channel: 'whatsapp', state: 'received', messages: 1, credits: 0 },
      { day: '2026-03-03', channel: 'whatsapp', state: 'delivered', messages: 1, credits: 0 },
      { day: '2026-03-03', channel: 'sms', state: 'read', messages: 1, credits: 2 },
    ]);
  });

  it.each([
    ['channel=sms', 1],
    ['state=failed', 1],
    ['origin=hand', 1],
    ['origin=automatic', 3],
    ['origin=person', 1],
  ])('filters by %s', async (filter, count) => {
    expect((await list(`${march}&${filter}`)).items).toHaveLength(count);
    expect((await summary(`${march}&${filter}`)).totals.messages).toBe(count);
  });

  it('filters by vacancy and user', async () => {
    const both = await list(`${march}&vacancyId=${vacancyId}&userId=${company.users.recruiter.id}`);
    expect(both.items).toMatchObject([
      { vacancy: { id: vacancyId, title: 'Baker' }, sender: 'Uma recruiter', origin: 'hand', credits: 1 },
    ]);
    expect((await list(`${march}&userId=${company.colleague.id}`)).items).toEqual([]);
  });

  it('lists page by page, each message once, newest first', async () => {
    const seen: ReportMessage[] = [];
    let cursor: string | null = null;
    do {
      const page = await list(`${march}&limit=2${cursor === null ? '' : `&cursor=${cursor}`}`);
      seen.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen.map(({ state }) => state)).toEqual(['delivered', 'read', 'failed', 'received', 'delivered']);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(5);
  });

  it('without a period it is of the last 30 days', async () => {
    const { from, to } = await summary('');
    expect((Date.parse(to) - Date.parse(from)) / 86_400_000).toBe(29);
  });

  it.each([
    'from=2026-03-04&to=2026-03-02',
    'from=2020-01-01&to=2026-03-02',
    'from=2026-02-30',
    'channel=fax',
  ])('refuses %s', async (query) => {
    const path = `/api/v1/reports/messages`;
    for (const url of [path, `${path}/summary`, `${path}/csv`]) {
      const { body } = await recruiter.get(`${url}?${query}`).expect(422);
      expect(body).toMatchObject({ code: 'invalid' });
    }
  });

  it('sees nothing of another organization', async () => {
    const foreign = await api.world.company();
    const stranger = await api.signIn(foreign, foreign.users.administrator);
    const { text } = await stranger.get(`/api/v1/reports/messages?${march}`).expect(200);
    expect(JSON.parse(text)).toEqual({ items: [], nextCursor: null });
    const { body } = await stranger
      .get(`/api/v1/reports/messages?${march}&vacancyId=${vacancyId}`)
      .expect(200);
    expect((body as { items: unknown[] }).items).toEqual([]);
  });
});

describe('R-LOG-3: the file', () => {
  it('is CSV in UTF-8 with a byte order mark, without formulas', async () => {
    const response = await recruiter.get(`/api/v1/reports/messages/csv?${march}`).expect(200);
    expect(response.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(response.headers['content-disposition']).toBe('attachment; filename="messages.csv"');
    const { text } = response;
    expect(text.startsWith('\uFEFFTime (Europe/Madrid),Person,')).toBe(true);
    expect(text.match(/'=cmd\(\) Núñez/g)).toHaveLength(5);
    expect(text).not.toMatch(/(^|,)=/m);
    expect(text).toContain(`"'@home, ""yes""\nor no"`);
    expect(text).toContain('2026-03-02 00:30:00,');
  });

  it('R-MAIL-1: shows links to candidate pages without what opens them, as messages are shown', async () => {
    const link = `https://parley.example/messages/${'aB-_9'.repeat(14)}`;
    const body = `Read it here: ${link}, or answer to reply+${'abcdefg'.repeat(6)}@acme.example.`;
    const at = '2026-05-01T10:00:00Z';
    await messages(await company.person(), [{ at, state: 'sent', origin: 'bulk', body }]);
    const { text } = await recruiter
      .get('/api/v1/reports/messages/csv?from=2026-05-01&to=2026-05-01')
      .expect(200);
    expect(text).toContain(
      '"Read it here: https://parley.example/messages/, or answer to reply@acme.example."',
    );
  });

  it('is complete beyond one batch', async () => {
    const other = await company.person();
    const at = '2026-04-01T10:00:00Z';
    await messages(
      other,
      Array.from({ length: 4_500 }, () => ({ at, state: 'sent', origin: 'bulk' })),
    );
    const { text } = await recruiter
      .get('/api/v1/reports/messages/csv?from=2026-04-01&to=2026-04-01')
      .expect(200);
    const ids = text
      .split('\r\n')
      .slice(1, -1)
      .map((line) => line.split(',').at(-2));
    expect(ids).toHaveLength(4_500);
    expect(new Set(ids).size).toBe(4_500);
  });
});

describe('R-LOG-3: days that are over are added up once', () => {
  const days = ['2026-03-02', '2026-03-03'];
  const addedUp = async () => {
    const rows = await api.world.db.query<{ day: string }>(
      `select day::text from report_days where organization_id = $1 and counts is not null and day = any($2) order by day`,
      [company.organizationId, days],
    );
    return rows.map(({ day }) => day);
  };
  const become = (to: string, from: string): [string, unknown[]] => [
    `update messages set state = $2::message_state
     where organization_id = $1 and state = $3::message_state and occurred_at < '2026-03-03T23:00:00Z'`,
    [company.organizationId, to, from],
  ];
  const states = async () =>
    Object.fromEntries((await summary(march)).counts.map(({ state, day }) => [`${day} ${state}`, 1]));

  it('and say what their messages say, by channel and state as well', async () => {
    const queries = [march, `${march}&channel=sms`, `${march}&state=failed`];
    const before = await Promise.all(queries.map(summary));
    expect(await addedUp()).toEqual([]);
    await countReportDays(api.world.db);
    expect(await addedUp()).toEqual(days);
    expect(await Promise.all(queries.map(summary))).toEqual(before);
  });

  it('a receipt or a message that comes late counts at once', async () => {
    await api.world.db.query(...become('sent', 'read'));
    expect(await addedUp()).toEqual([]);
    expect(await states()).toHaveProperty(['2026-03-03 sent']);
    await countReportDays(api.world.db);
    expect(await addedUp()).toEqual(days);
    expect(await states()).toHaveProperty(['2026-03-03 sent']);
    await messages(person, [{ at: '2026-03-03T12:00:00Z', state: 'received', origin: 'person' }]);
    expect((await summary(march)).totals.messages).toBe(6);
  });

  it('also one that is not committed yet while they are added up', async () => {
    const client = await api.world.db.pool.connect();
    try {
      await client.query('begin');
      await client.query(...become('read', 'sent'));
      const counted = countReportDays(api.world.db);
      const waits = `select 1 from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())`;
      await waitFor(async () => (await api.world.db.query(waits)).length > 0, { what: 'the sums to wait' });
      await client.query('commit');
      await counted;
    } finally {
      client.release();
    }
    expect(await states()).toHaveProperty(['2026-03-03 read']);
  });
});
