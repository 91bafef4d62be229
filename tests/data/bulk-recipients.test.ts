import { bulkSendInput, type RecipientSource, type SendPreviewInput } from '../../src/contracts/sends';
import { createBulkSend } from '../../src/data/bulk/bulk-sends';
import { listBulkRecipients } from '../../src/data/bulk/bulk-recipients';
import { newId } from '../../src/data/database';
import { foretell, type SendContent } from '../../src/data/actions/foretell';
import { saveSearch } from '../../src/data/people/saved-searches';
import { findRecipients, previewSend } from '../../src/data/bulk/send-preview';
import { startChat } from '../../src/data/conversations/chat-commands';
import type { ActingUser, Actor } from '../../src/domain/permissions';
import type { Company, World } from '../support/company';
import { createWorld, dayMs } from '../support/company';

let world: World;
let company: Company;
beforeAll(async () => void (world = await createWorld()));
afterAll(() => world.close());
beforeEach(async () => void (company = await world.company()));

const admin = (): Actor => company.as(company.users.administrator);
const withBase = (user: ActingUser): Actor => company.as({ ...user, accessToOwnBase: true });

async function send(source: RecipientSource, actor = admin()): Promise<string> {
  return (await createBulkSend(world.db, actor, { channels: ['whatsapp'], text: 'Hello', ...source })).id;
}

async function namesOf(id: string): Promise<string[]> {
  const { items } = await listBulkRecipients(world.db, admin(), id, { limit: 50 });
  return items.map(({ name }) => name);
}

const preview = (input: Partial<SendPreviewInput>, actor = admin()) =>
  previewSend(
    world.db,
    { actor, dayMs },
    { channels: ['whatsapp'], ...(input.templateId ? {} : { text: 'Hello' }), ...input },
  );

describe('R-SEND-2: the candidate base by search', () => {
  it('a filter means all whom it finds when the send is made, in the order of the list; who joins later is not in it', async () => {
    const named = (firstName: string) => company.person({ firstName, lastName: 'Findable' });
    await named('Berta');
    await named('Anna');
    await company.person({ lastName: 'Other' });
    await company.person({ kind: 'contact', lastName: 'Findable' });
    const id = await send({ filter: { q: 'findable', kind: 'candidate' } });
    await named('Carla');
    expect(await namesOf(id)).toEqual(['Anna Findable', 'Berta Findable']);
  });

  it('a saved search is the user’s own, as its page shows it', async () => {
    const { recruiter } = company.users;
    const actor = withBase(recruiter);
    await company.person({ lastName: 'Kept', firstName: 'Anna', responsible: recruiter });
    await company.person({ lastName: 'Kept', firstName: 'Berta', responsible: null });
    const { id: savedSearchId } = await saveSearch(
      world.db,
      { ...actor, user: recruiter },
      {
        page: 'people',
        name: 'Mine',
        query: { view: 'candidate', q: 'Kept', responsible: recruiter.id, notContactedSince: '2026-01-01' },
      },
    );
    expect(await namesOf(await send({ savedSearchId }, actor))).toEqual(['Anna Kept']);
    await expect(send({ savedSearchId }, withBase(company.colleague))).rejects.toMatchObject({
      code: 'not_found',
    });
    const broken = { page: 'people', name: 'Broken', query: { contactedSince: 'soon' } } as const;
    const { id: brokenId } = await saveSearch(world.db, { ...actor, user: recruiter }, broken);
    await expect(send({ savedSearchId: brokenId }, actor)).rejects.toMatchObject({ code: 'invalid' });
  });

  it('R-ROLE: only with access to the base', async () => {
    await company.person();
    const filter = { kind: 'candidate' } as const;
    const { recruiter, interviewer } = company.users;
    for (const user of [recruiter, { ...interviewer, accessToOwnBase: true }]) {
      await expect(send({ filter }, company.as(user))).rejects.toMatchObject({ code: 'not_permitted' });
      await expect(preview({ filter }, company.as(user))).rejects.toMatchObject({ code: 'not_permitted' });
    }
    await expect(send({ filter }, withBase(recruiter))).resolves.toBeDefined();
  });

  it('one that means nobody is refused, and so is a name that no filter has', async () => {
    await expect(send({ filter: { q: 'Nobody At All' } })).rejects.toMatchObject({ code: 'invalid' });
    expect(await preview({ filter: { q: 'Nobody At All' } })).toMatchObject({ recipients: 0, sample: null });
    const body = { channels: ['sms'], text: 'Hello' };
    expect(bulkSendInput.safeParse({ ...body, filter: { city: 'Rome' } }).success).toBe(false);
    expect(bulkSendInput.safeParse({ ...body, filter: {} }).success).toBe(true);
    expect(bulkSendInput.safeParse({ ...body, filter: {}, stageId: newId() }).success).toBe(false);
    expect(bulkSendInput.safeParse(body).success).toBe(false);
  });
});

