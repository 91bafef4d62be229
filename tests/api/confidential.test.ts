import { parseMail } from '../../src/channels/email/parse-mail';
import { routes, type RouteKey } from '../../src/contracts';
import { roles } from '../../src/contracts/common';
import type { Counts } from '../../src/contracts/conversations';
import type { Notification } from '../../src/contracts/records';
import { scopes, type RouteFacts } from '../../src/contracts/route';
import { createApiKey } from '../../src/data/organization/api-keys';
import { touchCandidatePage } from '../../src/data/candidate-pages/candidate-pages';
import { messageNoticesToMail } from '../../src/data/mail/message-notices';
import { receiveForUser } from '../../src/data/mail/receive-mail';
import { receiveReply } from '../../src/data/mail/receive-reply';
import { replyAddressOf } from '../../src/data/mail/reply-addresses';
import { candidatePageUrl } from '../../src/domain/candidate-page-link';
import type { ActingUser } from '../../src/domain/permissions';
import { dayMs, toNoon, type Company } from '../support/company';
import { makeThings, pathOf, type Things } from './fixtures';
import { createApi, password, type Api, type Client } from './support';

/** A word that nobody but the mail's user may ever read. */
const canary = 'zwergkanarie';
const evaAddress = 'ada@mail.example';

let api: Api;
let company: Company;
let anna: ActingUser;
let asAnna: Client;
let things: Things;
let pages: string[];
let viewers: Map<string, Record<string, string>>;
let before: Map<string, Map<string, string>>;
let heard: { text: string; end: () => void };

beforeAll(async () => {
  api = await createApi();
  // reports are by the day, and are compared
  toNoon(api.world.clock);
  const { db } = api.world;
  company = await api.world.company();
  anna = company.users.recruiter;
  asAnna = await api.signIn(company, anna);
  things = await makeThings(api.world, company, [...Object.values(company.users), company.colleague]);
  const { organizationId } = company;
  await db.query(
    `insert into contact_points (organization_id, id, person_id, kind, key, value, created_at)
     values ($1, gen_random_uuid(), $2, 'email', $3, $3, clock_timestamp())`,
    [organizationId, things.personId, evaAddress],
  );
  // R-BOX-5: what is said with them is in an employer's file as well
  await db.query(`update people set employer_id = $2 where id = $1`, [things.personId, things.employerId]);
  await db.query(`update vacancies set notification_emails = '{jobs@acme.example}' where id = $1`, [
    things.vacancyId,
  ]);
  const others = [...roles.map((role) => company.users[role]), company.colleague].filter(
    ({ id }) => id !== anna.id,
  );
  viewers = new Map(
    await Promise.all(others.map(async (user) => [user.role + user.name, await signIn(user)] as const)),
  );
  const actor = company.as(company.users.administrator);
  const { secret } = await createApiKey(db, actor, { name: 'All', scopes: [...scopes] });
  viewers.set('program', { Authorization: `Bearer ${secret}` });
  viewers.set('candidate', {});
  const at = await db.now();
  pages = await Promise.all(
    [things.applicationId, null].map(async (applicationId) => {
      const page = { organizationId, personId: things.personId, applicationId, at };
      const link = await db.transact((tx) => touchCandidatePage(tx, page));
      return candidatePageUrl('', api.world.hashKey, { organizationId, ...link })
        .split('/')
        .at(-1)!;
    }),
  );
  // as it is after a send by hand that failed
  await db.query(`update conversations set last_message_id = $2, last_message_at = $3 where id = $1`, [
    things.conversationId,
    things.failedMessageId,
    (
      await db.query<{ at: Date }>('select created_at as at from messages where id = $1', [
        things.failedMessageId,
      ])
    )[0]!.at,
  ]);
  heard = await listen(viewers.get('administrator' + company.users.administrator.name)!);
  before = await everything(things);
}, 180_000);
afterAll(async () => {
  heard.end();
  await api.close();
});

