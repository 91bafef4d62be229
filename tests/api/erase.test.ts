import { dispatchNext } from '../../activities/dispatch-next';
import { parseMail } from '../../src/channels/email/parse-mail';
import { candidatePageUrl } from '../../src/domain/candidate-page-link';
import { unsubscribeUrl } from '../../src/domain/unsubscribe-link';
import { touchCandidatePage } from '../../src/data/candidate-pages/candidate-pages';
import { newId } from '../../src/data/database';
import { receiveMessage, type InboundEvent } from '../../src/data/inbound/inbound';
import { receiveForUser } from '../../src/data/mail/receive-mail';
import { receiveReply } from '../../src/data/mail/receive-reply';
import { findReplyAddress, replyAddressOf } from '../../src/data/mail/reply-addresses';
import { removeOld } from '../../src/data/retention';
import { sendMessage } from '../../src/data/messages/accept-message';
import { claimNextMessage, recordSent } from '../../src/data/messages/dispatch';
import { assertLedger, dayMs, text, type Company, type Person, type Vacancy } from '../support/company';
import { createApi, type Api, type Client } from './support';

const canary = 'kanarienvogel';
const digits = '4915112349876';
const address = `eva.${canary}@candidate.example`;
const keep = {
  events: 90 * dayMs,
  webhookLog: 30 * dayMs,
  idempotencyKeys: dayMs,
  refusedWebhooks: 30 * dayMs,
};

let api: Api;
let company: Company;
let administrator: Client;
let recruiter: Client;
let program: Client;
let vacancy: Vacancy;

beforeAll(async () => {
  api = await createApi({ linksPerIp: 1000 });
  company = await api.world.company();
  administrator = await api.signIn(company, company.users.administrator);
  recruiter = await api.signIn(company, company.users.recruiter);
  program = await api.program(company, ['people:write', 'people:read', 'events:read', 'messages:send']);
  vacancy = await company.vacancy();
});
afterEach(() => assertLedger(api.world.db));
afterAll(() => api.close());

const erase = (personId: string, client = administrator) =>
  client.post(`/api/v1/people/${personId}/erase`, {});
const query = <T extends object = Record<string, unknown>>(sql: string, values: unknown[] = []) =>
  api.world.db.query<T>(sql, values);

/** The parts of a text that its base64 has for sure, wherever it begins. */
const inBase64 = (said: string): string[] =>
  [0, 1, 2].map((shift) => {
    const coded = Buffer.from('x'.repeat(shift) + said)
      .toString('base64')
      .replace(/=+$/, '');
    return coded.slice(shift === 0 ? 0 : shift + 1, -2);
  });

/** Where in the whole database one of these stands: every column of every table, also those that come later. */
async function whereAre(...needles: string[]): Promise<string[]> {
  const columns = await query<{ table: string; column: string; bytes: boolean }>(
    `select table_name as table, column_name as column, udt_name = 'bytea' as bytes from information_schema.columns
     where table_schema = 'public' and udt_name in ('text', 'varchar', 'bytea', 'json', 'jsonb', '_text', '_varchar') order by 1, 2`,
  );
  const tables = new Map<string, string[]>();
  for (const { table, column, bytes } of columns) {
    const said = bytes ? `encode("${column}", 'escape')` : `"${column}"::text`;
    tables.set(table, [
      ...(tables.get(table) ?? []),
      `select '${table}.${column}' as place from "${table}" where ${said} ~* $1 or ${said} ~ $2`,
    ]);
  }
  const found = new Set<string>();
  const plain = needles.join('|');
  const coded = needles.flatMap(inBase64).join('|').replaceAll('+', '\\+');
  for (const selects of tables.values())
    for (const { place } of await query<{ place: string }>(selects.join(' union '), [plain, coded]))
      found.add(place);
  return [...found].sort();
}

const mail = (head: string[], said = canary): Buffer =>
  Buffer.from(
    [
      ...head,
      `Date: ${new Date().toUTCString()}`,
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: text/html',
      '',
      `<p>It is ${said}</p>`,
      '--b',
      `Content-Type: text/plain; name="${said}.txt"`,
      `Content-Disposition: attachment; filename="${said}.txt"`,
      'Content-Transfer-Encoding: base64',
      '',
      Buffer.from(`salary of ${said}`).toString('base64'),
      '--b--',
      '',
    ].join('\r\n'),
  );

