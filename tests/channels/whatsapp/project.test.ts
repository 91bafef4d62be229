import fc from 'fast-check';
import { projectWebhook } from '../../../src/channels/whatsapp/project';
import type { InboundContent, WhatsAppEvent } from '../../../src/channels/whatsapp/types';

const metadata = { display_phone_number: '15550001111', phone_number_id: '1000' };
const at = new Date('2026-01-05T10:00:00Z');
const timestamp = String(at.getTime() / 1000);

function change(value: object, field = 'messages') {
  return { object: 'whatsapp_business_account', entry: [{ id: '2000', changes: [{ field, value }] }] };
}

function messages(...elements: unknown[]) {
  return change({ messaging_product: 'whatsapp', metadata, messages: elements });
}

function statuses(...elements: unknown[]) {
  return change({ messaging_product: 'whatsapp', metadata, statuses: elements });
}

const text = (id: string, body = 'hello') => ({
  from: '34612345678',
  id,
  timestamp,
  type: 'text',
  text: { body },
});
const status = (id: string, word = 'delivered') => ({
  id,
  status: word,
  timestamp,
  recipient_id: '34612345678',
});

function onlyEvent(body: unknown): WhatsAppEvent {
  const { events, faults } = projectWebhook(body);
  expect(faults).toEqual([]);
  expect(events).toHaveLength(1);
  return events[0] as WhatsAppEvent;
}

function contentOf(message: object): InboundContent {
  const event = onlyEvent(messages({ from: '34612345678', id: 'wamid.1', timestamp, ...message }));
  if (event.type !== 'message') throw new Error(`not a message but ${event.type}`);
  return event.content;
}

