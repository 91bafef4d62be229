import { sendMessage } from '../../src/data/messages/accept-message';
import { closeChat } from '../../src/data/conversations/chat-commands';
import { readMessage } from '../../src/data/messages/message-read';
import { processWebhooks, readDeliveries } from '../../src/data/inbound/webhooks';
import type { PhoneMessage } from '../../src/sandbox/phones';
import {
  assertLedger,
  createWorld,
  dayMs,
  hourMs,
  rowOf,
  storeWebhook,
  template,
  text,
  timelineOf,
  type Company,
  type Person,
  type World,
} from '../support/company';
import { dispatchNext } from '../../activities/dispatch-next';

let world: World;
let company: Company;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  company = await world.company();
});
afterEach(async () => {
  world.sandbox.behave();
  await world.settled();
  await assertLedger(world.db);
});

const from = async (number: string, message: PhoneMessage, replyTo?: string): Promise<string> => {
  const { id } = await world.sandbox.write(number, message, {
    phoneNumberId: company.account.phoneNumberId,
    ...(replyTo === undefined ? {} : { replyTo }),
  });
  await world.settled();
  return id;
};
const byProviderId = async (id: string): Promise<Record<string, unknown>> => {
  const [row] = await world.db.query('select * from messages where provider_id = $1', [id]);
  return row as Record<string, unknown>;
};
const chatOf = (person: Person): Promise<Record<string, unknown>> =>
  rowOf(world.db, 'conversations', person.conversationId);
const peopleOf = (): Promise<Record<string, unknown>[]> =>
  world.db.query(
    `select p.first_name, p.last_name, p.to_review, cp.key, cp.wa_id, c.id as "conversationId", c.message_count
     from people p join contact_points cp on cp.person_id = p.id join conversations c on c.person_id = p.id
     where p.organization_id = $1 order by p.id`,
    [company.organizationId],
  );
const notified = async (): Promise<string[]> =>
  (
    await world.db.query<{ userId: string }>(
      `select user_id as "userId" from notifications where organization_id = $1 and kind = 'messageReceived' order by id`,
      [company.organizationId],
    )
  ).map(({ userId }) => userId);
const template1 = async (person: Person, user = company.users.recruiter): Promise<void> => {
  const templateId = await company.template();
  await sendMessage(world.db, { actor: company.as(user), dayMs }, company.ids(person), template(templateId));
};
const webhook = async (value: object, field = 'messages'): Promise<string> => {
  const body = {
    object: 'whatsapp_business_account',
    entry: [{ id: company.account.wabaId, changes: [{ field, value }] }],
  };
  return storeWebhook(world.db, company.account.id, Buffer.from(JSON.stringify(body)));
};
const work = async (deliveryId: string): Promise<void> =>
  processWebhooks(
    { db: world.db, logger: world.deps.logger, dayMs, hashKey: world.hashKey, onMedia: () => undefined },
    await readDeliveries(world.db, [deliveryId]),
  );
const messagesValue = (messages: object[]): object => ({
  messaging_product: 'whatsapp',
  metadata: { phone_number_id: company.account.phoneNumberId },
  messages,
});
const seconds = (ms: number): string => String(Math.floor(ms / 1000));

