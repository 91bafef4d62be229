import { createHmac, randomUUID } from 'node:crypto';
import { dispatchNext, type DispatchDeps } from '../../activities/dispatch-next';
import type { SmsChannel } from '../../src/contracts/channels';
import { newId } from '../../src/data/database';
import type { Company, Person } from '../support/company';
import { createApi, type Api, type Client } from './support';

let api: Api;
let company: Company;
let administrator: Client;
let recruiter: Client;
let account: ReturnType<Api['world']['sandbox']['sms']['createAccount']>;
let channelAccountId: string;
let deps: DispatchDeps;
let serial = 0;

beforeAll(async () => {
  // worked off as in the product
  api = await createApi({ onWebhook: (delivery) => api.world.intake.webhook(delivery) });
  deps = { ...api.world.deps, publicUrl: api.url };
});
beforeEach(async () => {
  company = await api.world.company();
  administrator = await api.signIn(company, company.users.administrator);
  recruiter = await api.signIn(company, company.users.recruiter);
  account = sandbox().createAccount({ number: `+1415777${1000 + serial++}`, throughput: 0 });
  await connect({ kind: 'number', value: account.number });
});
afterEach(() => api.world.sandbox.behave());
afterAll(() => api.close());

const sandbox = () => api.world.sandbox.sms;
const settled = () => api.world.settled();

async function connect(sender: object): Promise<void> {
  const { body } = await administrator
    .put('/api/v1/channels/sms', { accountSid: account.id, authToken: account.authToken, sender })
    .expect(200);
  expect(body as SmsChannel).toMatchObject({ state: 'connected' });
  const [row] = await api.world.db.query<{ id: string }>(
    `select id from channel_accounts where organization_id = $1 and channel = 'sms'`,
    [company.organizationId],
  );
  channelAccountId = row!.id;
}

async function queue(person: Person, text = 'Can you come at 10?'): Promise<string> {
  const { body } = await recruiter
    .post(`/api/v1/conversations/${person.conversationId}/messages`, { channel: 'sms', type: 'text', text })
    .expect(202);
  return (body as { id: string }).id;
}

async function send(person: Person, text?: string): Promise<string> {
  const id = await queue(person, text);
  await dispatchNext(deps, company.ids(person));
  await settled();
  return id;
}

async function message(id: string) {
  const [row] = await api.world.db.query<Record<string, unknown>>(
    `select state, reason, provider_code as "providerCode", credits, channel from messages where id = $1`,
    [id],
  );
  return row;
}

async function inboundOf(conversationId: string) {
  return api.world.db.query<{ body: string | null; channel: string; kind: string }>(
    `select body, channel, kind from messages where conversation_id = $1 and direction = 'in' order by position`,
    [conversationId],
  );
}

const chatOf = async (person: Person) =>
  (
    await api.world.db.query<{ status: string; unanswered: boolean; channels: string }>(
      `select status, unanswered_since is not null as unanswered, array_to_string(channels, ',') as channels
       from conversations where id = $1`,
      [person.conversationId],
    )
  )[0];

describe('a sent SMS', () => {
  it('is delivered, told by the callbacks', async () => {
    const person = await company.person();
    const id = await send(person);
    expect(await message(id)).toMatchObject({ state: 'delivered', channel: 'sms', credits: 1 });
    expect(sandbox().messages({ number: person.waId })).toMatchObject([
      {
        sender: account.number,
        text: 'Can you come at 10?',
        statusCallback: `${api.url}/webhooks/sms/${channelAccountId}/status/${id}`,
      },
    ]);
  });

  it('finds its end by our id in the callback’s address, though the answer was lost', async () => {
    const person = await company.person();
    api.world.sandbox.misbehave(account.id, { hangUpAfterAccept: 1 });
    const id = await send(person);
    expect(await message(id)).toMatchObject({ state: 'delivered', reason: null });
    expect(sandbox().counts({ minimum: 2 })).toEqual([]);
  });

  it('ends the same whatever the order and number of its callbacks', async () => {
    const person = await company.person();
    api.world.sandbox.misbehave(account.id, {
      statusBeforeAnswer: true,
      duplicateStatuses: true,
      repeatWebhooks: 1,
    });
    const early = await send(person);
    api.world.sandbox.misbehave(account.id, { reorderWebhooks: true });
    const reversed = await send(person);
    expect(await message(early)).toMatchObject({ state: 'delivered' });
    expect(await message(reversed)).toMatchObject({ state: 'delivered' });
    const receipts = await api.world.db.query(
      'select message_id, status from receipts where message_id = any($1::uuid[])',
      [[early, reversed]],
    );
    expect(receipts).toHaveLength(4);
  });

  it('R-CRED-2: that failed afterwards is not paid for, and says why', async () => {
    const person = await company.person();
    const before = await company.balance();
    api.world.sandbox.misbehave(account.id, { refuse: { times: 1, code: 30006, as: 'status' } });
    const id = await send(person, 'a'.repeat(161));
    expect(await message(id)).toMatchObject({
      state: 'failed',
      reason: 'phone_not_mobile',
      providerCode: 30006,
      credits: 2,
    });
    expect(await company.balance()).toBe(before);
  });

  it('R-ELIG: an opt-out that the provider knows of is kept here', async () => {
    const person = await company.person();
    api.world.sandbox.misbehave(account.id, { refuse: { times: 1, code: 21610, as: 'status' } });
    await send(person);
    const rows = await api.world.db.query('select 1 from opt_outs where contact_point_id = $1', [
      person.contactPointId,
    ]);
    expect(rows).toHaveLength(1);
  });

  it('R-AUTO-6: a callback that tells of a dead account pauses the channel', async () => {
    const person = await company.person();
    api.world.sandbox.misbehave(account.id, { refuse: { times: 1, code: 30002, as: 'status' } });
    await send(person);
    const { body } = await administrator.get('/api/v1/channels/sms').expect(200);
    expect(body).toMatchObject({ state: 'paused' });
  });

  it('R-CHAT-3: does not make its sender the owner of the chat', async () => {
    const person = await company.person();
    await send(person);
    expect(await chatOf(person)).toMatchObject({ status: 'closed' });
  });
});

