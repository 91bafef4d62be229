import { newId } from '../../src/data/database';
import type { Company, Person as Made } from '../support/company';
import { createApi, type Api, type Client } from './support';

let api: Api;
let company: Company;
let recruiter: Client;
let colleague: Client;

beforeAll(async () => {
  api = await createApi();
  company = await api.world.company();
  recruiter = await api.signIn(company, company.users.recruiter);
  colleague = await api.signIn(company, company.colleague);
});
afterAll(() => api.close());

type Person = {
  id: string;
  name: string;
  tags: string[];
  custom: object;
  mergedIntoId: string | null;
  conversationId: string;
  contactPoints: { id: string; key: string; consents: object[] }[];
  applications: { id: string; vacancyId: string; stageName: string }[];
};
type Message = { id: string; body: string };

const merge = (from: Made, into: Made, client = recruiter) =>
  client.post(`/api/v1/people/${from.id}/merge`, { intoId: into.id });
const read = async (id: string) => (await recruiter.get(`/api/v1/people/${id}`).expect(200)).body as Person;
const start = (client: Client, of: Made) =>
  client.post(`/api/v1/conversations/${of.conversationId}/start`, {}).expect(200);
const conversation = async (id: string) =>
  (await recruiter.get(`/api/v1/conversations/${id}`).expect(200)).body as {
    id: string;
    status: string;
    owner: { id: string } | null;
    unread: number;
    unanswered: boolean;
  };

/** Everything that stands with one of these people. */
async function counts(...people: Made[]): Promise<Record<string, number>> {
  const [row] = await api.world.db.query<Record<string, number>>(
    `with c as (select * from conversations where person_id = any($1::uuid[]))
     select (select count(*)::int from contact_points where person_id = any($1::uuid[])) as points,
       (select count(*)::int from consents co join contact_points cp on cp.id = co.contact_point_id where cp.person_id = any($1::uuid[])) as consents,
       (select count(*)::int from messages where conversation_id in (select id from c)) as messages,
       (select count(*)::int from notes where person_id = any($1::uuid[])) as notes,
       (select count(*)::int from stage_entries se join applications a on a.id = se.application_id where a.person_id = any($1::uuid[])) as entries,
       (select count(*)::int from timeline_entries where person_id = any($1::uuid[]) and kind not in ('merged', 'chatHandedOver')) as timeline,
       (select count(*)::int from notifications where person_id = any($1::uuid[])) as notifications,
       (select sum(message_count)::int from c) as "messageCount", (select sum(inbound_count)::int from c) as "inboundCount"`,
    [people.map(({ id }) => id)],
  );
  return row!;
}

