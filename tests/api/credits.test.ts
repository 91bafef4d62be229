import type { Config } from '../../src/config';
import type { CreditEntry, PlanAndCredits } from '../../src/contracts/credits';
import type { OperatorOrganization } from '../../src/contracts/operator';
import { newId } from '../../src/data/database';
import { sweep } from '../../src/data/sweep';
import { mailLowBalances } from '../../src/notices/low-balance';
import { createLogger } from '../../src/logger';
import type { Mail } from '../../src/mailer';
import { assertLedger, dayMs, rowOf, timelineOf, toNoon, type Company } from '../support/company';
import { createApi, type Api, type Client } from './support';

const operatorKey = 'an-operator-key-of-enough-length';
const config = { operatorKey, customerSuccessEmail: 'success@parley.example' } as Config;

let api: Api;
let company: Company;
let administrator: Client;
let recruiter: Client;

beforeAll(async () => {
  api = await createApi({ config });
  toNoon(api.world.clock);
  company = await api.world.company();
  administrator = await api.signIn(company, company.users.administrator);
  recruiter = await api.signIn(company, company.users.recruiter);
});
afterAll(async () => {
  await assertLedger(api.world.db);
  await api.close();
});

const operate = (
  method: 'get' | 'post' | 'patch',
  path: string,
  body?: unknown,
  more: Record<string, string> = {},
) =>
  api.anonymous.call(method, `/operator/v1/organizations${path}`, body, {
    Authorization: `Bearer ${operatorKey}`,
    ...more,
  });

const plan = async (client = administrator) =>
  (await client.get('/api/v1/plan').expect(200)).body as PlanAndCredits;
const actions = async (of: Company) =>
  (
    await api.world.db.query<{ action: string; actor: string }>(
      'select action, actor from audit_entries where organization_id = $1 order by id',
      [of.organizationId],
    )
  ).map(({ action, actor }) => `${action} by ${actor}`);

describe('R-CRED-3: Customer Success', () => {
  it('lists organizations and changes plan and add-ons, on the audit log', async () => {
    const other = await api.world.company();
    const { body } = await operate('get', '?limit=1').expect(200);
    expect(body).toMatchObject({
      items: [{ id: other.organizationId, plan: 'enterprise' }],
    });
    await operate('patch', `/${other.organizationId}`, { plan: 'business', smsInPlan: false }).expect(200);
    const { body: read } = await operate('get', `/${other.organizationId}`).expect(200);
    expect(read).toMatchObject({ plan: 'business', smsInPlan: false, whatsappInPlan: true });
    expect(await actions(other)).toContain('organization.planChanged by Customer Success');
  });

  it('grants and adjusts credits once per idempotency key, never below zero', async () => {
    const other = await api.world.company({ credits: 10 });
    const path = `/${other.organizationId}/credits`;
    const key = { 'Idempotency-Key': newId() };
    for (const again of [false, true]) {
      const { body } = await operate('post', path, { credits: 5, note: 'Invoice 7' }, key).expect(201);
      expect([again, (body as OperatorOrganization).balance]).toEqual([again, 15]);
    }
    await operate('post', path, { credits: -3, note: 'Too many' }).expect(201);
    const { body } = await operate('post', path, { credits: -13, note: 'All' }).expect(409);
    expect((body as { detail: string }).detail).toContain('below zero');
    expect(await other.balance()).toBe(12);
    await operate('post', path, { credits: 0, note: 'None' }).expect(422);
    await operate('post', path, { credits: 1 }).expect(422);
  });

  it('needs the key; nothing in the product opens it', async () => {
    for (const client of [administrator, api.anonymous, await api.program(company, ['settings:write'])]) {
      expect((await client.get('/operator/v1/organizations')).status).toBe(401);
    }
    await operate('get', '', undefined, { Authorization: 'Bearer wrong' }).expect(401);
    await operate('get', `/${newId()}`).expect(404);
  });
});