describe('an SMS of a person', () => {
  const write = async (number: string, text: string) => {
    sandbox().write(number, text, { accountSid: account.id });
    await settled();
  };

  it('stands in their conversation, opens no WhatsApp window and leaves the chat’s status', async () => {
    const person = await company.person();
    await write(person.waId, 'Sí, a las 10 😀');
    expect(await inboundOf(person.conversationId)).toEqual([
      { body: 'Sí, a las 10 😀', channel: 'sms', kind: 'text' },
    ]);
    expect(await chatOf(person)).toEqual({ status: 'closed', unanswered: true, channels: 'sms' });
    const windows = await api.world.db.query('select 1 from service_windows where contact_point_id = $1', [
      person.contactPointId,
    ]);
    expect(windows).toEqual([]);
    const [point] = await api.world.db.query<{ whatsapp: string }>(
      'select whatsapp from contact_points where id = $1',
      [person.contactPointId],
    );
    expect(point!.whatsapp).toBe('unknown');
  });

  it('is there once, however often it is posted', async () => {
    const person = await company.person();
    api.world.sandbox.misbehave(account.id, { repeatWebhooks: 2 });
    await write(person.waId, 'Hello');
    expect(await inboundOf(person.conversationId)).toHaveLength(1);
  });

  it('R-CHAT-13: from an unknown number makes a person to be reviewed, who can be answered by SMS', async () => {
    const number = `3469${String(7_000_000 + serial)}`;
    await write(number, 'Is the job still open?');
    const [person] = await api.world.db.query<{
      toReview: boolean;
      conversationId: string;
      whatsapp: string;
      phoneType: string;
    }>(
      `select p.to_review as "toReview", c.id as "conversationId", cp.whatsapp, cp.phone_type as "phoneType"
       from contact_points cp join people p on p.organization_id = cp.organization_id and p.id = cp.person_id
       join conversations c on c.organization_id = p.organization_id and c.person_id = p.id
       where cp.organization_id = $1 and cp.key = $2`,
      [company.organizationId, `+${number}`],
    );
    expect(person).toMatchObject({ toReview: true, whatsapp: 'unknown', phoneType: 'mobile' });
    expect(await inboundOf(person!.conversationId)).toHaveLength(1);
  });

  it('from a sender in letters is kept too', async () => {
    const form = {
      AccountSid: account.id,
      MessageSid: `SM${newId()}`,
      From: 'BANK',
      To: account.number,
      Body: 'Code 1',
    };
    expect((await post('inbound', form)).status).toBe(200);
    await settled();
    const rows = await api.world.db.query<{ valid: boolean }>(
      `select valid from contact_points where organization_id = $1 and key = 'sms:BANK'`,
      [company.organizationId],
    );
    expect(rows).toEqual([{ valid: false }]);
  });

  it('R-ELIG: STOP holds for what is queued already, on SMS and WhatsApp; START ends it', async () => {
    const person = await company.person();
    const queued = await queue(person);
    await write(person.waId, ' Stop. ');
    await dispatchNext(deps, company.ids(person));
    expect(await message(queued)).toMatchObject({ state: 'suppressed', reason: 'opted_out' });
    const [optOut] = await api.world.db.query<{ channels: string }>(
      `select array_to_string(channels, ',') as channels from opt_outs where contact_point_id = $1 and undone_at is null`,
      [person.contactPointId],
    );
    expect(optOut).toEqual({ channels: 'whatsapp,sms' });
    await write(person.waId, 'START');
    const id = await send(person);
    expect(await message(id)).toMatchObject({ state: 'delivered' });
  });
});