describe('every kind of content', () => {
  const bytes = Buffer.from('%PDF-1.4\n1 0 obj\n');
  const file = { bytes, mimeType: 'application/pdf', filename: 'cv.pdf' };
  const kinds: [string, PhoneMessage, object][] = [
    ['text', { type: 'text', text: 'hello 👋' }, { body: 'hello 👋' }],
    [
      'location',
      { type: 'location', latitude: 40.4, longitude: -3.7, name: 'Office' },
      { body: 'Office', content: { location: { latitude: 40.4 } } },
    ],
    [
      'contacts',
      {
        type: 'contacts',
        contacts: [{ name: { formatted_name: 'Bo' }, phones: [{ phone: '+34600000001' }] }],
      },
      { body: 'Bo' },
    ],
    [
      'buttonReply',
      { type: 'button', text: 'I will come', payload: 'yes' },
      { body: 'I will come', content: { buttonPayload: 'yes' } },
    ],
    [
      'buttonReply',
      { type: 'interactive', interactive: { type: 'list_reply', list_reply: { id: 'x', title: 'Monday' } } },
      { body: 'Monday' },
    ],
    ['unsupported', { type: 'unsupported' }, { body: null }],
    [
      'unsupported',
      { type: 'raw', message: { type: 'hologram', hologram: { depth: 3 } } },
      { content: { providerType: 'hologram', raw: { hologram: { depth: 3 } } } },
    ],
    ['document', { type: 'document', file, caption: 'My CV' }, { body: 'My CV' }],
  ];
  it.each(kinds)('%s %#', async (kind, message, expected) => {
    const person = await company.person();
    const row = await byProviderId(await from(person.waId, message));
    expect(row).toMatchObject({
      kind,
      direction: 'in',
      state: 'received',
      conversation_id: person.conversationId,
      ...expected,
    });
    const shown = await readMessage(world.db, company.as(company.users.administrator), row.id as string);
    expect(shown).toMatchObject({ kind, canRetry: false });
  });

  it('a file is fetched, with the bytes that were sent; one that is gone is given up', async () => {
    const person = await company.person();
    const row = await byProviderId(await from(person.waId, { type: 'document', file, caption: 'My CV' }));
    const [media] = await world.db.query(
      'select state, bytes, mime_type, filename, size from media where message_id = $1',
      [row.id],
    );
    expect(media).toMatchObject({
      state: 'stored',
      bytes,
      mime_type: 'application/pdf',
      filename: 'cv.pdf',
      size: bytes.length,
    });
    const delivery = await webhook(
      messagesValue([
        {
          id: 'wamid.gone',
          from: person.waId,
          timestamp: seconds(Date.now()),
          type: 'image',
          image: { id: '404', mime_type: 'image/png' },
        },
      ]),
    );
    world.intake.webhooks([delivery]);
    await world.intake.idle();
    const [gone] = await world.db.query(
      `select m.state, m.failure from media m join messages x on x.id = m.message_id where x.provider_id = 'wamid.gone'`,
    );
    expect(gone).toMatchObject({ state: 'failed' });
  });

  it('a reaction stands on its message, is replaced and taken back; it is no message of its own', async () => {
    const person = await company.person();
    const theirs = await from(person.waId, { type: 'text', text: 'hello' });
    const row = await byProviderId(theirs);
    const shown = async () =>
      (await readMessage(world.db, company.as(company.users.administrator), row.id as string)).reactions;
    await from(person.waId, { type: 'reaction', messageId: theirs, emoji: '👍' });
    await from(person.waId, { type: 'reaction', messageId: theirs, emoji: '❤️' });
    expect(await shown()).toMatchObject([{ by: 'person', emoji: '❤️' }]);
    await from(person.waId, { type: 'reaction', messageId: theirs, emoji: '' });
    expect(await shown()).toEqual([]);
    expect(await chatOf(person)).toMatchObject({ message_count: 1, inbound_count: 1 });
  });

  it('an answer names what it answers, and belongs to the same application', async () => {
    const person = await company.person();
    const vacancy = await company.vacancy();
    const [applicationId] = await company.apply(vacancy, [person]);
    const templateId = await company.template();
    const actor = company.as(company.users.recruiter);
    const id = await sendMessage(
      world.db,
      { actor, dayMs },
      company.ids(person),
      template(templateId, { applicationId: applicationId! }),
    );
    await dispatchNext(world.deps, company.ids(person));
    await world.settled();
    const sent = await rowOf(world.db, 'messages', id);
    const reply = await byProviderId(
      await from(person.waId, { type: 'text', text: 'yes' }, sent.provider_id as string),
    );
    expect(reply).toMatchObject({ reply_to_id: id, application_id: applicationId });
    expect(await byProviderId(await from(person.waId, { type: 'text', text: 'and more' }))).toMatchObject({
      reply_to_id: null,
      application_id: applicationId,
    });
  });
});