describe('messages', () => {
  it('reads sender, name, time and what it answers', () => {
    const message = { ...text('wamid.1'), context: { from: '15550001111', id: 'wamid.0' } };
    const body = change({
      metadata,
      contacts: [
        { profile: { name: 'Somebody else' }, wa_id: '1' },
        { profile: { name: ' Ada ' }, wa_id: '34612345678' },
      ],
      messages: [message],
    });
    expect(onlyEvent(body)).toEqual({
      type: 'message',
      phoneNumberId: '1000',
      providerId: 'wamid.1',
      from: '34612345678',
      fromUserId: undefined,
      profileName: 'Ada',
      at,
      replyToProviderId: 'wamid.0',
      content: { kind: 'text', body: 'hello' },
      raw: message,
    });
  });

  it('reads a sender who is named by a user id alone, or beside the number', () => {
    const contacts = [{ profile: { name: 'Ada' }, user_id: 'ES.123' }];
    const hidden = { ...text('wamid.1'), from: undefined, from_user_id: 'ES.123' };
    expect(onlyEvent(change({ metadata, contacts, messages: [hidden] }))).toMatchObject({
      from: undefined,
      fromUserId: 'ES.123',
      profileName: 'Ada',
    });
    expect(onlyEvent(messages({ ...text('wamid.1'), from_user_id: 'ES.123' }))).toMatchObject({
      from: '34612345678',
      fromUserId: 'ES.123',
    });
  });

  it.each<[string, object, InboundContent]>([
    ['text', { type: 'text', text: { body: 'hi' } }, { kind: 'text', body: 'hi' }],
    [
      'image',
      { type: 'image', image: { id: '77', mime_type: 'image/jpeg', sha256: 'abc=', caption: 'me' } },
      { ...emptyMedia('image', '77', 'image/jpeg'), sha256: 'abc=', caption: 'me' },
    ],
    [
      'voice note',
      { type: 'audio', audio: { id: '78', mime_type: 'audio/ogg; codecs=opus', voice: true } },
      { ...emptyMedia('audio', '78', 'audio/ogg; codecs=opus'), voice: true },
    ],
    [
      'video',
      { type: 'video', video: { id: '79', mime_type: 'video/mp4' } },
      emptyMedia('video', '79', 'video/mp4'),
    ],
    [
      'document',
      { type: 'document', document: { id: 80, mime_type: 'application/pdf', filename: 'cv.pdf' } },
      { ...emptyMedia('document', '80', 'application/pdf'), filename: 'cv.pdf' },
    ],
    [
      'sticker',
      { type: 'sticker', sticker: { id: '81', mime_type: 'image/webp', animated: false } },
      emptyMedia('sticker', '81', 'image/webp'),
    ],
    [
      'location',
      { type: 'location', location: { latitude: 40.4, longitude: -3.7, name: 'Office' } },
      { kind: 'location', latitude: 40.4, longitude: -3.7, name: 'Office', address: undefined },
    ],
    [
      'contacts',
      {
        type: 'contacts',
        contacts: [
          {
            name: { formatted_name: 'Bo Li' },
            phones: [{ phone: '+34 600 000 000', wa_id: '34600000000' }, null],
          },
          { name: { first_name: 'Cy', last_name: 'Do' }, phones: [{ wa_id: '34600000001' }] },
          'broken',
        ],
      },
      {
        kind: 'contacts',
        contacts: [
          { name: 'Bo Li', phones: ['+34 600 000 000'] },
          { name: 'Cy Do', phones: ['+34600000001'] },
        ],
      },
    ],
    [
      'template button',
      { type: 'button', button: { text: 'Yes', payload: 'yes-1' } },
      { kind: 'buttonReply', text: 'Yes', payload: 'yes-1' },
    ],
    [
      'reply button',
      { type: 'interactive', interactive: { type: 'button_reply', button_reply: { id: 'a', title: 'A' } } },
      { kind: 'buttonReply', text: 'A', payload: 'a' },
    ],
    [
      'list',
      {
        type: 'interactive',
        interactive: { type: 'list_reply', list_reply: { id: 'b', title: 'B', description: 'x' } },
      },
      { kind: 'buttonReply', text: 'B', payload: 'b' },
    ],
    [
      'form',
      { type: 'interactive', interactive: { type: 'nfm_reply', nfm_reply: { response_json: '{}' } } },
      { kind: 'unsupported', providerType: 'interactive' },
    ],
    [
      'reaction',
      { type: 'reaction', reaction: { message_id: 'wamid.0', emoji: '👍' } },
      { kind: 'reaction', targetProviderId: 'wamid.0', emoji: '👍' },
    ],
    [
      'reaction taken back',
      { type: 'reaction', reaction: { message_id: 'wamid.0', emoji: '' } },
      { kind: 'reaction', targetProviderId: 'wamid.0', emoji: undefined },
    ],
    ['order', { type: 'order', order: { catalog_id: '1' } }, { kind: 'unsupported', providerType: 'order' }],
    [
      'changed number',
      { type: 'system', system: { type: 'user_changed_number', wa_id: '34699999999', body: 'changed' } },
      { kind: 'numberChanged', newWaId: '34699999999', body: 'changed' },
    ],
    [
      'changed identity',
      { type: 'system', system: { type: 'customer_identity_changed' } },
      { kind: 'unsupported', providerType: 'system' },
    ],
    [
      'unsupported',
      { type: 'unsupported', errors: [{ code: 131051 }] },
      { kind: 'unsupported', providerType: 'unsupported' },
    ],
    [
      'a type of tomorrow',
      { type: 'hologram', hologram: {} },
      { kind: 'unsupported', providerType: 'hologram' },
    ],
    ['a type named like a method', { type: 'toString' }, { kind: 'unsupported', providerType: 'toString' }],
    ['no type', {}, { kind: 'unsupported', providerType: 'unsupported' }],
    ['a text without its text', { type: 'text', text: {} }, { kind: 'unsupported', providerType: 'text' }],
    [
      'an image without its id',
      { type: 'image', image: null },
      { kind: 'unsupported', providerType: 'image' },
    ],
  ])('stores %s', (_name, message, expected) => {
    expect(contentOf(message)).toEqual(expected);
  });

  it('makes texts storable: no null characters, no halves of surrogate pairs', () => {
    expect(contentOf({ type: 'text', text: { body: 'a\u0000b\ud800c👍' } })).toEqual({
      kind: 'text',
      body: 'a\ufffdb\ufffdc👍',
    });
  });

  it.each([
    ['an id', { ...text('x'), id: undefined }, 'entry[0].changes[0].value.messages[1].id'],
    ['a time', { ...text('x'), timestamp: 'noon' }, 'entry[0].changes[0].value.messages[1].timestamp'],
    ['a sender', { ...text('x'), from: undefined }, 'entry[0].changes[0].value.messages[1]'],
    ['any shape', 'nonsense', 'entry[0].changes[0].value.messages[1]'],
  ])('one without %s is a fault that names no value, and costs no other', (_name, broken, path) => {
    const { events, faults } = projectWebhook(messages(text('wamid.1'), broken, text('wamid.2')));
    expect(events.map((event) => event.type === 'message' && event.providerId)).toEqual([
      'wamid.1',
      'wamid.2',
    ]);
    expect(faults).toEqual([{ path, message: expect.any(String) as string }]);
    expect(JSON.stringify(faults)).not.toContain('34612345678');
    expect(JSON.stringify(faults)).not.toContain('noon');
  });
});

