import { dispatchNext } from '../../activities/dispatch-next';
import type { EmailChannel } from '../../src/contracts/channels';
import type { Conversation } from '../../src/contracts/conversations';
import type { SendPreview } from '../../src/contracts/sends';
import type { Me } from '../../src/contracts/session';
import { mailDeadChannels } from '../../src/notices/dead-channel';
import { followMailServer, pauseEmail, resumeEmail } from '../../src/data/channels/dead-channels';
import { pauseChannel } from '../../src/data/messages/dispatch';
import { createLogger } from '../../src/logger';
import type { Mail } from '../../src/mailer';
import { dayMs, type Company } from '../support/company';
import { createApi, type Api, type Client } from './support';
import { sendMessage } from '../../src/data/messages/accept-message';

let api: Api;
let company: Company;
let administrator: Client;
let mails: Mail[] = [];
let serverUp = true;

beforeAll(async () => {
  api = await createApi();
});
beforeEach(async () => {
  // what other tests left paused is none of this one's
  await api.world.db.query(`update channel_accounts set state = 'disconnected' where state = 'paused'`);
  company = await api.world.company();
  administrator = await api.signIn(company, company.users.administrator);
  mails = [];
  serverUp = true;
});
afterAll(() => api.close());

const { db } = { db: () => api.world.db };

const mailThem = () =>
  mailDeadChannels({
    db: db(),
    logger: createLogger('test', 'silent'),
    publicUrl: api.url,
    mailer: {
      assertConfigured: () => undefined,
      send: (mail) =>
        serverUp ? Promise.resolve(void mails.push(mail)) : Promise.reject(new Error('refused')),
      close: () => undefined,
    },
  });
const pause = (channelAccountId: string, reason: string) =>
  db().transact((tx) =>
    pauseChannel(tx, { organizationId: company.organizationId, channelAccountId, reason }),
  );
const setState = (accountId: string, state: string) =>
  db().query(
    'update channel_accounts set state = $2::channel_state, state_changed_at = clock_timestamp() where id = $1',
    [accountId, state],
  );
async function emailAccount(): Promise<string> {
  const [row] = await db().query<{ id: string }>(
    `select id from channel_accounts where organization_id = $1 and channel = 'email'`,
    [company.organizationId],
  );
  return row!.id;
}
const me = async (client: Client) => (await client.get('/api/v1/me').expect(200)).body as Me;

describe('R-AUTO-6: a channel that pauses itself', () => {
  it('is mailed to the Administrators once per outage, with its cause and how many messages wait', async () => {
    const person = await company.person();
    await company.write(person, 'hi');
    await sendMessage(db(), { actor: company.as(company.users.recruiter), dayMs }, company.ids(person), {
      type: 'text',
      text: 'Hello',
      channel: 'whatsapp',
    });
    await pause(company.account.id, 'payment');
    await mailThem();
    expect(mails).toMatchObject([
      {
        to: `${company.users.administrator.id}@example.com`,
        subject: expect.stringMatching(/^Parley: WhatsApp.* of Acme is paused$/) as string,
      },
    ]);
    expect(mails[0]!.text).toContain('WhatsApp waits for a payment.');
    expect(mails[0]!.text).toContain('1 message waits.');
    expect(mails[0]!.text).toContain(`${api.url}/settings/channels`);
    await mailThem();
    await pause(company.account.id, 'payment');
    await mailThem();
    expect(mails).toHaveLength(1);
    await setState(company.account.id, 'connected');
    await mailThem();
    await pause(company.account.id, 'token');
    await mailThem();
    expect(mails).toHaveLength(2);
    expect(mails[1]!.messageId).not.toBe(mails[0]!.messageId);
  });

  it('is not lost while the mail server is down, and needs no mail once it was mended before', async () => {
    await pause(company.account.id, 'token');
    serverUp = false;
    await mailThem();
    serverUp = true;
    await mailThem();
    expect(mails).toHaveLength(1);
    await setState(company.account.id, 'connected');
    await pause(company.account.id, 'token');
    await setState(company.account.id, 'connected');
    await mailThem();
    expect(mails).toHaveLength(1);
  });

  it('stands on the screen of everybody who sends, and by its own name', async () => {
    const recruiter = await api.signIn(company, company.users.recruiter);
    expect((await me(recruiter)).pausedChannels).toEqual([]);
    await pause(await emailAccount(), 'token');
    expect((await me(recruiter)).pausedChannels).toEqual(['email']);
    const { body } = await administrator.get('/api/v1/notifications').expect(200);
    expect((body as { items: { text: string }[] }).items[0]!.text).toContain('E-mail is paused');
  });

  it('a conversation says which channel holds its messages', async () => {
    await pause(await emailAccount(), 'token');
    const ids = await sendEmail();
    await dispatchNext(api.world.deps, ids);
    expect(await blocked(ids)).toContain('E-mail is paused');
  });
});