describe('R-CHAT-13: whose number it is', () => {
  it('an unknown number makes a person to review, named by their profile; the next message finds them', async () => {
    const number = '34699000001';
    world.sandbox.createPhone({ waId: number, name: 'Grace Brewster Hopper' });
    await from(number, { type: 'text', text: 'hello' });
    await from(number, { type: 'text', text: 'again' });
    expect(await peopleOf()).toMatchObject([
      {
        first_name: 'Grace',
        last_name: 'Brewster Hopper',
        to_review: true,
        key: `+${number}`,
        wa_id: number,
        message_count: 2,
      },
    ]);
    const [row] = await world.db.query<{ id: string }>('select id from people where organization_id = $1', [
      company.organizationId,
    ]);
    expect((await timelineOf(world.db, row!.id)).map(({ kind }) => kind)).toEqual([
      'personCreated',
      'messageReceived',
      'messageReceived',
    ]);
  });

  it('WhatsApp’s other name for them, without the number or beside it, leads to the same person', async () => {
    const receive = async (id: string, who: object) =>
      work(
        await webhook(
          messagesValue([{ id, ...who, timestamp: seconds(Date.now()), type: 'text', text: { body: id } }]),
        ),
      );
    const personOf = async (providerId: string) =>
      (
        await world.db.query<{ personId: string; value: string; waId: string | null }>(
          `select c.person_id as "personId", cp.value, cp.wa_id as "waId" from messages m
           join conversations c on c.organization_id = m.organization_id and c.id = m.conversation_id
           join contact_points cp on cp.organization_id = m.organization_id and cp.id = m.contact_point_id
           where m.provider_id = $1`,
          [providerId],
        )
      )[0]!;

    const known = await company.person();
    await receive('wamid.both', { from: known.waId, from_user_id: 'ES.1' });
    await receive('wamid.name', { from_user_id: 'ES.1' });
    expect(await personOf('wamid.name')).toMatchObject({ personId: known.id });

    await receive('wamid.stranger', { from_user_id: 'ES.2' });
    const stranger = await personOf('wamid.stranger');
    await receive('wamid.shows', { from: '34600111222', from_user_id: 'ES.2' });
    expect(await personOf('wamid.shows')).toEqual({
      personId: stranger.personId,
      value: '+34600111222',
      waId: '34600111222',
    });
  });

  it('two first messages of one stranger at once make one person', async () => {
    const number = '34699000002';
    const deliveries = await Promise.all(
      [...Array(6).keys()].map((n) =>
        webhook(
          messagesValue([
            {
              id: `wamid.stranger.${n % 3}`,
              from: number,
              timestamp: seconds(Date.now()),
              type: 'text',
              text: { body: `${n}` },
            },
          ]),
        ),
      ),
    );
    await Promise.all(deliveries.map(work));
    expect(await peopleOf()).toMatchObject([{ key: `+${number}`, message_count: 3 }]);
  });

  it.each([
    ['+5511987654321', '551187654321'],
    ['+5531987654321', '553187654321'],
    ['+5215512345678', '525512345678'],
    ['+5491123456789', '541123456789'],
  ])('%s and %s are one phone', async (canonical, other) => {
    const key = canonical.replace(/^\+521/, '+52');
    const person = await company.person({ phone: key, whatsapp: 'absent' });
    for (const [index, waId] of [canonical.slice(1), other].entries()) {
      await work(
        await webhook(
          messagesValue([
            {
              id: `wamid.${key}.${index}`,
              from: waId,
              timestamp: seconds(Date.now()),
              type: 'text',
              text: { body: 'oi' },
            },
          ]),
        ),
      );
    }
    expect(await chatOf(person)).toMatchObject({ message_count: 2, status: 'open' });
    // WhatsApp's own way of writing it is what we answer to.
    expect(await rowOf(world.db, 'contact_points', person.contactPointId)).toMatchObject({
      whatsapp: 'present',
      wa_id: other,
    });
    expect(await peopleOf()).toHaveLength(1);
  });

  it('the same number in another organization is another person', async () => {
    const person = await company.person();
    const other = await world.company();
    const theirs = await other.person({ phone: `+${person.waId}` });
    await company.write(person, 'hello');
    expect(await chatOf(theirs)).toMatchObject({ message_count: 0, status: 'closed' });
  });
});