async function receive(raw: Buffer, folder: 'inbox' | 'sent' = 'inbox'): Promise<string> {
  const place = { organizationId: company.organizationId, userId: company.users.recruiter.id, folder };
  return (await receiveForUser(api.world.db, place, await parseMail(raw), raw)).mailId;
}

type Known = Person & { applicationId: string };

/** Somebody of whom everything there is says so. */
async function everythingOf(): Promise<Known> {
  const { organizationId } = company;
  // before anybody knew the address
  await receive(
    mail([
      `From: ${address}`,
      'To: anna@acme.example',
      'Subject: Early',
      `Message-ID: <early@${canary}.example>`,
    ]),
  );
  const body = {
    externalId: `ats-${canary}`,
    firstName: `Eva ${canary}`,
    lastName: `Novak ${canary}`,
    timeZone: 'Europe/Prague',
    language: 'cs',
    tags: [canary],
    custom: { note: canary },
    contactPoints: [
      { kind: 'phone', value: `+49 151 12349876` },
      { kind: 'email', value: address },
    ],
    consents: [{ channel: 'whatsapp', granted: true, wording: canary, evidence: `call with ${canary}` }],
    kind: 'candidate',
    responsibleUserId: company.users.recruiter.id,
  };
  const made = (await program.post('/api/v1/people', body).expect(201)).body as {
    id: string;
    conversationId: string;
  };
  const [point] = await query<{ id: string }>(`select id from contact_points where key = '+${digits}'`);
  api.world.sandbox.createPhone({ waId: digits });
  const eva = { ...made, contactPointId: point!.id, waId: digits };
  const [applicationId] = (await company.apply(vacancy, [eva])) as [string];
  await query('update applications set external_id = $2 where id = $1', [applicationId, canary]);

  await company.write(eva, `I am ${canary}`);
  const sent = await send(eva, `Dear ${canary}`);
  await query(`update messages set reason_detail = $2 where id = $1`, [sent, canary]);
  const copies = { cc: [{ name: canary, address: `cc@${canary}.example` }], bcc: [] };
  await query(
    `update messages set content = coalesce(content, '{}') || jsonb_build_object('copies', $2::jsonb) where id = $1`,
    [sent, JSON.stringify(copies)],
  );
  await query(
    `insert into receipts (organization_id, message_id, status, occurred_at, received_at, detail) values ($1, $2, 'failed', now(), now(), $3)
     on conflict (organization_id, message_id, status) do update set detail = excluded.detail`,
    [organizationId, sent, canary],
  );
  await query(
    `insert into reactions (organization_id, message_id, actor, emoji, occurred_at) values ($1, $2, 'person', $3, now())`,
    [organizationId, sent, canary],
  );
  await query(
    `insert into media (organization_id, id, message_id, state, provider_id, mime_type, filename, sha256, bytes, created_at)
     values ($1, $2, $3, 'stored', $4, 'image/png', $5, $4, $6, now())`,
    [organizationId, newId(), sent, `m-${digits}`, `${canary}.png`, Buffer.from(canary)],
  );
  await company.write(eva, 'STOP');
  await company.write(eva, 'START');

  await recruiter
    .post(`/api/v1/people/${eva.id}/notes`, { body: `A ${canary}`, visibleTo: [company.colleague.id] })
    .expect(201);
  await recruiter
    .post(`/api/v1/conversations/${eva.conversationId}/scheduled-messages`, {
      sendAt: new Date(Date.now() + 3_600_000).toISOString(),
      text: `Later, ${canary}`,
      channels: ['whatsapp'],
    })
    .expect(201);
  await query('update scheduled_messages set copies = $2 where organization_id = $1', [
    organizationId,
    copies,
  ]);
  await query(
    `with made as (
       insert into bulk_sends (organization_id, id, name, state, channels, title, body, parameters, planned, created_at)
       values ($1, $2, $4, 'running', '{email}', $4, $4, jsonb_build_object('body.1', $4::text), 1, now()))
     insert into bulk_recipients (organization_id, bulk_send_id, position, person_id, channel, state) values ($1, $2, 0, $3, 'email', 'waiting')`,
    [organizationId, newId(), eva.id, canary],
  );
  await recruiter
    .post('/api/v1/saved-searches', { page: 'people', name: 'Mine', query: { q: address } })
    .expect(201);
  await administrator.patch(`/api/v1/people/${eva.id}`, { tags: [canary, 'more'] }).expect(200);
  await query(
    `insert into audit_entries (organization_id, id, action, target, target_id, before, after, occurred_at)
     values ($1, $2, 'person.changed', 'person', $3, $4, $4, now())`,
    [organizationId, newId(), eva.id, JSON.stringify({ name: canary })],
  );
  await query(
    `insert into webhook_deliveries (id, organization_id, channel_account_id, body, state, received_at) values ($1, $2, $3, $4, 'poison', now())`,
    [newId(), organizationId, company.account.id, Buffer.from(`{"from":"${digits}"}`)],
  );
  await query(
    `insert into parked_reactions (channel_account_id, provider_id, organization_id, conversation_id, emoji, occurred_at, received_at)
     values ($1, 'wamid.x', $2, $3, $4, now(), now())`,
    [company.account.id, organizationId, eva.conversationId, canary],
  );
  await query(
    `insert into action_runs (organization_id, id, stage_entry_id, template_id, move_id, application_id, channel, state, due_at, created_at)
     select organization_id, $2, stage_entry_id, $2, $2, id, 'whatsapp', 'planned', now() + interval '1 day', now() from applications where id = $1`,
    [applicationId, newId()],
  );

  const from = `From: "Eva ${canary}" <${address}>`;
  await receive(
    mail([from, 'To: anna@acme.example', 'Subject: My CV', `Message-ID: <cv@${canary}.example>`]),
  );
  await receive(
    mail([
      from,
      'To: anna@acme.example',
      `Subject: Confidential ${canary}`,
      `Message-ID: <private@${canary}.example>`,
    ]),
  );
  await receive(
    mail([
      'From: anna@acme.example',
      'To: boss@other.example',
      'Subject: Fwd',
      'Message-ID: <fwd@acme.example>',
      `In-Reply-To: <cv@${canary}.example>`,
    ]),
    'sent',
  );
  await recruiter.post('/api/v1/mails', { to: [{ name: 'Eva', address }], subject: canary, text: canary });
  const replyTo = await replyAddressOf(
    api.world.db,
    { organizationId, conversationId: eva.conversationId, applicationId },
    { party: 'person' },
  );
  const target = await findReplyAddress(api.world.db, organizationId, replyTo);
  // one is held, the other waits in the mailbox of a user
  for (const [subject, id] of [
    ['Me', 'held@x.example'],
    [`Confidential: ${canary}`, 'apart@x.example'],
  ]) {
    const raw = mail([
      `From: x@strange.example`,
      'To: r@x.example',
      `Subject: ${subject}`,
      `Message-ID: <${id}>`,
    ]);
    await receiveReply(
      api.world.db,
      { dayMs, hashKey: api.world.hashKey },
      target!,
      await parseMail(raw),
      raw,
    );
  }
  await api.anonymous
    .post(`${await pageOf(eva, applicationId)}/messages`, { text: `From the page, ${canary}` })
    .expect(201);
  await api.anonymous
    .call('post', `${await pageOf(eva, applicationId)}/media?filename=${canary}.pdf`, undefined, {
      'Content-Type': 'application/octet-stream',
    })
    .send(Buffer.from(`%PDF-1.7 ${canary}`))
    .expect(201);
  // still waiting to be sent
  await queue(eva, `Soon, ${canary}`);
  return { ...eva, applicationId };
}

