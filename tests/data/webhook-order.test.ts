import fc from 'fast-check';
import { dispatchNext } from '../../activities/dispatch-next';
import { sendMessage } from '../../src/data/messages/accept-message';
import { processWebhooks, readDeliveries } from '../../src/data/inbound/webhooks';
import {
  assertLedger,
  createWorld,
  dayMs,
  storeWebhook,
  template,
  type Company,
  type Person,
  type World,
} from '../support/company';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

type Element = { statuses?: object; messages?: object };

/** One webhook per element, as the provider would send it alone. */
const bodyOf = (company: Company, person: Person, element: Element): Buffer =>
  Buffer.from(
    JSON.stringify({
      object: 'whatsapp_business_account',
      entry: [
        {
          id: company.account.wabaId,
          changes: [
            {
              field: 'messages',
              value: {
                messaging_product: 'whatsapp',
                metadata: { phone_number_id: company.account.phoneNumberId },
                contacts: [{ wa_id: person.waId, profile: { name: 'Ada' } }],
                ...(element.messages && { messages: [element.messages] }),
                ...(element.statuses && { statuses: [element.statuses] }),
              },
            },
          ],
        },
      ],
    }),
  );

type Setting = {
  company: Company;
  person: Person;
  /** Our message ids with the provider's: one taken, one unknown, one whose tx B is still to come. */
  messages: { id: string; providerId: string }[];
};

/** A conversation in which messages were sent and their statuses kept back, at a fixed time. */
async function prepare(): Promise<Setting> {
  const company = await world.company();
  const person = await company.person();
  const templateId = await company.template({ category: 'MARKETING' });
  const { phoneNumberId } = company.account;
  const messages: Setting['messages'] = [];
  for (const fate of ['taken', 'unknown', 'unknown', 'taken'] as const) {
    const id = await sendMessage(
      world.db,
      { actor: company.as(company.users.recruiter), dayMs },
      company.ids(person),
      template(templateId),
    );
    world.sandbox.misbehave(phoneNumberId, {
      dropWebhooks: true,
      ...(fate === 'unknown' && { hangUpAfterAccept: 1 }),
    });
    await dispatchNext(world.deps, company.ids(person));
    const [arrived] = world.sandbox.messages({ number: person.waId, callbackData: id });
    messages.push({ id, providerId: arrived!.id });
  }
  world.sandbox.behave(phoneNumberId);
  return { company, person, messages };
}

const start = Math.floor(Date.now() / 1000) - 600;
const status = (setting: Setting, index: number, name: string, second: number, code?: number): Element => ({
  statuses: {
    id: setting.messages[index]!.providerId,
    status: name,
    timestamp: String(start + second),
    recipient_id: setting.person.waId,
    biz_opaque_callback_data: setting.messages[index]!.id,
    ...(code !== undefined && { errors: [{ code, title: 'x' }] }),
  },
});
const said = (setting: Setting, name: string, second: number, content: object): Element => ({
  messages: {
    id: `wamid.${setting.person.id}.${name}`,
    from: setting.person.waId,
    timestamp: String(start + second),
    ...content,
  },
});
const words = (body: string) => ({ type: 'text', text: { body } });

/** Everything that the provider tells, in the order in which it happened. */
const story = (setting: Setting): Element[] => [
  status(setting, 0, 'sent', 1),
  status(setting, 0, 'delivered', 2),
  status(setting, 0, 'read', 3),
  status(setting, 1, 'sent', 4),
  status(setting, 1, 'failed', 5, 131050),
  status(setting, 2, 'sent', 6),
  status(setting, 2, 'failed', 7, 131000),
  status(setting, 2, 'delivered', 8),
  status(setting, 3, 'failed', 9, 131047),
  said(setting, 'a', 10, words('hello')),
  said(setting, 'b', 20, words('STOP')),
  said(setting, 'c', 30, words('start')),
  said(setting, 'd', 40, words('stop')),
  said(setting, 'e', 50, words('START')),
  said(setting, 'f', 60, {
    type: 'reaction',
    reaction: { message_id: setting.messages[0]!.providerId, emoji: '👍' },
  }),
  said(setting, 'g', 61, {
    type: 'reaction',
    reaction: { message_id: setting.messages[0]!.providerId, emoji: '' },
  }),
  said(setting, 'h', 62, {
    type: 'reaction',
    reaction: { message_id: setting.messages[3]!.providerId, emoji: '👎' },
  }),
  said(setting, 'i', 70, {
    type: 'button',
    button: { text: 'I will come' },
    context: { id: setting.messages[0]!.providerId },
  }),
];