describe('R-CHAT-6: the chat', () => {
  it('Closed becomes Open and stands with the responsible user, who is notified', async () => {
    const person = await company.person();
    await company.write(person, 'hello');
    expect(await chatOf(person)).toMatchObject({
      status: 'open',
      inbox_user_id: company.users.recruiter.id,
      inbound_count: 1,
      last_direction: 'in',
      unanswered_since: expect.any(Date) as Date,
    });
    expect(await notified()).toEqual([company.users.recruiter.id]);
  });

  it('R-LOG-4: while Active the owner is notified, and the last sender, each once', async () => {
    const person = await company.person({ responsible: company.users.supervisor });
    await template1(person);
    const before = (await chatOf(person)).deadline_at as Date;
    world.clock.advance(hourMs);
    await company.write(person, 'hello');
    expect(await chatOf(person)).toMatchObject({ status: 'active', owner_id: company.users.recruiter.id });
    expect(((await chatOf(person)).deadline_at as Date).getTime()).toBeGreaterThanOrEqual(
      before.getTime() + hourMs,
    );
    expect(await notified()).toEqual([company.users.recruiter.id]);
    await closeChat(world.db, { actor: company.as(company.users.recruiter), dayMs }, company.ids(person));
    await company.write(person, 'are you there?');
    // Open: the responsible user, and who wrote last.
    expect((await notified()).slice(1).sort()).toEqual(
      [company.users.recruiter.id, company.users.supervisor.id].sort(),
    );
  });

  it('R-CHAT-4: what had run out is settled first, and stands on the timeline when it was due', async () => {
    const person = await company.person();
    await template1(person);
    world.clock.advance(3 * dayMs);
    await company.write(person, 'hello');
    expect(await chatOf(person)).toMatchObject({
      status: 'open',
      owner_id: null,
      last_owner_id: company.users.recruiter.id,
    });
    expect((await timelineOf(world.db, person.id)).map(({ kind, data }) => [kind, data.to])).toEqual([
      ['chatStarted', undefined],
      ['messageSent', undefined],
      ['chatExpired', 'open'],
      ['chatExpired', 'closed'],
      ['messageReceived', undefined],
    ]);
  });

  it('R-CHAT-10: the mark stays through automatic messages, and goes with an answer by hand', async () => {
    const person = await company.person();
    await company.write(person, 'hello');
    const since = (await chatOf(person)).unanswered_since;
    await company.write(person, 'hello?');
    await sendMessage(world.db, { actor: company.program, dayMs }, company.ids(person), text('automatic'));
    expect((await chatOf(person)).unanswered_since).toEqual(since);
    await sendMessage(
      world.db,
      { actor: company.as(company.users.recruiter), dayMs },
      company.ids(person),
      text('by hand'),
    );
    expect((await chatOf(person)).unanswered_since).toBeNull();
  });

  it('the workflow hears of a new status, not of a deadline that moved', async () => {
    const person = await company.person();
    const pokes = async () =>
      (await world.db.query('select 1 from outbox where organization_id = $1', [company.organizationId]))
        .length;
    await company.write(person, 'one');
    expect(await pokes()).toBe(1);
    await company.write(person, 'two');
    expect(await pokes()).toBe(1);
  });
});