describe('R-SEND-2: a vacancy stage', () => {
  it('means who stands in it and was neither rejected nor has withdrawn', async () => {
    const people = await company.people(4);
    const vacancy = await company.vacancy();
    const applications = await company.apply(vacancy, people);
    await company.apply(vacancy, [await company.person()], vacancy.stages[1]);
    const now = await world.db.now();
    await world.db.query('update applications set rejected_at = $2 where id = $1', [applications[0], now]);
    await world.db.query('update applications set withdrawn_at = $2 where id = $1', [applications[1], now]);
    const stageId = vacancy.stages[0]!;
    const id = await send({ stageId }, company.as(company.users.interviewer));
    const { items } = await listBulkRecipients(world.db, admin(), id, { limit: 9 });
    expect(items.map(({ applicationId }) => applicationId).sort()).toEqual(applications.slice(2).sort());
    expect(await preview({ stageId })).toMatchObject({ recipients: 2 });
  });

  it('R-ROLE: of a vacancy that one is assigned to', async () => {
    const vacancy = await company.vacancy({ assigned: [company.colleague] });
    await company.apply(vacancy, [await company.person()]);
    const stageId = vacancy.stages[0]!;
    const { recruiter, interviewer } = company.users;
    await expect(send({ stageId }, company.as(recruiter))).rejects.toMatchObject({ code: 'not_permitted' });
    await expect(send({ stageId }, company.as(interviewer))).rejects.toMatchObject({ code: 'not_found' });
    await expect(send({ stageId: newId() })).rejects.toMatchObject({ code: 'not_found' });
    await send({ stageId });
  });
});

it('R-SEND-5: a variable that does not exist is refused before anything is planned', async () => {
  const person = await company.person();
  const input = { channels: ['sms' as const], text: 'Hi {{candidate.shoeSize}}', personIds: [person.id] };
  await expect(createBulkSend(world.db, admin(), input)).rejects.toMatchObject({ code: 'invalid' });
  await expect(preview(input)).rejects.toMatchObject({ code: 'invalid' });
});

describe('R-SEND-5: the preview for a chosen recipient', () => {
  it('finds those who are meant by name, and shows what the chosen one will read', async () => {
    const [anna, berta] = [
      await company.person({ firstName: 'Anna', lastName: 'Meant' }),
      await company.person({ firstName: 'Berta', lastName: 'Meant' }),
    ];
    await company.person({ firstName: 'Carla', lastName: 'Meant' });
    const personIds = [anna.id, berta.id];
    const find = async (q: string) =>
      (await findRecipients(world.db, admin(), { q, personIds })).items.map(({ name }) => name);
    expect(await find('')).toEqual(['Anna Meant', 'Berta Meant']);
    expect(await find('meant bert')).toEqual(['Berta Meant']);
    expect(await find('Carla')).toEqual([]);
    const text = 'Hi {{candidate.firstName}}';
    expect(await preview({ personIds, text, sampleOf: berta.id })).toMatchObject({
      sample: { text: 'Hi Berta' },
    });
    const templateId = await company.template({
      body: 'Hi {{1}}, about {{2}}',
      expressions: { 'body.1': '{{candidate.firstName}}', 'body.2': '{{vacancy.title}}' },
    });
    expect((await preview({ personIds, templateId })).sample!.text).toBe('Hi Anna, about {{vacancy.title}}');
    await expect(
      findRecipients(world.db, company.as(company.users.recruiter), { q: '', personIds }),
    ).rejects.toMatchObject({ code: 'not_permitted' });
  });

  it('R-CHAT-3: by hand, a colleague who owns the chat stands in the way by name; of many nobody does', async () => {
    const person = await company.person();
    await company.write(person, 'hi');
    await startChat(world.db, { actor: company.as(company.colleague), dayMs }, company.ids(person), null);
    const actor = company.as(company.users.recruiter);
    const ask = async (byHand: boolean, by = actor) =>
      (await preview({ byHand, personIds: [person.id] }, by)).channels[0]!;
    const owned = await ask(true);
    expect(owned).toMatchObject({ willSend: 0, credits: 0, reasons: [{ code: 'chat_owned_by_other' }] });
    expect(owned.reasons[0]!.text).toMatch(/^\S+ \S+ owns this chat\. /);
    expect(await ask(false)).toMatchObject({ willSend: 1 });
    expect(await ask(true, company.as(company.colleague))).toMatchObject({ willSend: 1 });
  });
});

