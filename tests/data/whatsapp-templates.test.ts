import { dispatchNext } from '../../activities/dispatch-next';
import { sendMessage } from '../../src/data/messages/accept-message';
import { syncTemplates } from '../../src/data/channels/channel-accounts';
import {
  changeTemplate,
  createTemplate,
  removeTemplate,
  type TemplateContext,
} from '../../src/data/templates/template-commands';
import { storeTemplateStatus } from '../../src/data/templates/template-status';
import { getTemplate, listTemplates, listTemplateVersions } from '../../src/data/templates/templates';
import type { Template } from '../../src/contracts/templates';
import { ChannelError } from '../../src/channels/channel-error';
import { templateRoutes } from '../../src/contracts/templates';
import { createWorld, dayMs, rowOf, template, type Company, type World } from '../support/company';

let world: World;
let company: Company;
let context: TemplateContext;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  company = await world.company();
  context = {
    actor: company.as(company.users.recruiter),
    whatsApp: world.whatsApp,
    secretKey: Buffer.alloc(32, 7),
  };
});

const written = {
  channel: 'whatsapp',
  name: 'interview_invitation',
  language: 'en',
  header: 'For {{candidate.firstName}}',
  body: 'Hello {{candidate.firstName|there}}, {{vacancy.title}} awaits you: {{3}}. See you, {{candidate.firstName|there}}!',
  footer: 'Bakery',
  buttons: [
    { type: 'QUICK_REPLY', text: 'Yes' },
    { type: 'URL', text: 'See', url: 'https://example.com/jobs/{{candidate.custom.code}}' },
  ],
};

const create = async (more: object = {}): Promise<Template> => {
  const input = templateRoutes['POST /api/v1/templates'].body.parse({ ...written, ...more });
  return read(await createTemplate(world.db, context, input));
};
const read = (id: string): Promise<Template> => getTemplate(world.db, context.actor, id);
const atWhatsApp = (name = written.name) =>
  world.sandbox.templates(company.account.wabaId).find((template) => template.name === name);
const sync = () =>
  syncTemplates(world.db, { ...context, publicUrl: 'http://localhost', dayMs }, company.account.id);
const decide = async (status: 'APPROVED' | 'REJECTED', reason?: string) => {
  world.sandbox.setTemplateStatus(atWhatsApp()!.id, { status, ...(reason && { reason }) });
  await sync();
  // the webhook that says the same comes no later than what is done next
  await world.settled();
};

it('R-SEND-5: our variables become numbers with examples, and variables again on screen', async () => {
  const made = await create();
  expect(atWhatsApp()).toMatchObject({
    language: 'en',
    category: 'UTILITY',
    status: 'PENDING',
    components: [
      { type: 'HEADER', format: 'TEXT', text: 'For {{1}}', example: { header_text: ['Maria'] } },
      {
        type: 'BODY',
        text: 'Hello {{1}}, {{2}} awaits you: {{3}}. See you, {{1}}!',
        example: { body_text: [['Maria', 'Warehouse operative', 'example']] },
      },
      { type: 'FOOTER', text: 'Bakery' },
      {
        type: 'BUTTONS',
        buttons: [
          { type: 'QUICK_REPLY', text: 'Yes' },
          {
            type: 'URL',
            text: 'See',
            url: 'https://example.com/jobs/{{1}}',
            example: ['https://example.com/jobs/example'],
          },
        ],
      },
    ],
  });
  const { header, body, footer, buttons } = written;
  expect(made).toMatchObject({
    status: 'pending',
    header,
    body,
    footer,
    buttons,
    category: 'UTILITY',
    version: 1,
  });
  expect(made.parameters.map(({ key, expression }) => [key, expression])).toEqual([
    ['header.1', '{{candidate.firstName}}'],
    ['body.1', '{{candidate.firstName|there}}'],
    ['body.2', '{{vacancy.title}}'],
    ['body.3', ''],
    ['button.1', '{{candidate.custom.code}}'],
  ]);
});

it('follows the review by synchronising, and keeps what was written', async () => {
  const made = await create();
  await decide('REJECTED', 'INVALID_FORMAT');
  expect(await read(made.id)).toMatchObject({ status: 'rejected', statusReason: 'INVALID_FORMAT' });
  await decide('APPROVED');
  expect(await read(made.id)).toMatchObject({
    status: 'approved',
    statusReason: null,
    body: written.body,
    version: 1,
  });
});

it('follows the review by WhatsApp’s webhook', async () => {
  const made = await create();
  const tell = (status: 'APPROVED' | 'REJECTED', rejectedReason?: string) =>
    storeTemplateStatus(
      world.db,
      { organizationId: company.organizationId, channelAccountId: company.account.id },
      {
        type: 'templateStatus',
        wabaId: company.account.wabaId,
        name: made.name,
        language: 'en',
        status,
        rejectedReason,
      },
    );
  await tell('REJECTED', 'ABUSIVE_CONTENT');
  expect(await read(made.id)).toMatchObject({ status: 'rejected', statusReason: 'ABUSIVE_CONTENT' });
  await tell('APPROVED');
  expect(await read(made.id)).toMatchObject({ status: 'approved', statusReason: null });
});

it('an edit of an approved one goes to review again; its status follows', async () => {
  const made = await create();
  await expect(changeTemplate(world.db, context, made.id, { body: 'Too early.' })).rejects.toMatchObject({
    code: 'invalid',
  });
  await decide('APPROVED');
  const body = 'Good day {{candidate.firstName|there}}, {{company.name}} writes.';
  await changeTemplate(world.db, context, made.id, { body });
  expect(await read(made.id)).toMatchObject({ status: 'pending', body, version: 2 });
  expect(atWhatsApp()).toMatchObject({
    status: 'PENDING',
    components: expect.arrayContaining([
      expect.objectContaining({ text: 'Good day {{1}}, {{2}} writes.' }),
    ]) as unknown,
  });
  await decide('APPROVED');
  expect(await read(made.id)).toMatchObject({ status: 'approved', body, version: 2 });
  const { items } = await listTemplateVersions(world.db, context.actor, made.id, { limit: 10 });
  expect(items.map((version) => version.body)).toEqual([body, written.body]);
});