describe('webhooks', () => {
  it('a message that is delivered again is stored once', async () => {
    const person = await company.person();
    world.sandbox.misbehave(company.account.phoneNumberId, { repeatWebhooks: 3 });
    await company.write(person, 'hello');
    expect(await chatOf(person)).toMatchObject({ message_count: 1, inbound_count: 1 });
    expect(await notified()).toHaveLength(1);
    expect((await timelineOf(world.db, person.id)).map(({ kind }) => kind)).toEqual(['messageReceived']);
    expect(
      await world.db.query('select 1 from webhook_deliveries where organization_id = $1', [
        company.organizationId,
      ]),
    ).toEqual([]);
  });

  it('what one person says within a second keeps the order in which it arrived, whoever writes at the same time', async () => {
    const [one, other] = [await company.person(), await company.person()];
    const at = seconds(Date.now());
    const ids: string[] = [];
    for (let n = 0; n < 24; n++) {
      const from = n % 2 === 0 ? one.waId : other.waId;
      const message = {
        id: `wamid.${from}.${n}`,
        from,
        timestamp: at,
        type: 'text',
        text: { body: String(n) },
      };
      ids.push(await webhook(messagesValue([message])));
    }
    world.intake.webhooks(ids);
    await world.intake.idle();
    for (const [person, first] of [
      [one, 0],
      [other, 1],
    ] as const) {
      const said = await world.db.query<{ body: string }>(
        'select body from messages where conversation_id = $1 order by occurred_at, position',
        [person.conversationId],
      );
      expect(said.map(({ body }) => body)).toEqual(
        Array.from({ length: 12 }, (_, n) => String(2 * n + first)),
      );
    }
  });

  it('time of the provider in the future counts as now; in the past it is shown then, and opens no window', async () => {
    const person = await company.person();
    const now = world.clock.now().getTime();
    const at = (id: string, ms: number) => ({
      id: `wamid.${person.id}.${id}`,
      from: person.waId,
      timestamp: seconds(ms),
      type: 'text',
      text: { body: id },
    });
    await work(await webhook(messagesValue([at('old', now - 2 * dayMs)])));
    await expect(
      sendMessage(
        world.db,
        { actor: company.as(company.users.recruiter), dayMs },
        company.ids(person),
        text('hi'),
      ),
    ).rejects.toMatchObject({ code: 'window_closed' });
    expect(await chatOf(person)).toMatchObject({ status: 'open' });
    await work(await webhook(messagesValue([at('future', now + 10 * dayMs)])));
    const [window] = await world.db.query<{ at: Date }>(
      'select last_inbound_at as at from service_windows where contact_point_id = $1',
      [person.contactPointId],
    );
    expect(window!.at.getTime()).toBeLessThanOrEqual(world.clock.now().getTime());
    expect(((await chatOf(person)).deadline_at as Date).getTime()).toBeLessThanOrEqual(
      world.clock.now().getTime() + dayMs,
    );
  });

  it('a broken element is parked and costs the others nothing', async () => {
    const person = await company.person();
    const good = (id: string) => ({
      id: `wamid.${person.id}.${id}`,
      from: person.waId,
      timestamp: seconds(Date.now()),
      type: 'text',
      text: { body: id },
    });
    const delivery = await webhook(messagesValue([good('a'), { nonsense: true }, good('b')]));
    await work(delivery);
    expect(await chatOf(person)).toMatchObject({ message_count: 2 });
    const [parked] = await world.db.query('select state, fault from webhook_deliveries where id = $1', [
      delivery,
    ]);
    expect(parked).toMatchObject({
      state: 'poison',
      fault: expect.stringContaining('messages[1]') as string,
    });
    expect((parked as { fault: string }).fault).not.toContain(person.waId);
    await work(delivery);
    expect(await chatOf(person)).toMatchObject({ message_count: 2 });
  });

  it.each(['', 'not json', '[]', '{"object":"page"}'])('a body that is none (%s) is parked', async (body) => {
    const delivery = await storeWebhook(world.db, company.account.id, Buffer.from(body));
    await work(delivery);
    expect(await rowOf(world.db, 'webhook_deliveries', delivery)).toMatchObject({ state: 'poison' });
  });

  it('null characters are storable', async () => {
    const person = await company.person();
    const message = {
      id: `wamid.${person.id}`,
      from: person.waId,
      timestamp: seconds(Date.now()),
      type: 'text',
      text: { body: 'a\u0000b' },
    };
    await work(await webhook(messagesValue([message])));
    expect(await chatOf(person)).toMatchObject({ message_count: 1 });
  });

  it('a number that is not connected to the organization belongs to nobody', async () => {
    const person = await company.person();
    const message = {
      id: `wamid.${person.id}`,
      from: person.waId,
      timestamp: seconds(Date.now()),
      type: 'text',
      text: { body: 'hello' },
    };
    await work(await webhook({ ...messagesValue([message]), metadata: { phone_number_id: '999' } }));
    expect(await chatOf(person)).toMatchObject({ message_count: 0, status: 'closed' });
  });

  it('a template’s status, an account’s ban and a preference are followed', async () => {
    const person = await company.person();
    const templateId = await company.template({ name: 'offer', category: 'MARKETING' });
    await work(
      await webhook(
        { event: 'PAUSED', message_template_name: 'offer', message_template_language: 'en' },
        'message_template_status_update',
      ),
    );
    expect(await rowOf(world.db, 'templates', templateId)).toMatchObject({ status: 'paused' });
    await work(
      await webhook(
        { event: 'APPROVED', message_template_name: 'offer', message_template_language: 'en' },
        'message_template_status_update',
      ),
    );
    world.sandbox.marketing(person.waId, { phoneNumberId: company.account.phoneNumberId, value: 'stop' });
    await world.settled();
    const send = () =>
      sendMessage(
        world.db,
        { actor: company.as(company.users.recruiter), dayMs },
        company.ids(person),
        template(templateId),
      );
    await expect(send()).rejects.toMatchObject({ code: 'marketing_declined' });
    world.sandbox.marketing(person.waId, { phoneNumberId: company.account.phoneNumberId, value: 'resume' });
    await world.settled();
    await send();
    await work(await webhook({ event: 'ACCOUNT_RESTRICTION' }, 'account_update'));
    expect(await rowOf(world.db, 'channel_accounts', company.account.id)).toMatchObject({ state: 'paused' });
  });

  it('a status of a broken channel pauses it, heard again it does not', async () => {
    const person = await company.person();
    await template1(person);
    world.sandbox.misbehave(company.account.phoneNumberId, {
      refuse: { times: 1, code: 131042, as: 'status' },
    });
    await dispatchNext(world.deps, company.ids(person));
    await world.settled();
    expect(await rowOf(world.db, 'channel_accounts', company.account.id)).toMatchObject({
      state: 'paused',
      state_reason: 'payment',
    });
    const [message] = await world.db.query<{ id: string; providerId: string }>(
      'select id, provider_id as "providerId" from messages where conversation_id = $1',
      [person.conversationId],
    );
    await world.db.query(`update channel_accounts set state = 'connected' where id = $1`, [
      company.account.id,
    ]);
    await work(
      await webhook({
        messaging_product: 'whatsapp',
        metadata: { phone_number_id: company.account.phoneNumberId },
        statuses: [
          {
            id: message!.providerId,
            status: 'failed',
            timestamp: seconds(Date.now()),
            errors: [{ code: 131042 }],
          },
        ],
      }),
    );
    expect(await rowOf(world.db, 'channel_accounts', company.account.id)).toMatchObject({
      state: 'connected',
    });
  });
});