const queue = (person: Person, said: string) =>
  sendMessage(
    api.world.db,
    { actor: company.as(company.users.recruiter), dayMs },
    company.ids(person),
    text(said),
  );

async function send(person: Person, said: string): Promise<string> {
  const messageId = await queue(person, said);
  await dispatchNext(api.world.deps, company.ids(person));
  await api.world.settled();
  return messageId;
}

async function pageOf(person: Person, applicationId: string): Promise<string> {
  const { db, hashKey } = api.world;
  const { organizationId } = company;
  const link = await db.transact(async (tx) =>
    touchCandidatePage(tx, { organizationId, personId: person.id, applicationId, at: await tx.now() }),
  );
  return `/api/v1/candidate-pages/${candidatePageUrl('', hashKey, { organizationId, ...link }).split('/messages/')[1]!}`;
}

type Counted = { state: string; messages: number; credits: number };
const report = async () => {
  const { body } = await administrator.get('/api/v1/reports/messages/summary').expect(200);
  return (body as { counts: Counted[] }).counts;
};

describe('design 18: a person is erased', () => {
  let eva: Known;
  let page: string;
  let before: { counts: Counted[]; messages: number; balance: number };

  const messageCount = async () =>
    (await query<{ n: number }>('select count(*)::int as n from messages'))[0]!.n;

  beforeAll(async () => {
    eva = await everythingOf();
    page = await pageOf(eva, eva.applicationId);
    before = { counts: await report(), messages: await messageCount(), balance: await company.balance() };
    expect((await whereAre(canary, digits)).length).toBeGreaterThan(40);
  });

  it('is for Administrators, and programs that may change people', async () => {
    await erase(eva.id, recruiter).expect(403);
    await erase(eva.id, await api.program(company, ['people:read'])).expect(403);
  });

  it('no column of the database says who they were, or what was said', async () => {
    const key = { 'Idempotency-Key': 'erase-1' };
    const path = `/api/v1/people/${eva.id}/erase`;
    const { body } = await administrator.post(path, {}, key).expect(200);
    expect(body).toEqual({ id: eva.id, erasedAt: expect.any(String) as string });
    expect(await whereAre(canary, digits)).toEqual([
      // the Message-IDs by which users' mails are not fetched again, and what webhooks are told by for eight days
      'deleted_mails.message_id_header',
      'provider_messages.provider_id',
    ]);
    expect((await administrator.post(path, {}, key).expect(200)).body).toEqual(body);
    await erase(eva.id).expect(404);
  });

  it('messages and credits stay counted; what had not left is cancelled, and its credit back', async () => {
    expect(await messageCount()).toBe(before.messages);
    const queued = before.counts.filter(({ state }) => state === 'queued');
    const sum = (counts: Counted[], of: 'messages' | 'credits') =>
      counts.reduce((all, one) => all + one[of], 0);
    expect(queued).toHaveLength(1);
    const after = await report();
    expect(sum(after, 'messages')).toBe(sum(before.counts, 'messages'));
    expect(sum(after, 'credits')).toBe(sum(before.counts, 'credits') - sum(queued, 'credits'));
    expect(await company.balance()).toBe(before.balance + sum(queued, 'credits'));
    for (const [table, states] of [
      ['messages', ['queued', 'scheduled', 'dispatching']],
      ['action_runs', ['planned']],
      ['scheduled_messages', ['planned']],
      ['bulk_recipients', ['waiting']],
    ] as const)
      expect(await query(`select 1 from ${table} where state::text = any($1)`, [states])).toEqual([]);
    expect(
      await query(`select distinct reason from messages where state = 'cancelled' union
        select reason from action_runs union select reason from scheduled_messages union select reason from bulk_recipients`),
    ).toEqual([{ reason: 'erased' }]);
  });

  it('stands in no list and on no board, and every address of theirs is that of nobody', async () => {
    const board = (await administrator.get(`/api/v1/vacancies/${vacancy.id}/board`).expect(200)).body as {
      columns: { total: number; cards: object[] }[];
    };
    expect(board.columns.map(({ total, cards }) => [total, cards.length])).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    for (const path of [
      `/api/v1/people/${eva.id}`,
      `/api/v1/people/ext:ats-${canary}`,
      `/api/v1/people/${eva.id}/timeline`,
      `/api/v1/people/${eva.id}/notes`,
      `/api/v1/conversations/${eva.conversationId}`,
      `/api/v1/conversations/${eva.conversationId}/messages`,
      `/api/v1/applications/${eva.applicationId}`,
    ])
      expect([path, (await administrator.get(path)).status]).toEqual([path, 404]);
    for (const path of ['/api/v1/people', '/api/v1/conversations?view=all', '/api/v1/mails?folder=inbox']) {
      const { body } = await recruiter.get(path).expect(200);
      expect(JSON.stringify(body)).not.toContain(eva.id);
    }
    await recruiter
      .post(`/api/v1/conversations/${eva.conversationId}/messages`, {
        type: 'text',
        channel: 'whatsapp',
        text: 'x',
      })
      .expect(404);
  });

  it('links to their page and to unsubscribe, and reply addresses, are as if made up', async () => {
    const madeUp = await api.anonymous.get('/api/v1/candidate-pages/nothing').expect(404);
    const answer = await api.anonymous.get(page).expect(404);
    expect(answer.body).toEqual(madeUp.body);
    const { organizationId } = company;
    const [message] = await query<{ id: string }>(
      'select id from messages where conversation_id = $1 limit 1',
      [eva.conversationId],
    );
    const keyHash = api.world.hashKey(address);
    const token = unsubscribeUrl('', api.world.hashKey, { organizationId, messageId: message!.id, keyHash })
      .split('/')
      .at(-1)!;
    await api.anonymous.get(`/api/v1/unsubscribe/${token}`).expect(404);
    const [reply] = await query<{ id: string }>('select id from reply_addresses where conversation_id = $1', [
      eva.conversationId,
    ]);
    expect(await findReplyAddress(api.world.db, organizationId, reply!.id)).toBeUndefined();
  });

  it('the audit log, and the event for other systems, say so by ids alone', async () => {
    const { body } = await administrator.get('/api/v1/audit-entries?target=person').expect(200);
    const { items } = body as { items: { action: string; targetId: string; after: unknown }[] };
    expect(items[0]).toMatchObject({ action: 'person.erased', targetId: eva.id, before: null, after: null });
    const feed = (await program.get('/api/v1/events?limit=500').expect(200)).body as {
      items: { type: string; data: { person: object } }[];
    };
    const ours = feed.items.filter(({ data }) => JSON.stringify(data.person).includes(eva.id));
    expect(ours.at(-1)).toMatchObject({
      type: 'person.erased',
      data: {
        person: { id: eva.id, externalId: null, kind: 'candidate' },
        byUserId: company.users.administrator.id,
      },
    });
    expect(ours.length).toBeGreaterThan(10);
  });

  it('what comes late is blanked in its turn', async () => {
    await query(`update messages set reason_detail = $2 where conversation_id = $1`, [
      eva.conversationId,
      canary,
    ]);
    await api.world.db.query(
      `insert into notes (organization_id, id, person_id, author_id, body, visible_to, occurred_at) values ($1, $2, $3, $2, $4, '{}', now())`,
      [company.organizationId, newId(), eva.id, canary],
    );
    api.world.clock.advance(dayMs);
    await removeOld(api.world.db, keep);
    expect(await whereAre(canary, digits)).toEqual([
      'deleted_mails.message_id_header',
      'provider_messages.provider_id',
    ]);
    api.world.clock.advance(8 * dayMs);
    await removeOld(api.world.db, keep);
    expect(await whereAre(canary, digits)).toEqual(['deleted_mails.message_id_header']);
    expect(await query('select 1 from people where erase_again_at is not null')).toEqual([]);
  });

  it('whoever writes from that number later is somebody new', async () => {
    await company.write(eva, 'It is me again');
    const [found] = await query<{ id: string; toReview: boolean }>(
      `select p.id, p.to_review as "toReview" from contact_points cp join people p on p.id = cp.person_id where cp.key = '+${digits}'`,
    );
    expect(found).toMatchObject({ toReview: true });
    expect(found!.id).not.toBe(eva.id);
  });
});