it('another variable or folder needs no review', async () => {
  const made = await create();
  await decide('APPROVED');
  const body = written.body.replaceAll('|there', '|friend');
  await changeTemplate(world.db, context, made.id, { body, folder: 'Interviews' });
  expect(await read(made.id)).toMatchObject({ status: 'approved', body, folder: 'Interviews' });
  await expect(changeTemplate(world.db, context, made.id, { name: 'other' })).rejects.toMatchObject({
    code: 'invalid',
  });
  await expect(changeTemplate(world.db, context, made.id, { category: 'MARKETING' })).rejects.toMatchObject({
    code: 'invalid',
  });
});

it('what WhatsApp does not take stays a draft with its reason, through a synchronisation, until it is mended', async () => {
  world.sandbox.createTemplate({
    wabaId: company.account.wabaId,
    name: written.name,
    language: 'en',
    components: [{ type: 'BODY', text: 'Somebody else’s' }],
  });
  const made = await create();
  expect(made).toMatchObject({
    status: 'draft',
    statusReason: expect.stringContaining('already') as unknown,
  });
  await changeTemplate(world.db, context, made.id, { name: 'interview_two' });
  expect(await read(made.id)).toMatchObject({ status: 'pending', statusReason: null, name: 'interview_two' });
  await sync();
  expect(await read(made.id)).toMatchObject({ status: 'pending' });
});

it('finds what WhatsApp took although its answer was lost', async () => {
  const lost = new ChannelError({ errorClass: 'unknown', reason: 'unconfirmed' });
  const real = context.whatsApp;
  context = {
    ...context,
    whatsApp: {
      ...real,
      createTemplate: async (...call) => {
        await real.createTemplate(...call);
        throw lost;
      },
    },
  };
  expect(await create()).toMatchObject({ status: 'pending', statusReason: null });
});

it('refuses a name that is taken in this language, and takes it again once removed', async () => {
  const made = await create();
  await expect(create()).rejects.toMatchObject({ code: 'already_exists' });
  await removeTemplate(world.db, context, made.id);
  expect(atWhatsApp()).toBeUndefined();
  await sync();
  const { items } = await listTemplates(world.db, context.actor, { limit: 50, q: 'interview' });
  expect(items).toEqual([]);
  expect(await create({ body: 'Anew, as it were.' })).toMatchObject({
    id: made.id,
    status: 'pending',
    version: 2,
  });
});

it('a template written at Meta with named parameters or pictures is not rewritten here', async () => {
  world.sandbox.createTemplate({
    wabaId: company.account.wabaId,
    name: 'named',
    language: 'en',
    parameterFormat: 'NAMED',
    components: [{ type: 'BODY', text: 'Hello {{first_name}}, welcome.' }],
  });
  await sync();
  context = { ...context, actor: company.as(company.users.administrator) };
  const { items } = await listTemplates(world.db, context.actor, { limit: 50, q: 'named' });
  expect(items[0]).toMatchObject({
    body: 'Hello {{first_name}}, welcome.',
    can: { edit: true, editText: false },
  });
  await expect(changeTemplate(world.db, context, items[0]!.id, { body: 'Other' })).rejects.toMatchObject({
    code: 'invalid',
  });
  await changeTemplate(world.db, context, items[0]!.id, {
    parameters: [{ key: 'body.first_name', place: 'body', expression: '{{candidate.firstName}}' }],
  });
  expect(await read(items[0]!.id)).toMatchObject({
    body: 'Hello {{candidate.firstName}}, welcome.',
    status: 'approved',
  });
});

it('without a connected number there is nobody to review it', async () => {
  company = await world.company({ connected: false });
  context = { ...context, actor: company.as(company.users.recruiter) };
  await expect(create()).rejects.toMatchObject({ code: 'channel_not_configured' });
});

describe('what was shown is what is sent: a template that changes between acceptance and dispatch', () => {
  const plain = {
    header: null,
    footer: null,
    buttons: [],
    body: 'Hello {{candidate.firstName|there}}, come in.',
  };

  async function sendAfter(change: { body?: string; folder?: string }) {
    const made = await create(plain);
    await decide('APPROVED');
    const person = await company.person();
    const ids = company.ids(person);
    const messageId = await sendMessage(world.db, { actor: context.actor, dayMs }, ids, template(made.id));
    await changeTemplate(world.db, context, made.id, change);
    await decide('APPROVED');
    await dispatchNext(world.deps, ids);
    await world.settled();
    const message = await rowOf(world.db, 'messages', messageId);
    return { message, received: world.sandbox.messages({ number: person.waId }) };
  }

  it('is not sent with another text, and says why; its credit comes back', async () => {
    const before = await company.balance();
    const { message, received } = await sendAfter({
      body: 'Stay away, {{candidate.firstName|there}}, please.',
    });
    expect(message).toMatchObject({ state: 'suppressed', reason: 'template_mismatch' });
    expect(received).toEqual([]);
    expect(await company.balance()).toBe(before);
  });

  it('is sent where only its folder or a fallback changed', async () => {
    const body = plain.body.replace('there', 'friend');
    const { message, received } = await sendAfter({ body, folder: 'Interviews' });
    expect(message.state).toBe('delivered');
    expect(received).toHaveLength(1);
  });
});