describe('opt-out words', () => {
  it('STOP and START as a whole message or a button, on the timeline, once', async () => {
    const person = await company.person();
    await company.write(person, 'stop');
    await company.write(person, 'STOP.');
    await from(person.waId, { type: 'button', text: 'Start' });
    await company.write(person, 'please stop calling');
    const entries = (await timelineOf(world.db, person.id)).filter(({ kind }) => kind === 'optOut');
    expect(entries.map(({ data }) => data.optedOut)).toEqual([true, false]);
  });

  it('R-ELIG: an opt-out cuts what waits at once, on every channel it covers, a paused one too, and keeps its evidence', async () => {
    const person = await company.person();
    await company.write(person, 'hi');
    const id = await sendMessage(
      world.db,
      { actor: company.as(company.users.recruiter), dayMs },
      company.ids(person),
      {
        type: 'text',
        text: 'Hello',
        channel: 'whatsapp',
      },
    );
    await world.db.query(`update channel_accounts set state = 'paused' where id = $1`, [company.account.id]);
    await company.write(person, 'Stop.');
    const [message] = await world.db.query('select state, reason from messages where id = $1', [id]);
    expect(message).toEqual({ state: 'suppressed', reason: 'opted_out' });
    const [optOut] = await world.db.query(
      `select o.words, o.source, m.body from opt_outs o join messages m on m.id = o.message_id where o.contact_point_id = $1`,
      [person.contactPointId],
    );
    expect(optOut).toEqual({ words: 'Stop.', source: 'message', body: 'Stop.' });
    await world.db.query(`update channel_accounts set state = 'connected' where id = $1`, [
      company.account.id,
    ]);
  });

  it('HELP informs: once a day and person, through the same gate, and takes no chat', async () => {
    const person = await company.person();
    const answers = () =>
      world.db.query(
        `select body, state, origin, reason, credits from messages where conversation_id = $1 and direction = 'out' order by position`,
        [person.conversationId],
      );
    await company.write(person, 'Help');
    expect(await answers()).toEqual([
      {
        body: expect.stringMatching(/^Acme: we write to you .+ Reply STOP /) as string,
        state: 'queued',
        origin: 'automatic',
        reason: null,
        credits: 1,
      },
    ]);
    await company.write(person, 'HELP!');
    expect(await answers()).toHaveLength(1);
    const [chat] = await world.db.query(
      'select status, owner_id, unanswered_since from conversations where id = $1',
      [person.conversationId],
    );
    expect(chat).toMatchObject({
      status: 'open',
      owner_id: null,
      unanswered_since: expect.any(Date) as Date,
    });
    await world.db.query(
      `update messages set occurred_at = occurred_at - interval '25 hours' where conversation_id = $1`,
      [person.conversationId],
    );
    await company.write(person, 'help');
    expect(await answers()).toHaveLength(2);
  });

  it('HELP is answered in the language of the company', async () => {
    const foreign = await world.company();
    await world.db.query(
      `update organizations set language = 'nl', public_contact_email = 'werk@acme.example' where id = $1`,
      [foreign.organizationId],
    );
    const person = await foreign.person();
    await foreign.write(person, 'HELP');
    const [answer] = await world.db.query<{ body: string }>(
      `select body from messages where conversation_id = $1 and direction = 'out'`,
      [person.conversationId],
    );
    expect(answer!.body).toMatch(/^Acme: wij schrijven je .+ STOP .+ START .+ Vragen: werk@acme\.example$/);
  });

  it('R-CRED-2: without credits HELP is not answered, and the timeline says why', async () => {
    const poor = await world.company({ credits: 0 });
    const person = await poor.person();
    await poor.write(person, 'HELP');
    const entries = await timelineOf(world.db, person.id);
    expect(entries.map(({ kind, data }) => [kind, data.reason])).toContainEqual([
      'messageSuppressed',
      'no_credits',
    ]);
  });
});