describe('HELP', () => {
  it('is answered by SMS at its price, unless the provider has answered it', async () => {
    const person = await company.person();
    const help = { AccountSid: account.id, From: `+${person.waId}`, To: account.number, Body: 'HELP' };
    const answer = await post('inbound', { ...help, MessageSid: `SM${newId()}`, OptOutType: 'HELP' });
    expect(answer.status).toBe(200);
    await settled();
    expect(await inboundOf(person.conversationId)).toHaveLength(1);
    await dispatchNext(deps, company.ids(person));
    expect(sandbox().messages({ number: person.waId })).toEqual([]);
    sandbox().write(person.waId, 'HELP', { accountSid: account.id });
    await settled();
    await dispatchNext(deps, company.ids(person));
    await settled();
    expect(
      sandbox()
        .messages({ number: person.waId })
        .filter(({ sender }) => sender === account.number),
    ).toMatchObject([{ text: expect.stringMatching(/^Acme: .+STOP/) as string }]);
    expect(await company.balance()).toBe(999);
  });
});

const sign = (url: string, form: Record<string, string>, token = account.authToken) =>
  createHmac('sha1', token)
    .update(
      Object.keys(form)
        .sort()
        .reduce((text, key) => text + key + form[key], url),
    )
    .digest('base64');

const post = (
  to: string,
  form: Record<string, string>,
  facts: { token?: string; id?: string; method?: string } = {},
) => {
  const url = `${api.url}/webhooks/sms/${facts.id ?? channelAccountId}/${to}`;
  const body = new URLSearchParams(form).toString();
  return fetch(url, {
    method: facts.method ?? 'POST',
    ...(facts.method === 'GET' ? {} : { body }),
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded',
      'X-Twilio-Signature': sign(url, form, facts.token),
    },
  });
};

describe('the addresses', () => {
  const form = () => ({ MessageSid: `SM${newId()}`, From: '+34612000000', Body: 'Hello' });

  it('answer with an empty document of the provider’s own', async () => {
    const answer = await post('inbound', form());
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('text/xml');
    expect(await answer.text()).toMatch(/<Response><\/Response>$/);
    await settled();
  });

  it('refuse what is not signed with this account’s token', async () => {
    expect((await post('inbound', form(), { token: 'other' })).status).toBe(401);
    const other = await api.world.company();
    expect((await post('inbound', form(), { id: other.account.id })).status).toBe(404);
    expect((await post('inbound', form(), { id: randomUUID() })).status).toBe(404);
    expect((await post('inbound', form(), { id: 'x' })).status).toBe(404);
    expect((await post('status/x', form())).status).toBe(404);
    expect((await post('inbound', form(), { method: 'GET' })).status).toBe(405);
  });

  it('know a new token at once', async () => {
    expect((await post('inbound', form())).status).toBe(200);
    sandbox().updateAccount(account.id, { authToken: 'a new one' });
    await administrator
      .put('/api/v1/channels/sms', {
        accountSid: account.id,
        authToken: 'a new one',
        sender: { kind: 'number', value: account.number },
      })
      .expect(200);
    expect((await post('inbound', form(), { token: 'a new one' })).status).toBe(200);
    await settled();
  });

  it('park what cannot be understood', async () => {
    expect((await post('inbound', { Body: 'no id' })).status).toBe(200);
    await settled();
    const rows = await api.world.db.query<{ state: string; fault: string }>(
      'select state, fault from webhook_deliveries where channel_account_id = $1',
      [channelAccountId],
    );
    expect(rows).toEqual([{ state: 'poison', fault: 'MessageSid: is missing' }]);
  });

  it('what was stored and not worked off is worked off later', async () => {
    const person = await company.person();
    const id = newId();
    const body = new URLSearchParams({ MessageSid: 'SM1', From: `+${person.waId}`, Body: 'Left behind' });
    await api.world.db.query(
      `insert into webhook_deliveries (id, organization_id, channel_account_id, body, state, received_at)
       values ($1, $2, $3, $4, 'pending', $5)`,
      [id, company.organizationId, channelAccountId, Buffer.from(body.toString()), await api.world.db.now()],
    );
    api.world.intake.webhooks([id]);
    await settled();
    expect(await inboundOf(person.conversationId)).toMatchObject([{ body: 'Left behind' }]);
  });
});