describe('R-CRED-2: plan and credits', () => {
  it('shows the ledger page by page; its sum is the balance', async () => {
    const other = await api.world.company({ credits: 7 });
    const client = await api.signIn(other, other.users.administrator);
    await operate('post', `/${other.organizationId}/credits`, { credits: 5, note: 'Invoice 8' }).expect(201);
    const all: CreditEntry[] = [];
    let cursor: string | null = null;
    do {
      const answer: { body: unknown } = await client
        .get(`/api/v1/credits/entries?limit=1${cursor === null ? '' : `&cursor=${cursor}`}`)
        .expect(200);
      all.push(...(answer.body as { items: CreditEntry[] }).items);
      cursor = (answer.body as { nextCursor: string | null }).nextCursor;
    } while (cursor !== null);
    expect(all).toMatchObject([
      { kind: 'grant', amount: 5, note: 'Invoice 8', actor: 'Customer Success', message: null },
      { kind: 'grant', amount: 7 },
    ]);
    expect((await plan(client)).balance).toBe(12);
  });

  it('is for Administrators, who choose the threshold', async () => {
    await recruiter.get('/api/v1/plan').expect(403);
    await recruiter.get('/api/v1/credits/entries').expect(403);
    await administrator.patch('/api/v1/plan', { lowBalance: 20 }).expect(200);
    expect(await plan()).toMatchObject({
      plan: 'enterprise',
      whatsappInPlan: true,
      lowBalance: 20,
      low: false,
    });
    expect(await actions(company)).toContain('organization.lowBalanceChanged by Uma administrator');
  });

  it('a low balance warns once, until it has risen above the threshold again', async () => {
    const other = await api.world.company({ credits: 40 });
    const mails: Mail[] = [];
    const mailer = {
      assertConfigured: () => undefined,
      send: (mail: Mail) => Promise.resolve(void mails.push(mail)),
      close: () => undefined,
    };
    const { db } = api.world;
    const run = async () => {
      await sweep(db, { dayMs });
      await mailLowBalances({ db, mailer, logger: createLogger('test', 'silent'), publicUrl: api.url });
      const [row] = await db.query<{ count: number }>(
        `select count(*)::int as count from notifications where organization_id = $1 and kind = 'lowBalance'`,
        [other.organizationId],
      );
      return [
        row!.count,
        mails.filter(({ to }) => to === `${other.users.administrator.id}@example.com`).length,
      ];
    };
    expect(await run()).toEqual([1, 1]);
    expect(await run()).toEqual([1, 1]);
    await operate('post', `/${other.organizationId}/credits`, { credits: 100, note: 'More' }).expect(201);
    expect(await run()).toEqual([1, 1]);
    await operate('post', `/${other.organizationId}/credits`, { credits: -100, note: 'Less' }).expect(201);
    expect(await run()).toEqual([2, 2]);
    const client = await api.signIn(other, other.users.administrator);
    const { body } = await client.get('/api/v1/notifications').expect(200);
    expect((body as { items: unknown[] }).items[0]).toMatchObject({
      kind: 'lowBalance',
      text: expect.stringContaining('40 credits are left') as string,
    });
  });
});