describe('statuses', () => {
  it.each([
    ['sent', 'sent'],
    ['delivered', 'delivered'],
    ['read', 'read'],
    ['played', 'read'],
    ['failed', 'failed'],
  ])('%s counts as %s', (word, expected) => {
    const element = {
      ...status('wamid.1', word),
      biz_opaque_callback_data: 'our-id',
      pricing: { billable: true },
    };
    expect(onlyEvent(statuses(element))).toEqual({
      type: 'status',
      phoneNumberId: '1000',
      providerId: 'wamid.1',
      status: expected,
      recipient: '34612345678',
      at,
      clientReference: 'our-id',
      error: undefined,
    });
  });

  it('classifies why it failed as a refused send is classified', () => {
    const errors = [
      { code: 131026, title: 'Message undeliverable', error_data: { details: 'Not a WhatsApp user' } },
    ];
    expect(onlyEvent(statuses({ ...status('wamid.1', 'failed'), errors }))).toMatchObject({
      error: {
        code: 131026,
        detail: 'Not a WhatsApp user',
        reason: 'not_on_whatsapp',
        errorClass: 'permanent',
      },
    });
  });

  it('takes no absent code for the code 0', () => {
    for (const code of [null, '', [], true, undefined]) {
      const element = { ...status('wamid.1', 'failed'), errors: [{ code }] };
      expect(onlyEvent(statuses(element))).toMatchObject({ status: 'failed', error: undefined });
    }
  });

  it('keeps a status of tomorrow as unknown', () => {
    const element = status('wamid.1', 'forwarded');
    expect(onlyEvent(statuses(element))).toEqual({
      type: 'unknown',
      field: 'messages.statuses',
      raw: element,
    });
  });
});

describe('other fields', () => {
  it.each([
    ['APPROVED', 'NONE', 'APPROVED', undefined],
    ['REJECTED', 'INVALID_FORMAT', 'REJECTED', 'INVALID_FORMAT'],
    ['PAUSED', undefined, 'PAUSED', undefined],
    ['REINSTATED', undefined, 'APPROVED', undefined],
    ['PENDING_DELETION', undefined, 'DISABLED', undefined],
  ])('template %s', (event, reason, expected, rejectedReason) => {
    const value = {
      event,
      message_template_id: 9,
      message_template_name: 'interview',
      message_template_language: 'en_US',
      reason,
    };
    expect(onlyEvent(change(value, 'message_template_status_update'))).toEqual({
      type: 'templateStatus',
      wabaId: '2000',
      name: 'interview',
      language: 'en_US',
      status: expected,
      rejectedReason,
    });
  });

  it('template quality', () => {
    const value = {
      previous_quality_score: 'GREEN',
      new_quality_score: 'RED',
      message_template_name: 'interview',
      message_template_language: 'en',
    };
    expect(onlyEvent(change(value, 'message_template_quality_update'))).toMatchObject({
      type: 'templateQuality',
      quality: 'RED',
    });
  });

  it('account and phone number', () => {
    expect(onlyEvent(change({ event: 'DISABLED_UPDATE' }, 'account_update'))).toEqual({
      type: 'accountUpdate',
      wabaId: '2000',
      event: 'DISABLED_UPDATE',
    });
    const value = { display_phone_number: '15550001111', event: 'FLAGGED', current_limit: 'TIER_1K' };
    expect(onlyEvent(change(value, 'phone_number_quality_update'))).toEqual({
      type: 'phoneQuality',
      wabaId: '2000',
      displayPhone: '15550001111',
      event: 'FLAGGED',
      limit: 'TIER_1K',
    });
  });

  it('marketing stopped and resumed, each element apart', () => {
    const preference = (wish: string, more: object = {}) => ({
      wa_id: '34612345678',
      category: 'marketing_messages',
      value: wish,
      timestamp: at.getTime() / 1000,
      ...more,
    });
    const elements = [
      preference('stop'),
      null,
      preference('resume'),
      preference('stop', { category: 'other' }),
    ];
    const { events, faults } = projectWebhook(
      change({ metadata, user_preferences: elements }, 'user_preferences'),
    );
    expect(events.map((event) => (event.type === 'userPreference' ? event.marketing : event.type))).toEqual([
      'stop',
      'resume',
      'unknown',
    ]);
    expect(events[0]).toMatchObject({ phoneNumberId: '1000', from: '34612345678', at });
    expect(faults).toHaveLength(1);
  });

  it.each(['history', 'constructor', '__proto__'])('keeps the field %s as unknown', (field) => {
    expect(onlyEvent(change({ a: 1 }, field))).toEqual({ type: 'unknown', field, raw: { a: 1 } });
  });

  it('keeps errors of the account as unknown', () => {
    const error = { code: 131031, title: 'Account locked' };
    expect(onlyEvent(change({ metadata, errors: [error] }))).toEqual({
      type: 'unknown',
      field: 'messages.errors',
      raw: error,
    });
  });
});