describe('R-AUTO-6: e-mail itself', () => {
  it('goes on by itself once the mail server lets us in, and is mailed then', async () => {
    await pause(await emailAccount(), 'token');
    const asked = jest.fn(() => Promise.resolve(false));
    expect(await resumeEmail(db(), asked)).toBe(0);
    await mailThem();
    expect(mails).toEqual([]);
    expect((await administrator.get('/api/v1/channels/email').expect(200)).body).toMatchObject({
      state: 'paused',
      stateText: expect.stringContaining('user name and password') as string,
    });
    expect(await resumeEmail(db(), () => Promise.resolve(true))).toBe(1);
    await mailThem();
    await mailThem();
    expect(mails).toMatchObject([{ subject: 'Parley: E-mail of Acme works again' }]);
    expect(mails[0]!.text).toContain('was paused from');
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it('is paused while its server cannot be reached and something was tried in vain', async () => {
    const works = jest.fn(() => Promise.resolve(false));
    const ids = await sendEmail();
    expect(await pauseEmail(db(), works)).toBe(0);
    expect(works).not.toHaveBeenCalled();
    await db().query('update messages set attempts = 1 where conversation_id = $1', [ids.conversationId]);
    expect(await pauseEmail(db(), () => Promise.resolve(true))).toBe(0);
    expect(await pauseEmail(db(), works)).toBe(1);
    expect(await pauseEmail(db(), works)).toBe(0);
    expect((await administrator.get('/api/v1/channels/email').expect(200)).body).toMatchObject({
      state: 'paused',
      stateText: expect.stringContaining('The mail server cannot be reached.') as string,
    });
    expect(await blocked(ids)).toContain('E-mail is paused');
    expect(await resumeEmail(db(), () => Promise.resolve(true))).toBe(1);
    expect(await blocked(ids)).toBeNull();
  });

  it('R-ELIG: without a mail server the box says channel_not_configured, for every organization', async () => {
    const person = await company.person();
    await giveEmail(person.id);
    const ask = async () => {
      const { body } = await administrator
        .post('/api/v1/sends/preview', { channels: ['email'], text: 'x', title: 'x', personIds: [person.id] })
        .expect(200);
      return (body as SendPreview).channels[0]!;
    };
    expect(await ask()).toMatchObject({ willSend: 1 });
    await followMailServer(db(), false);
    expect(await ask()).toMatchObject({ willSend: 0, reasons: [{ code: 'channel_not_configured' }] });
    const { body } = await administrator.get('/api/v1/channels/email').expect(200);
    expect((body as EmailChannel).state).toBe('notConfigured');
    await followMailServer(db(), true);
    expect(await ask()).toMatchObject({ willSend: 1 });
  });
});

/** By the recruiter, to somebody new. */
async function sendEmail(): Promise<{ organizationId: string; conversationId: string }> {
  const person = await company.person();
  await giveEmail(person.id);
  const ids = company.ids(person);
  await sendMessage(db(), { actor: company.as(company.users.recruiter), dayMs }, ids, {
    type: 'text',
    text: 'Hello',
    title: 'Hello',
    channel: 'email',
  });
  return ids;
}

async function blocked({ conversationId }: { conversationId: string }): Promise<string | null> {
  const { body } = await administrator.get(`/api/v1/conversations/${conversationId}`).expect(200);
  return (body as Conversation).blocked;
}

const giveEmail = (personId: string) =>
  db().query(
    `insert into contact_points (organization_id, id, person_id, kind, key, value, created_at)
     values ($1, gen_random_uuid(), $2::uuid, 'email', $2::text || '@c.example', 'x', clock_timestamp())`,
    [company.organizationId, personId],
  );