describe('R-CHAT-13: merging two people', () => {
  it('loses nothing: everything of both stands with the one who stays, messages in the order of time', async () => {
    const [from, into] = (await company.people(2)) as [Made, Made];
    await company.write(into, 'one');
    await company.write(from, 'two');
    await company.write(into, 'three');
    await company.write(from, 'four');
    await recruiter.post(`/api/v1/people/${from.id}/notes`, { body: 'A note', visibleTo: [] }).expect(201);
    const [shared, own] = [await company.vacancy(), await company.vacancy()];
    await company.apply(shared, [from, into]);
    await company.apply(own, [from]);
    await recruiter
      .patch(`/api/v1/people/${from.id}`, { tags: ['b', 'a'], custom: { x: 'from', y: 'from' } })
      .expect(200);
    await recruiter.patch(`/api/v1/people/${into.id}`, { tags: ['c'], custom: { x: 'into' } }).expect(200);
    const before = await counts(from, into);

    const preview = await recruiter
      .get(`/api/v1/people/${from.id}/merge-preview?intoId=${into.id}`)
      .expect(200);
    expect(preview.body).toMatchObject({
      from: { id: from.id },
      into: { id: into.id },
      result: { messageCount: 4, chat: { status: 'open', ownerName: null } },
    });
    expect((preview.body as { result: { matches: object[] } }).result.matches).toHaveLength(2);

    await merge(from, into).expect(200);
    expect(await counts(into)).toEqual(before);
    const person = await read(into.id);
    expect(person).toMatchObject({
      tags: ['a', 'b', 'c'],
      custom: { x: 'into', y: 'from' },
      mergedIntoId: null,
    });
    expect(person.applications).toHaveLength(2);
    const { body } = await recruiter.get(`/api/v1/conversations/${into.conversationId}/messages`).expect(200);
    const said = (body as { items: Message[] }).items.map((message) => message.body);
    expect([...said].sort()).toEqual(['four', 'one', 'three', 'two']);
    const positions = await api.world.db.query<{ body: string; position: number }>(
      'select body, position from messages where conversation_id = $1 order by position',
      [into.conversationId],
    );
    expect(positions).toEqual(
      ['one', 'two', 'three', 'four'].map((text, index) => ({ body: text, position: index + 1 })),
    );
    expect(await conversation(into.conversationId)).toMatchObject({ unread: 4, unanswered: true });
    // and the conversation goes on
    await company.write(from, 'five');
    expect((await conversation(into.conversationId)).unread).toBe(5);
  });

  it('answers to the old id with the other person, and says so', async () => {
    const [first, second, third] = (await company.people(3)) as [Made, Made, Made];
    await recruiter.patch(`/api/v1/people/${first.id}`, { externalId: 'merge-1' }).expect(200);
    await recruiter.patch(`/api/v1/people/${second.id}`, { externalId: 'merge-2' }).expect(200);
    await merge(first, second).expect(200);
    await merge(second, third).expect(200);
    for (const old of [first.id, second.id, 'ext:merge-1'])
      expect([old, await read(old)]).toEqual([
        old,
        expect.objectContaining({ id: third.id, mergedIntoId: third.id }),
      ]);
    expect(await read(third.id)).toMatchObject({ mergedIntoId: null, externalId: 'merge-2' });
    // an ATS that knows the old external id changes the person, and makes no other
    const { body } = await recruiter
      .post('/api/v1/people', { externalId: 'merge-1', lastName: 'Changed' })
      .expect(201);
    expect(body).toMatchObject({ id: third.id, created: false, externalId: 'merge-2' });
    expect((await conversation(first.conversationId)).id).toBe(third.conversationId);
    const list = await recruiter.get('/api/v1/people?limit=100').expect(200);
    expect(list.text).not.toContain(first.id);
  });

  it('of two running chats the later-contacted owner keeps the one, and the loser’s workflow ends', async () => {
    const [from, into] = (await company.people(2)) as [Made, Made];
    await start(recruiter, into);
    await start(colleague, from);
    const pokes: { workflowId: string; payload: { snapshot: { status: string; version: number } } }[] = [];
    const stop = api.world.db.onCommitted((committed) => pokes.push(...(committed.pokes as never[])));
    await merge(from, into).expect(200);
    stop();
    expect(await conversation(into.conversationId)).toMatchObject({
      status: 'active',
      owner: { id: company.colleague.id },
    });
    expect(pokes.map(({ workflowId, payload }) => [workflowId, payload.snapshot.status])).toEqual([
      [`conversation:${from.conversationId}`, 'closed'],
      [`conversation:${into.conversationId}`, 'active'],
    ]);
    await colleague
      .post(`/api/v1/conversations/${from.conversationId}/messages`, { type: 'text', text: 'Hello' })
      .expect(409);
  });

  it('on one vacancy twice: the later stage entry wins, the other is history of it', async () => {
    const [from, into] = (await company.people(2)) as [Made, Made];
    const vacancy = await company.vacancy();
    const [gone] = await company.apply(vacancy, [into], vacancy.stages[0]);
    const [kept] = await company.apply(vacancy, [from], vacancy.stages[0]);
    await recruiter.post(`/api/v1/applications/${kept}/move`, { stageId: vacancy.stages[1] }).expect(200);
    await recruiter
      .post(`/api/v1/people/${into.id}/notes`, { body: 'On the other', applicationId: gone })
      .expect(201);
    await merge(from, into).expect(200);
    expect((await read(into.id)).applications).toEqual([
      expect.objectContaining({ id: kept, vacancyId: vacancy.id, stageName: 'Interview' }),
    ]);
    const { body } = await recruiter
      .get(`/api/v1/people/${into.id}/timeline?applicationId=${kept}`)
      .expect(200);
    const texts = (body as { items: { text: string }[] }).items.map(({ text }) => text);
    expect(texts).toContain('Another match on this vacancy, in New, was merged into this one.');
    expect(texts).toContain('Wrote an internal note.');
    const history = await recruiter.get(`/api/v1/applications/${kept}`).expect(200);
    expect((history.body as { history: object[] }).history).toHaveLength(3);
  });

  it('keeps consents with their numbers, and the filter for them', async () => {
    const [from] = await company.people(1, { consent: true });
    const [into] = await company.people(1, { consent: null, phone: null });
    await merge(from!, into!).expect(200);
    const person = await read(into!.id);
    expect(person.contactPoints.map(({ id, consents }) => [id, consents.length])).toEqual([
      [from!.contactPointId, 1],
    ]);
    const rows = await api.world.db.query(
      'select id, whatsapp_consent as consent from people where id = any($1::uuid[]) order by id',
      [[from!.id, into!.id]],
    );
    expect(rows).toEqual([from!.id, into!.id].sort().map((id) => ({ id, consent: id === into!.id })));
  });

  it('refuses what cannot be: oneself, a contact with a candidate, somebody of another organization, twice', async () => {
    const [one, two] = (await company.people(2)) as [Made, Made];
    const contact = await company.person({ kind: 'contact' });
    const foreign = await (await api.world.company()).person();
    await merge(one, one).expect(422);
    await merge(one, contact).expect(422);
    await merge(one, foreign).expect(404);
    await merge(foreign, one).expect(404);
    await recruiter.post(`/api/v1/people/${one.id}/merge`, { intoId: newId() }).expect(404);
    const interviewer = await api.signIn(company, company.users.interviewer);
    await merge(one, two, interviewer).expect(403);
    const same = { 'Idempotency-Key': newId() };
    for (let n = 0; n < 2; n++)
      await recruiter.post(`/api/v1/people/${one.id}/merge`, { intoId: two.id }, same).expect(200);
    await merge(one, two).expect(422);
  });

  it('takes who wrote from an unknown number into a contact', async () => {
    const contact = await company.person({ kind: 'contact' });
    const stranger = await company.person({ firstName: 'Wa' });
    await api.world.db.query('update people set to_review = true where id = $1', [stranger.id]);
    await merge(stranger, contact).expect(200);
    expect((await read(stranger.id)).id).toBe(contact.id);
  });

  it('holds against messages that come in at the same instant', async () => {
    const [from, into] = (await company.people(2)) as [Made, Made];
    const writing = Promise.all(
      [1, 2, 3, 4, 5, 6].map((n) => company.write(n % 2 ? from : into, `message ${n}`)),
    );
    await merge(from, into).expect(200);
    await writing;
    await api.world.settled();
    const after = await counts(into);
    expect(after).toMatchObject({ messages: 6, messageCount: 6, inboundCount: 6 });
    expect(await counts(from)).toMatchObject({ messages: 0, points: 0 });
  });

  it('suggests who may be the same: a number that ends alike, or the name', async () => {
    const [asked] = await company.people(1, { firstName: 'Svetlana', lastName: 'Igorevna' });
    const [twin] = await company.people(1, { firstName: 'Igorevna', lastName: 'Svetlana' });
    const { body } = await recruiter.get(`/api/v1/people/${asked!.id}/merge-suggestions`).expect(200);
    expect((body as { items: { id: string }[] }).items.map(({ id }) => id)).toEqual([twin!.id]);
    const { rows } = {
      rows: await api.world.db.query<{ key: string }>('select key from contact_points where person_id = $1', [
        asked!.id,
      ]),
    };
    const typed = await recruiter
      .post('/api/v1/people', {
        firstName: 'Other',
        contactPoints: [{ kind: 'phone', value: `+99 ${rows[0]!.key.slice(-8)}` }],
      })
      .expect(201);
    const again = await recruiter.get(`/api/v1/people/${asked!.id}/merge-suggestions`).expect(200);
    expect(again.text).toContain((typed.body as Person).id);
  });
});