describe('R-CRED-3: Request activation, Request credits', () => {
  it('reaches Customer Success once a day of a kind, from whoever may send', async () => {
    const path = '/api/v1/customer-requests';
    const before = api.mails.length;
    await recruiter.post(path, { kind: 'credits' }).expect(201);
    const { body } = await administrator.post(path, { kind: 'credits' }).expect(409);
    expect((body as { detail: string }).detail).toContain('Uma recruiter has asked');
    await administrator.post(path, { kind: 'sms' }).expect(201);
    expect(api.mails.slice(before)).toMatchObject([
      { to: 'success@parley.example', subject: 'Acme requests credits' },
      { to: 'success@parley.example', subject: 'Acme requests activation of SMS' },
    ]);
    expect((await plan()).requests).toMatchObject([
      { kind: 'credits', requestedBy: 'Uma recruiter' },
      { kind: 'sms', requestedBy: 'Uma administrator' },
    ]);
    expect(await actions(company)).toContain('organization.creditsRequested by Uma recruiter');
    const reviewer = await api.signIn(company, company.users.reviewer);
    await reviewer.post(path, { kind: 'whatsapp' }).expect(403);
  });

  it('goes to the organization’s own Customer Success where it has one', async () => {
    const other = await api.world.company();
    await api.world.db.query(
      `update organizations set customer_success_email = 'own@cs.example' where id = $1`,
      [other.organizationId],
    );
    const client = await api.signIn(other, other.users.interviewer);
    await client.post('/api/v1/customer-requests', { kind: 'whatsapp' }).expect(201);
    expect(api.mails.at(-1)).toMatchObject({ to: 'own@cs.example' });
  });

  it('says so when nobody is configured, and when the mail server does not take it', async () => {
    const refusing = await createApi({
      mailer: {
        assertConfigured: () => undefined,
        send: () => Promise.reject(new Error('refused')),
        close: () => undefined,
      },
    });
    try {
      const other = await refusing.world.company();
      const client = await refusing.signIn(other, other.users.recruiter);
      const ask = async () =>
        (await client.post('/api/v1/customer-requests', { kind: 'sms' })).body as object;
      expect(await ask()).toMatchObject({ code: 'channel_not_configured' });
      await refusing.world.db.query(`update organizations set customer_success_email = 'a@b.example'`);
      expect(await ask()).toMatchObject({ code: 'provider_unavailable' });
      expect(await ask()).toMatchObject({ code: 'provider_unavailable' });
    } finally {
      await refusing.close();
    }
  });
});

describe('R-CRED-2: an unknown message', () => {
  async function unknown(): Promise<{ id: string; personId: string }> {
    const person = await company.person();
    const id = newId();
    const { db } = api.world;
    const now = await db.now();
    await db.query(
      `insert into messages (organization_id, id, conversation_id, position, channel, direction, origin, state, kind, body, credits,
         attempt_token, dispatch_deadline_at, occurred_at, created_at)
       values ($1, $2, $3, 1, 'whatsapp', 'out', 'manual', 'unknown', 'text', 'Hello', 1, $2, $4, $4, $4)`,
      [company.organizationId, id, person.conversationId, now],
    );
    await db.query('update credit_accounts set balance = balance - 1 where organization_id = $1', [
      company.organizationId,
    ]);
    await db.query(
      `insert into credit_entries (organization_id, id, kind, amount, message_id, occurred_at) values ($1, $2, 'reserve', -1, $3, $4)`,
      [company.organizationId, newId(), id, now],
    );
    return { id, personId: person.id };
  }

  it('settled as sent has spent its credit; as not sent it comes back; each once, by an Administrator', async () => {
    const [sent, notSent] = [await unknown(), await unknown()];
    const balance = await company.balance();
    const settle = (client: Client, id: string, outcome: string) =>
      client.post(`/api/v1/messages/${id}/settle`, { outcome });
    await settle(recruiter, sent.id, 'sent').expect(403);
    expect((await settle(administrator, sent.id, 'sent').expect(200)).body).toMatchObject({ state: 'sent' });
    expect(await company.balance()).toBe(balance);
    const { body } = await settle(administrator, notSent.id, 'notSent').expect(200);
    expect(body).toMatchObject({ state: 'failed', reason: 'not_sent', canRetry: true });
    expect(await company.balance()).toBe(balance + 1);
    await settle(administrator, notSent.id, 'sent').expect(409);
    await assertLedger(api.world.db);
    expect(await rowOf(api.world.db, 'messages', sent.id)).toMatchObject({ state: 'sent', reason: null });
    expect(await timelineOf(api.world.db, notSent.personId)).toMatchObject([{ kind: 'messageFailed' }]);
    expect((await actions(company)).filter((action) => action.startsWith('message.settled'))).toHaveLength(2);
  });
});