async function signIn(user: ActingUser): Promise<Record<string, string>> {
  await api.world.db.query(
    'update users u set password_hash = a.password_hash from users a where u.id = $1 and a.id = $2',
    [user.id, anna.id],
  );
  const answer = await fetch(`${api.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email: `${user.id}@example.com`, password }),
  });
  return { cookie: answer.headers.get('set-cookie')!.split(';')[0]! };
}

async function listen(headers: Record<string, string>): Promise<typeof heard> {
  const controller = new AbortController();
  const answer = await fetch(`${api.url}/api/v1/live`, { headers, signal: controller.signal });
  const stream = { text: '', end: () => controller.abort() };
  void (async () => {
    for await (const chunk of answer.body! as unknown as AsyncIterable<Uint8Array>)
      stream.text += Buffer.from(chunk).toString();
  })().catch(() => undefined);
  return stream;
}

/** Streams, and what changes with each call or is about others. */
const apart = new Set<RouteKey>([
  'GET /api/v1/live',
  'GET /api/v1/candidate-pages/{token}/live',
  'GET /api/v1/api-keys',
]);
const reads = (Object.keys(routes) as RouteKey[]).filter(
  (key) => key.startsWith('GET /api/') && !apart.has(key),
);

/** Every address that the viewer can read, with searches for the word. */
function paths(viewer: string, known: Things): string[] {
  return reads.flatMap((key) => {
    const ofPage = key.includes('candidate-pages/{token}');
    if (ofPage !== (viewer === 'candidate')) return [];
    const facts: RouteFacts = routes[key];
    if (ofPage) return pages.map((token) => pathOf(key, { ...known, token } as Things));
    const path = pathOf(key, { ...known, token: 'none' } as Things);
    return facts.query && 'q' in facts.query.shape ? [path, `${path}?q=${canary}`] : [path];
  });
}

async function read(headers: Record<string, string>, path: string): Promise<string> {
  const answer = await fetch(api.url + path, { headers });
  const bytes = Buffer.from(await answer.arrayBuffer()).toString('latin1');
  return `${answer.status} ${answer.headers.get('content-disposition')} ${bytes}`;
}

/** What each viewer reads at each address; `but`: those that were read before with the same ids are left out. */
async function everything(
  known: Things,
  but: typeof before | null = null,
): Promise<Map<string, Map<string, string>>> {
  const all = new Map<string, Map<string, string>>();
  await Promise.all(
    [...viewers].map(async ([viewer, headers]) => {
      const seen = new Map<string, string>();
      for (const path of paths(viewer, known))
        if (!but?.get(viewer)?.has(path)) seen.set(path, await read(headers, path));
      all.set(viewer, seen);
    }),
  );
  return all;
}

function rawMail({ id = 'canary', subject = 'Confidential', answers = '' } = {}): Buffer {
  const file = Buffer.from(`salary of ${canary}`).toString('base64');
  return Buffer.from(
    [
      `From: "Ada ${canary}" <${evaAddress}>`,
      'To: anna@acme.example',
      `Subject: ${subject} ${canary}`,
      `Message-ID: <${id}@mail.example>`,
      ...(answers === '' ? [] : [`In-Reply-To: ${answers}`]),
      `Date: ${api.world.clock.now().toUTCString()}`,
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: text/html',
      '',
      `<p>I am a ${canary}</p>`,
      '--b',
      `Content-Type: text/plain; name="${canary}.txt"`,
      `Content-Disposition: attachment; filename="${canary}.txt"`,
      'Content-Transfer-Encoding: base64',
      '',
      file,
      '--b--',
      '',
    ].join('\r\n'),
  );
}

async function receive(raw: Buffer): Promise<string> {
  const place = { organizationId: company.organizationId, userId: anna.id, folder: 'inbox' } as const;
  return (await receiveForUser(api.world.db, place, await parseMail(raw), raw)).mailId;
}

async function answerByReplyAddress(raw: Buffer): Promise<void> {
  const { db, hashKey } = api.world;
  const { organizationId } = company;
  const { conversationId, personId } = things;
  const thread = { organizationId, conversationId, applicationId: things.applicationId };
  const id = await replyAddressOf(db, thread, { party: 'person' });
  const to = { ...thread, id, personId, party: 'person' } as const;
  await receiveReply(db, { dayMs, hashKey }, to, await parseMail(raw), raw);
}

const fileOf = async (mailId: string): Promise<string> =>
  (await api.world.db.query<{ id: string }>('select id from media where mail_id = $1', [mailId]))[0]!.id;

/** By whatever address, also its own. */
async function nobodyElseReads(mailId: string, messageId = things.messageId): Promise<void> {
  const file = await fileOf(mailId);
  const ids = { mailId, heldMailId: mailId, messageId, mediaId: file, attachmentId: file };
  const hidden = await everything({ ...things, ...ids }, before);
  expect(hidden.get('program')!.size).toBeGreaterThan(5);
  for (const [viewer, answers] of hidden)
    for (const [path, answer] of answers)
      if (answer.toLowerCase().includes(canary)) throw new Error(`${viewer} reads it at ${path}: ${answer}`);
  for (const path of [`/media/${file}`, `/mails/${mailId}`, `/mails/${mailId}/raw`])
    for (const [viewer, headers] of viewers)
      if (viewer !== 'candidate')
        expect([viewer, path, (await read(headers, `/api/v1${path}`)).slice(0, 3)]).toEqual([
          viewer,
          path,
          viewer === 'program' && path !== `/media/${file}` ? '403' : '404',
        ]);
}

/** Lists, counts, badges, reports, the feed: all as before it came. */
async function allIsAsBefore(): Promise<void> {
  const after = await everything(things);
  for (const [viewer, answers] of before)
    for (const [path, answer] of answers)
      if (after.get(viewer)!.get(path) !== answer)
        throw new Error(
          `${viewer} sees a difference at ${path}:\n${answer}\n${after.get(viewer)!.get(path)}`,
        );
  expect(JSON.stringify(await messageNoticesToMail(api.world.db, 'parley.test'))).not.toContain(canary);
  expect(heard.text.toLowerCase()).not.toContain(canary);
}

/** R-LOG-5: programs, which had it, hear of its id alone; that much has changed for good. */
async function toldAsRemoved(messageId: string): Promise<void> {
  const path = '/api/v1/events';
  for (const [viewer, answers] of before) {
    if (!answers.get(path)?.startsWith('200')) continue;
    const feed = await read(viewers.get(viewer)!, path);
    expect(feed).not.toContain(canary);
    expect(JSON.parse(feed.slice(feed.indexOf('{')))).toMatchObject({
      items: expect.arrayContaining([
        expect.objectContaining({
          type: 'message.removed',
          data: expect.objectContaining({ messageId }) as object,
        }),
      ]) as object[],
    });
    answers.set(path, feed);
  }
}

/** What its user reads. */
async function annaReads(mailId: string): Promise<void> {
  const { text } = await asAnna.get(`/api/v1/people/${things.personId}/private-mails`).expect(200);
  expect(text).toContain(canary);
  await asAnna.get(`/api/v1/mails/${mailId}`).expect(200);
  const file = await asAnna.get(`/api/v1/media/${await fileOf(mailId)}`).expect(200);
  expect(file.text ?? (file.body as Buffer).toString()).toContain(canary);
}

it('R-CONF-1, R-CONF-2: a confidential mail, and what answers it, is in nothing that anybody else can read', async () => {
  heard.text = '';
  const mailId = await receive(rawMail());
  const reply = await receive(rawMail({ id: 'reply', subject: 'Re:', answers: '<canary@mail.example>' }));
  await answerByReplyAddress(rawMail({ id: 'second', subject: 'Re:', answers: '<reply@mail.example>' }));
  await nobodyElseReads(mailId);
  await allIsAsBefore();
  expect(heard.text).not.toContain('conversation');
  await annaReads(mailId);
  await annaReads(reply);
  // she is told of each, and those that she has read wait no more
  const { body } = await asAnna.get('/api/v1/notifications').expect(200);
  const { items } = body as { items: Notification[] };
  const told = items.filter(({ kind }) => kind === 'privateMail');
  expect(told).toHaveLength(3);
  expect(told.at(-1)).toMatchObject({ mailId, conversationId: things.conversationId, seenAt: null });
  expect(told.at(-1)!.text).toMatch(/^New confidential e-mail from \S/);
  const unseen = async () =>
    ((await asAnna.get('/api/v1/conversations/counts').expect(200)).body as Counts).notifications;
  const waiting = await unseen();
  await asAnna.patch(`/api/v1/mails/${mailId}`, { seen: true }).expect(200);
  expect(await unseen()).toBe(waiting - 1);
});

it('R-CONF-1: nor is one that was made confidential after all had seen it', async () => {
  await answerByReplyAddress(rawMail({ id: 'public', subject: 'Hello' }));
  const { body } = await asAnna.get(`/api/v1/conversations/${things.conversationId}/messages`).expect(200);
  const { items } = body as { items: { id: string; title: string | null }[] };
  const message = items.find(({ title }) => title === `Hello ${canary}`)!;
  const administrator = [...viewers.values()][0]!;
  expect(await read(administrator, `/api/v1/messages/${message.id}`)).toContain(canary);
  const { status } = await asAnna.put(`/api/v1/messages/${message.id}/private`, { private: true });
  // it came to the conversation: it is the responsible user's, who is Anna
  expect(status).toBe(200);
  const [mail] = await api.world.db.query<{ id: string }>(
    `select id from mails where message_id_header = '<public@mail.example>'`,
  );
  await nobodyElseReads(mail!.id, message.id);
  await toldAsRemoved(message.id);
  await allIsAsBefore();
  await annaReads(mail!.id);
});

it('R-CONF-3: mail from a confidential person, and that of a user whose incoming mail is, is in nobody else’s sight', async () => {
  const asAdministrator = await api.signIn(company, company.users.administrator);
  const set = (confidential: boolean) =>
    asAdministrator.patch(`/api/v1/people/${things.personId}`, { confidential }).expect(200);
  await set(true);
  const first = await receive(rawMail({ id: 'person', subject: 'Hello' }));
  await set(false);
  const user = `/api/v1/users/${anna.id}`;
  await asAdministrator.patch(user, { incomingConfidential: true }).expect(200);
  const second = await receive(rawMail({ id: 'user', subject: 'Hello' }));
  await answerByReplyAddress(rawMail({ id: 'default', subject: 'Hello' }));
  const { body } = await asAdministrator.patch(user, { incomingConfidential: false }).expect(200);
  expect(body).toMatchObject({ incomingConfidential: false, outgoingConfidential: false });
  const { text } = await asAdministrator.get('/api/v1/audit-entries?limit=5').expect(200);
  expect(text).toContain('person.confidential');
  for (const [, answers] of before)
    for (const path of answers.keys()) if (path.includes('audit-entries')) answers.delete(path);
  await allIsAsBefore();
  await annaReads(first);
  await annaReads(second);
});

it('R-CONF-3: what a user writes whose outgoing mail is confidential reaches no conversation, by whatever way', async () => {
  const asAdministrator = await api.signIn(company, company.users.administrator);
  const set = (outgoingConfidential: boolean) =>
    asAdministrator.patch(`/api/v1/users/${anna.id}`, { outgoingConfidential }).expect(200);
  await set(true);
  const said = { title: canary, text: canary };
  const sendAt = new Date(api.world.clock.now().getTime() + dayMs).toISOString();
  const fallback = { channel: 'email', afterSeconds: 60 };
  const conversation = `/api/v1/conversations/${things.conversationId}`;
  const many = { ...said, personIds: [things.personId] };
  const ways: [string, object][] = [
    [`${conversation}/messages`, { type: 'text', channel: 'email', ...said }],
    [`${conversation}/messages`, { type: 'text', channel: 'email', ...said, sendAt }],
    [`${conversation}/messages`, { type: 'text', channel: 'whatsapp', ...said, fallback }],
    [`${conversation}/scheduled-messages`, { channels: ['email'], ...said, sendAt }],
    [`${conversation}/scheduled-messages`, { channels: ['whatsapp'], ...said, sendAt, fallback }],
    ['/api/v1/bulk-sends', { channels: ['email'], ...many }],
    ['/api/v1/bulk-sends', { channels: ['email', 'sms'], ...many, sendAt }],
    ['/api/v1/bulk-sends', { channels: ['whatsapp'], ...many, fallback }],
  ];
  const program = await api.program(company, [...scopes]);
  for (const [path, body] of ways) {
    const { body: answer } = await asAnna.post(path, body).expect(409);
    expect(answer).toMatchObject({ code: 'confidential_mail' });
  }
  await program.post(ways[0]![0], { ...ways[0]![1], actingUserId: anna.id }).expect(409);
  const { body: preview } = await asAnna
    .post('/api/v1/sends/preview', { channels: ['email', 'sms'], ...many })
    .expect(200);
  expect(preview).toMatchObject({
    channels: [
      { channel: 'email', willSend: 0, reasons: [{ code: 'confidential_mail', count: 1 }] },
      { channel: 'sms' },
    ],
  });
  await set(false);
  await allIsAsBefore();
});