/** `together`: how many are worked off in one go. */
async function deliver({ company, person }: Setting, elements: Element[], together = 1): Promise<void> {
  const { db, deps } = world;
  for (let from = 0; from < elements.length; from += together) {
    const ids: string[] = [];
    for (const element of elements.slice(from, from + together))
      ids.push(await storeWebhook(db, company.account.id, bodyOf(company, person, element)));
    await processWebhooks(
      { db, logger: deps.logger, dayMs, hashKey: world.hashKey, onMedia: () => undefined },
      await readDeliveries(db, ids),
    );
  }
}

/** The rows as people see them: ids replaced, and without what only tells the order of arrival. */
async function dump({ company, messages }: Setting): Promise<unknown> {
  const { db } = world;
  const { organizationId } = company;
  const nameOf = new Map<unknown, string>(messages.map(({ id }, index) => [id, `sent ${index}`]));
  const rows = await db.query(
    `select id, direction, origin, state, kind, body, credits, reason, provider_code, provider_id,
       case when direction = 'in' or state <> 'sent' then sent_at end as sent_at, delivered_at, read_at, failed_at,
       case when direction = 'in' then occurred_at end as occurred_at, reply_to_id
     from messages where organization_id = $1 order by direction, provider_id`,
    [organizationId],
  );
  for (const row of rows)
    if (row.direction === 'in') nameOf.set(row.id, String(row.provider_id).split('.').at(-1)!);
  const named = (row: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(row).map(([key, value]) => [
        key,
        key === 'provider_id' ? 'given' : (nameOf.get(value) ?? value),
      ]),
    );
  const one = async (sql: string): Promise<unknown[]> => (await db.query(sql, [organizationId])).map(named);
  return {
    messages: rows.map(named).sort((a, b) => String(a.id).localeCompare(String(b.id))),
    receipts: await one(
      `select message_id, status, occurred_at, provider_code from receipts where organization_id = $1 order by message_id, status`,
    ),
    conversation: await one(
      `select status, owner_id is not null as owned, message_count, inbound_count, unanswered_since is not null as unanswered, last_direction
       from conversations where organization_id = $1`,
    ),
    window: await one(`select last_inbound_at from service_windows where organization_id = $1`),
    reactions: await one(
      `select message_id, actor, emoji from reactions where organization_id = $1 and emoji <> '' order by message_id`,
    ),
    balance: await company.balance(),
    ledger: await one(
      `select message_id, kind, amount from credit_entries where organization_id = $1 order by message_id, kind`,
    ),
    optOuts: await one(
      `select marketing_only from opt_outs where organization_id = $1 and undone_at is null`,
    ),
    timeline: await one(
      `select kind, message_id from timeline_entries where organization_id = $1 and kind in ('messageFailed', 'messageReceived')
       order by kind, message_id`,
    ),
    parked: await one('select 1 from parked_receipts where organization_id = $1'),
    poison: await one(`select 1 from webhook_deliveries where organization_id = $1`),
  };
}

/** Ids differ from setting to setting, and with them the order of rows; names do not. */
function comparable(dumped: unknown): unknown {
  for (const list of Object.values(dumped as Record<string, unknown>))
    if (Array.isArray(list)) list.sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
  return dumped;
}

it('any order and repetition of the same webhooks ends in the same rows', async () => {
  const straight = await prepare();
  await deliver(straight, story(straight));
  const expected = comparable(await dump(straight));
  expect(expected).toMatchObject({
    balance: 1000 - 1,
    optOuts: [{ marketing_only: true }],
    reactions: [{ message_id: 'sent 3', emoji: '👎' }],
    parked: [],
    poison: [],
  });
  const count = story(straight).length;
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray([...Array(count).keys()], { minLength: count }),
      fc.array(fc.record({ which: fc.nat(count - 1), where: fc.nat(count) }), { maxLength: 8 }),
      fc.constantFrom(1, 3, 40),
      async (order, repeats, together) => {
        const setting = await prepare();
        const sequence = [...order];
        for (const { which, where } of repeats) sequence.splice(where, 0, which);
        const elements = story(setting);
        await deliver(
          setting,
          sequence.map((index) => elements[index]!),
          together,
        );
        expect(comparable(await dump(setting))).toEqual(expected);
      },
    ),
    { numRuns: 8, endOnFailure: true },
  );
  await assertLedger(world.db);
}, 300_000);

it('the same when they are worked off side by side, in one body or many', async () => {
  const straight = await prepare();
  await deliver(straight, story(straight));
  const expected = comparable(await dump(straight));
  for (let round = 0; round < 3; round++) {
    const setting = await prepare();
    const elements = story(setting);
    await Promise.all(
      [0, 1, 2].map((lane) => deliver(setting, elements.filter((_, index) => index % 3 === lane).reverse())),
    );
    await Promise.all([deliver(setting, elements), deliver(setting, [...elements].reverse())]);
    expect(comparable(await dump(setting))).toEqual(expected);
  }
});