describe('several at once', () => {
  it('reads every element of every array, in order', () => {
    const body = {
      object: 'whatsapp_business_account',
      entry: [
        { id: '1', changes: [{ field: 'messages', value: { metadata, messages: [text('a'), text('b')] } }] },
        null,
        {
          id: '2',
          changes: [
            'broken',
            { field: 'messages', value: { metadata, messages: {}, statuses: [status('c'), status('d')] } },
            { field: 'messages', value: { metadata: {}, messages: [text('lost')] } },
            { field: 'messages', value: { metadata, messages: [text('e')], statuses: 'none' } },
          ],
        },
      ],
    };
    const { events, faults } = projectWebhook(body);
    expect(events.map((event) => 'providerId' in event && event.providerId)).toEqual([
      'a',
      'b',
      'c',
      'd',
      'e',
    ]);
    expect(faults.map(({ path }) => path)).toEqual([
      'entry[1]',
      'entry[2].changes[0]',
      'entry[2].changes[1].value.messages',
      'entry[2].changes[2].value.metadata.phone_number_id',
      'entry[2].changes[3].value.statuses',
    ]);
  });

  it.each([
    [undefined],
    [null],
    ['text'],
    [[]],
    [{}],
    [{ object: 'page', entry: [] }],
    [{ object: 'whatsapp_business_account' }],
  ])('takes %p for a fault', (body) => {
    const { events, faults } = projectWebhook(body);
    expect(events).toEqual([]);
    expect(faults).toHaveLength(1);
  });

  it('survives nesting without end', () => {
    const deep = JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)) as unknown;
    expect(projectWebhook(messages(text('a'), deep)).events).toHaveLength(1);
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        projectWebhook(value);
        projectWebhook({ object: 'whatsapp_business_account', entry: value });
        projectWebhook(change(value as object));
        projectWebhook(messages(value));
        projectWebhook(statuses(value));
      }),
    );
  });

  it('keeps good siblings of mangled elements, each once and in order', () => {
    const whole = {
      ...text('x'),
      type: 'image',
      image: { id: '1', mime_type: 'image/png' },
      context: { id: 'y' },
      errors: [{ code: 1 }],
      status: 'failed',
      recipient_id: '34612345678',
    };
    const mangled = fc
      .tuple(fc.constantFrom(...Object.keys(whole)), fc.jsonValue())
      .map(([key, value]): unknown => ({ ...whole, id: 'mangled', [key]: value }));
    const noise = fc.array(fc.oneof(mangled, fc.jsonValue()), { maxLength: 3 });
    const good = fc.array(noise, { minLength: 1, maxLength: 5 });
    const idsOf = (body: unknown) =>
      projectWebhook(body).events.flatMap((event) =>
        'providerId' in event && event.providerId.startsWith('good-') ? [event.providerId] : [],
      );
    fc.assert(
      fc.property(good, (groups) => {
        const expected = groups.map((_, index) => `good-${index}`);
        const mix = (make: (id: string) => object) =>
          groups.flatMap((bad, index) => [...bad, make(`good-${index}`)]);
        expect(idsOf(messages(...mix((id) => text(id))))).toEqual(expected);
        expect(idsOf(statuses(...mix((id) => status(id))))).toEqual(expected);
        const entries = groups.flatMap((bad, index) => [...bad, messages(text(`good-${index}`)).entry[0]]);
        expect(idsOf({ object: 'whatsapp_business_account', entry: entries })).toEqual(expected);
      }),
    );
  });
});

function emptyMedia(
  media: 'image' | 'audio' | 'video' | 'document' | 'sticker',
  id: string,
  mimeType: string,
) {
  return {
    kind: 'media' as const,
    media,
    providerMediaId: id,
    mimeType,
    sha256: undefined,
    caption: undefined,
    filename: undefined,
    voice: false,
  };
}
