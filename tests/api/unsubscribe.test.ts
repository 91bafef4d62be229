import request from 'supertest';
import type { Person as PersonFile } from '../../src/contracts/people';
import type { TimelineEntry } from '../../src/contracts/records';
import { newId } from '../../src/data/database';
import { sendMessage } from '../../src/data/messages/accept-message';
import { enableEvents } from '../../src/data/events/events';
import { unsubscribeUrl } from '../../src/domain/unsubscribe-link';
import { dayMs, type Company, type Person } from '../support/company';
import { createApi, type Api, type Client } from './support';

let api: Api;
let company: Company;
let administrator: Client;
let person: Person;
let address: string;

beforeAll(async () => {
  api = await createApi();
});
beforeEach(async () => {
  company = await api.world.company();
  administrator = await api.signIn(company, company.users.administrator);
  person = await company.person();
  address = `uma.${person.id.slice(-6)}@candidate.example`;
  await company.addEmail(person, address);
});
afterAll(() => api.close());

const write = (title: string) =>
  sendMessage(api.world.db, { actor: company.as(company.users.recruiter), dayMs }, company.ids(person), {
    type: 'text',
    text: 'Hello',
    title,
    channel: 'email',
  });
/** The token of the link that a mail to many would carry. */
async function linkOf(messageId: string): Promise<string> {
  const { hashKey } = api.world;
  const link = { organizationId: company.organizationId, messageId, keyHash: hashKey(address) };
  return Promise.resolve(unsubscribeUrl('', hashKey, link).slice('/unsubscribe/'.length));
}
const file = async () =>
  (await administrator.get(`/api/v1/people/${person.id}`).expect(200)).body as PersonFile;
const timeline = async () =>
  (
    (await administrator.get(`/api/v1/people/${person.id}/timeline`).expect(200)).body as {
      items: TimelineEntry[];
    }
  ).items;
const stateOf = async (id: string) =>
  (await api.world.db.query('select state, reason from messages where id = $1', [id]))[0];

const acme = { companyName: 'Acme', brand: { color: null, logoUrl: null }, language: 'en' };

describe('the unsubscribe link of an e-mail', () => {
  it('asks by GET and changes nothing; POST opts out with its evidence and cuts what waits; DELETE undoes it', async () => {
    await api.world.db.transact((tx) => enableEvents(tx, company.organizationId));
    const id = await write('An invitation');
    const path = `/api/v1/unsubscribe/${await linkOf(id)}`;
    const shown = { ...acme, address: 'u•••@candidate.example' };
    const get = async () => (await api.anonymous.get(path).expect(200)).body as object;
    expect(await get()).toEqual({ ...shown, unsubscribed: false });
    expect(await get()).toEqual({ ...shown, unsubscribed: false });
    expect(await stateOf(id)).toEqual({ state: 'queued', reason: null });

    const answer = await api.anonymous.post(path).expect(200);
    expect(answer.body).toEqual({ ...shown, unsubscribed: true });
    expect(await stateOf(id)).toEqual({ state: 'suppressed', reason: 'opted_out' });
    await expect(write('Another')).rejects.toMatchObject({ code: 'opted_out' });
    const { contactPoints } = await file();
    expect(contactPoints.find(({ kind }) => kind === 'email')!.optedOut).toEqual([
      {
        channels: ['email'],
        marketingOnly: false,
        occurredAt: expect.any(String) as string,
        words: null,
        source: 'unsubscribeLink',
        message: { id, channel: 'email', title: 'An invitation' },
      },
    ]);
    expect(contactPoints.find(({ kind }) => kind === 'phone')!.optedOut).toEqual([]);
    await api.anonymous.post(path).expect(200);
    expect((await timeline()).filter(({ kind }) => kind === 'optOut')).toMatchObject([
      { text: 'Opted out of messages by E-mail, by the unsubscribe link of an e-mail.', message: { id } },
    ]);

    expect((await api.anonymous.delete(path).expect(200)).body).toEqual({ ...shown, unsubscribed: false });
    await write('Another');
    expect((await timeline())[1]).toMatchObject({ text: 'Accepts messages by E-mail again.' });
    const program = await api.program(company, ['events:read']);
    const { body } = await program.get('/api/v1/events').expect(200);
    const told = (body as { items: { type: string; data: object }[] }).items;
    expect(told.filter(({ type }) => type === 'optOut.changed')).toMatchObject([
      { data: { optedOut: true, channels: ['email'] } },
      { data: { optedOut: false, channels: ['email'] } },
    ]);
  });

  it('RFC 8058: the button of a mail program posts to the link itself, from anywhere', async () => {
    const id = await write('An invitation');
    const token = await linkOf(id);
    const press = async (to: string) => {
      const answer = await request(api.url)
        .post(`/unsubscribe/${to}`)
        .set('Origin', 'https://mail.example')
        .type('form')
        .send('List-Unsubscribe=One-Click');
      return { status: answer.status, text: answer.text };
    };
    const pressed = await press(token);
    expect(pressed.status).toBe(200);
    expect((await api.anonymous.get(`/api/v1/unsubscribe/${token}`)).body).toMatchObject({
      unsubscribed: true,
    });
    expect(await stateOf(id)).toMatchObject({ state: 'suppressed' });
    // who holds no link learns nothing
    for (const unknown of ['x', await linkOf(newId()), `${token}x`])
      expect(await press(unknown)).toEqual(pressed);
  });

  it('a link that is none is told the same, whatever is wrong with it', async () => {
    const answers = [];
    for (const unknown of ['x', `${await linkOf(newId())}`, `x${await linkOf(await write('One'))}`])
      for (const method of ['get', 'post', 'delete'] as const) {
        const { status, body } = await api.anonymous.call(method, `/api/v1/unsubscribe/${unknown}`);
        answers.push({ status, ...(body as object), instance: undefined });
      }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 404 });
  });

  it('holds for an address that was taken out of the file and comes back', async () => {
    const token = await linkOf(await write('One'));
    const { contactPoints } = await file();
    const phone = contactPoints.find(({ kind }) => kind === 'phone')!;
    const keep = { kind: 'phone', value: phone.value };
    const path = `/api/v1/people/${person.id}`;
    await administrator.patch(path, { contactPoints: [keep] }).expect(200);
    const { body } = await api.anonymous.post(`/api/v1/unsubscribe/${token}`).expect(200);
    expect(body).toEqual({ ...acme, address: null, unsubscribed: true });
    await administrator.patch(path, { contactPoints: [keep, { kind: 'email', value: address }] }).expect(200);
    await expect(write('Two')).rejects.toMatchObject({ code: 'opted_out' });
  });
});