describe('what outlives it', () => {
  beforeAll(async () => {
    administrator = await api.signIn(company, company.users.administrator);
    recruiter = await api.signIn(company, company.users.recruiter);
  });

  it('an opt-out is that of the number: whoever comes back by it is opted out', async () => {
    const [one, other] = (await company.people(2)) as [Person, Person];
    for (const person of [one, other]) {
      await company.write(person, 'STOP');
      await erase(person.id).expect(200);
    }
    const { body } = await program
      .post('/api/v1/people', {
        kind: 'candidate',
        firstName: 'Ada',
        contactPoints: [{ kind: 'phone', value: `+${one.waId}` }],
      })
      .expect(201);
    await company.write(other, 'Hello again');
    const [again] = await query<{ id: string }>('select person_id as id from contact_points where key = $1', [
      `+${other.waId}`,
    ]);
    for (const id of [(body as { id: string }).id, again!.id]) {
      const known = (await administrator.get(`/api/v1/people/${id}`).expect(200)).body as {
        contactPoints: { optedOut: object[] }[];
      };
      expect(known.contactPoints[0]!.optedOut).toMatchObject([
        { words: null, channels: ['whatsapp', 'sms'] },
      ]);
    }
  });

  it('a mail that is in the file of somebody else, too, stays there', async () => {
    const [one, other] = (await company.people(2)) as [Person, Person];
    await company.addEmail(one, `${one.id}@candidate.example`);
    await company.addEmail(other, `${other.id}@candidate.example`);
    const mailId = await receive(
      mail(
        [
          `From: ${other.id}@candidate.example`,
          `To: anna@acme.example, ${one.id}@candidate.example`,
          'Subject: To both',
          `Message-ID: <${one.id}@x.example>`,
        ],
        'shared',
      ),
    );
    await erase(one.id).expect(200);
    const said = await recruiter.get(`/api/v1/conversations/${other.conversationId}/messages`).expect(200);
    expect((said.body as { items: object[] }).items).toMatchObject([{ title: 'To both' }]);
    await recruiter.get(`/api/v1/mails/${mailId}`).expect(200);
    await erase(other.id).expect(200);
    await recruiter.get(`/api/v1/mails/${mailId}`).expect(404);
  });

  it('a draft to several is no more to them', async () => {
    const person = await company.person();
    const [theirs, kept] = [`${person.id}@candidate.example`, 'boss@other.example'];
    await company.addEmail(person, theirs);
    const to = [theirs, kept].map((address) => ({ name: 'Ada', address }));
    const { body } = await recruiter
      .post('/api/v1/mails', { to, subject: 'Both', text: 'Hello' })
      .expect(201);
    await erase(person.id).expect(200);
    const draft = await recruiter.get(`/api/v1/mails/${(body as { id: string }).id}`).expect(200);
    expect(draft.body).toMatchObject({ to: [{ address: kept }] });
  });

  it('a webhook that is repeated makes nobody of them', async () => {
    const person = await company.person();
    await company.write(person, 'Once');
    const [known] = await query<{ providerId: string }>(
      `select provider_id as "providerId" from messages where conversation_id = $1`,
      [person.conversationId],
    );
    await erase(person.id).expect(200);
    const event = {
      providerId: known!.providerId,
      from: person.waId,
      fromUserId: undefined,
      profileName: 'Ada',
      at: new Date(),
      content: { kind: 'text', body: 'Once' },
    };
    const context = { organizationId: company.organizationId, channelAccountId: company.account.id, dayMs };
    const received = await receiveMessage(
      api.world.db,
      { ...context, channel: 'whatsapp', hashKey: api.world.hashKey },
      event as InboundEvent,
    );
    expect(received.duplicate).toBe(true);
    expect(await query('select 1 from contact_points where key = $1', [`+${person.waId}`])).toEqual([]);
  });

  it('what is being sent settles by its id, and costs what it costs', async () => {
    const person = await company.person();
    await company.write(person, 'Hi');
    const messageId = await queue(person, 'On its way');
    const claim = await claimNextMessage(api.world.db, company.ids(person), api.world.deps);
    if (claim.kind !== 'send') throw new Error(`it was not claimed: ${claim.kind}`);
    await erase(person.id).expect(200);
    await recordSent(api.world.db, company.ids(person), api.world.deps, {
      messageId,
      attemptToken: claim.message.attemptToken,
      channelAccountId: company.account.id,
      providerId: `wamid.${person.id}`,
      waId: person.waId,
      goesOn: true,
    });
    expect(
      await query(
        `select m.state, m.body, (select kind from credit_entries e where e.message_id = m.id and kind <> 'reserve') as credit
         from messages m where id = $1`,
        [messageId],
      ),
    ).toEqual([{ state: 'sent', body: null, credit: 'commit' }]);
    expect(await query('select 1 from contact_points where wa_id = $1', [person.waId])).toEqual([]);
  });

  it('R-CHAT-13: whoever was merged into them goes along', async () => {
    const [from, into] = (await company.people(2, { lastName: 'Merged' })) as [Person, Person];
    await company.write(from, 'From one');
    await administrator.post(`/api/v1/people/${from.id}/merge`, { intoId: into.id }).expect(200);
    await erase(into.id).expect(200);
    expect(await query(`select 1 from people where last_name = 'Merged'`)).toEqual([]);
    await administrator.get(`/api/v1/people/${from.id}`).expect(404);
  });
});