describe('R-SEND-6: the preview of many', () => {
  it('counts those who are alike together and says what judging one by one says', async () => {
    await crowd(120);
    await world.db.query(
      `insert into channel_accounts (organization_id, id, channel, name, state, settings, state_changed_at, created_at, updated_at)
       select $1, $2, 'sms', 'SMS', 'connected', '{"sender": {"kind": "name"}}', now, now, now from clock_timestamp() now`,
      [company.organizationId, newId()],
    );
    const templateId = await company.template({ body: 'Hi {{1}}' });
    const composed = (body: string): SendContent => ({ template: null, title: 'Title', body });
    for (const balance of [100_000, 70]) {
      await world.db.query('update credit_accounts set balance = $2 where organization_id = $1', [
        company.organizationId,
        balance,
      ]);
      await assertSame(composed('Hello'));
      await assertSame(composed('Hello {{candidate.firstName|there}}, it is about {{vacancy.title|a job}}'));
      await assertSame(composed(`${'x'.repeat(150)} {{candidate.fullName}} {{candidate.custom.city}}`));
      await assertSame(composed('{{recruiter.fullName}} {{company.name}} ✓'));
    }
    expect((await preview({ templateId, filter: {} })).recipients).toBe(120);
  });

  async function assertSame({ body, title }: SendContent): Promise<void> {
    const channels = ['email', 'sms', 'whatsapp'] as const;
    const told = await preview({ channels: [...channels], title: title!, text: body!, filter: {} });
    const people = await world.db.query<{ id: string }>(
      'select id from people where organization_id = $1 order by last_name, first_name, id',
      [company.organizationId],
    );
    const sends = channels.flatMap((channel) =>
      people.map(({ id }) => ({ personId: id, applicationId: null, channel })),
    );
    const scope = {
      organizationId: company.organizationId,
      now: await world.db.now(),
      dayMs,
      spending: true,
    };
    const single = await world.db.transact((tx) =>
      foretell(tx, { ...scope, userId: company.users.administrator.id }, sends, () => ({
        template: null,
        title,
        body,
      })),
    );
    for (const { channel, willSend, credits, reasons } of told.channels) {
      const some = single.filter((_, index) => sends[index]!.channel === channel);
      expect(willSend).toBe(some.filter(({ reason }) => reason === null).length);
      expect(credits).toBe(some.reduce((sum, one) => sum + one.credits, 0));
      for (const { code, count } of reasons)
        expect([code, count]).toEqual([code, some.filter(({ reason }) => reason === code).length]);
      expect(willSend + reasons.reduce((sum, { count }) => sum + count, 0)).toBe(120);
    }
  }

  it('R-CRED-2: channels that are chosen share the credits, another is judged as if it alone came on top', async () => {
    company = await world.company({ credits: 5 });
    await world.db.query(
      `insert into channel_accounts (organization_id, id, channel, name, state, settings, state_changed_at, created_at, updated_at)
       select $1, $2, 'sms', 'SMS', 'connected', '{"sender": {"kind": "name"}}', now, now, now from clock_timestamp() now`,
      [company.organizationId, newId()],
    );
    const templateId = await company.template();
    await company.people(4);
    const channels: ('sms' | 'whatsapp')[] = ['sms', 'whatsapp'];
    const told = async (chosen?: typeof channels) =>
      (await preview({ channels, templateId, filter: {}, ...(chosen && { chosen }) })).channels.map(
        ({ willSend }) => willSend,
      );
    expect(await told([])).toEqual([4, 4]);
    expect(await told(['whatsapp'])).toEqual([1, 4]);
    expect(await told()).toEqual([4, 1]);
  });

  it('two thousand are written down by one statement, and judged by one for each channel', async () => {
    await crowd(2_000);
    const statements: string[] = [];
    const counting = {
      ...world.db,
      transact: <T>(work: Parameters<typeof world.db.transact<T>>[0]) =>
        world.db.transact<T>((tx) =>
          work({ ...tx, query: (sql, values) => (statements.push(sql), tx.query(sql, values)) }),
        ),
    };
    const input = {
      channels: ['email' as const],
      title: 'Hi',
      text: 'Hi {{candidate.firstName|there}}',
      filter: {},
    };
    const { id } = await createBulkSend(counting, admin(), input);
    expect(statements.filter((sql) => sql.includes('insert into bulk_recipients'))).toHaveLength(1);
    expect(statements.length).toBeLessThan(8);
    const [written] = await world.db.query<{ count: number }>(
      'select count(*)::int as count from bulk_recipients where bulk_send_id = $1',
      [id],
    );
    expect(written!.count).toBe(2_000);
    statements.length = 0;
    const { channels } = await previewSend(counting, { actor: admin(), dayMs }, input);
    expect(channels).toMatchObject([{ willSend: 1_600, reasons: [{ code: 'email_missing', count: 400 }] }]);
    expect(statements.length).toBeLessThan(20);
  });

  /** People in every state that decides, by four statements. */
  async function crowd(count: number): Promise<void> {
    const values = [company.organizationId, count, company.users.recruiter.id];
    await world.db.query(
      `with made as (
         insert into people (organization_id, id, kind, first_name, last_name, custom, responsible_user_id, created_at, updated_at)
         select $1, gen_random_uuid(), (case when i % 9 = 0 then 'contact' else 'candidate' end)::person_kind,
           case when i % 7 = 0 then '' else 'First' || i % 5 end, repeat('Last', i % 4) || i,
           case when i % 6 = 0 then '{"city": "Köln"}'::jsonb else '{}' end, case when i % 2 = 0 then $3::uuid end, now(), now()
         from generate_series(1, $2::int) i returning id)
       insert into conversations (organization_id, id, person_id, channels, created_at, updated_at)
       select $1, gen_random_uuid(), id, '{}', now(), now() from made`,
      values,
    );
    const numbered = `select person_id, row_number() over (order by person_id)::int as i from conversations where organization_id = $1`;
    await world.db.query(
      `insert into contact_points (organization_id, id, person_id, kind, key, value, valid, phone_type, whatsapp, created_at)
       select $1, gen_random_uuid(), person_id, 'phone', '+34' || (700000000 + i), '', i % 11 > 0,
         (case when i % 5 = 0 then 'landline' else 'mobile' end)::phone_type,
         (case when i % 13 = 0 then 'absent' else 'unknown' end)::whats_app_presence, now()
       from (${numbered}) p where i % 10 > 0`,
      values.slice(0, 1),
    );
    await world.db.query(
      `insert into contact_points (organization_id, id, person_id, kind, key, value, valid, bounced_at, created_at)
       select $1, gen_random_uuid(), person_id, 'email', i || '@' || $1 || '.example', '', true, null, now() from (${numbered}) p where i % 5 > 0`,
      values.slice(0, 1),
    );
    const phones = `select id, key, row_number() over (order by key)::int as i from contact_points where organization_id = $1 and kind = 'phone'`;
    await world.db.query(
      `with agreed as (
         insert into consents (organization_id, id, contact_point_id, channel, granted, source, occurred_at, created_at)
         select $1, gen_random_uuid(), id, 'whatsapp', i % 8 > 0, 'import', now(), now() from (${phones}) p where i % 3 > 0),
       opened as (
         insert into service_windows (organization_id, channel_account_id, contact_point_id, last_inbound_at)
         select $1, $2, id, now() - case when i % 4 = 0 then interval '2 days' else interval '2 hours' end from (${phones}) p where i % 2 = 0)
       insert into opt_outs (organization_id, id, contact_point_id, key_hash, channels, marketing_only, occurred_at)
       select $1, gen_random_uuid(), id, key, '{sms}', false, now() from (${phones}) p where i % 17 = 0`,
      [company.organizationId, company.account.id],
    );
  }
});
