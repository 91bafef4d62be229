import fc from 'fast-check';
import type { Channel } from '../../src/contracts/common';
import { reasonsAgainst, type SendFacts, type SendIntent } from '../../src/domain/eligibility';

const fine: SendFacts = {
  channel: 'whatsapp',
  email: null,
  confidential: false,
  inPlan: true,
  account: { state: 'connected' },
  phone: { valid: true, phoneType: 'mobile', whatsapp: 'unknown' },
  consent: true,
  optedOut: [],
  marketingDeclined: false,
  windowOpen: false,
  balance: 10,
};
const phone = fine.phone!;
const free: SendIntent = { credits: 1, content: { type: 'free' } };
const sound: SendIntent = {
  credits: 1,
  content: { type: 'template', approved: true, category: 'UTILITY', complete: true },
};
const templateWith = (change: object): SendIntent => ({
  ...sound,
  content: { ...sound.content, ...change },
});

describe('R-ELIG: a template outside the window', () => {
  it('may go when nothing is against it', () => {
    expect(reasonsAgainst(fine, sound)).toEqual([]);
  });

  it.each([
    ['not_in_plan', { inPlan: false }],
    ['channel_not_configured', { account: null }],
    ['channel_disconnected', { account: { state: 'disconnected' } }],
    ['phone_missing', { phone: null }],
    ['phone_invalid', { phone: { ...phone, valid: false } }],
    ['not_on_whatsapp', { phone: { ...phone, whatsapp: 'absent' } }],
    ['phone_not_mobile', { phone: { ...phone, phoneType: 'landline' } }],
    ['phone_not_mobile', { phone: { ...phone, phoneType: 'unknown' } }],
    ['opted_out', { optedOut: ['whatsapp', 'sms'] }],
    ['no_consent', { consent: null }],
    ['no_consent', { consent: false }],
    ['no_credits', { balance: 0 }],
  ] as [string, Partial<SendFacts>][])('%s %#', (reason, change) => {
    expect(reasonsAgainst({ ...fine, ...change }, sound)).toEqual([reason]);
  });

  it.each([
    ['template_not_approved', templateWith({ approved: false })],
    ['variable_missing', templateWith({ complete: false })],
    ['text_too_long', templateWith({ fits: false })],
  ])('%s', (reason, intent) => {
    expect(reasonsAgainst(fine, intent)).toEqual([reason]);
  });

  it('marketing_declined: of marketing templates alone, however the category is written', () => {
    const declined = { ...fine, marketingDeclined: true };
    expect(reasonsAgainst(declined, templateWith({ category: 'MARKETING' }))).toEqual(['marketing_declined']);
    expect(reasonsAgainst(declined, templateWith({ category: 'marketing' }))).toEqual(['marketing_declined']);
    expect(reasonsAgainst(declined, sound)).toEqual([]);
    expect(reasonsAgainst({ ...declined, windowOpen: true }, free)).toEqual([]);
  });

  it('window_closed: free text needs the open window', () => {
    expect(reasonsAgainst(fine, free)).toEqual(['window_closed']);
    expect(reasonsAgainst({ ...fine, windowOpen: true }, free)).toEqual([]);
  });

  it('an opt-out from another channel is none from WhatsApp', () => {
    expect(reasonsAgainst({ ...fine, optedOut: ['sms'] }, sound)).toEqual([]);
  });

  it('R-AUTO-6: a paused channel is no reason, messages wait', () => {
    expect(reasonsAgainst({ ...fine, account: { state: 'paused' } }, sound)).toEqual([]);
  });

  it('a number that WhatsApp is known to work on need not be a mobile', () => {
    expect(
      reasonsAgainst({ ...fine, phone: { ...phone, phoneType: 'landline', whatsapp: 'present' } }, sound),
    ).toEqual([]);
  });

  it('exactly enough credits are enough', () => {
    expect(reasonsAgainst({ ...fine, balance: 1 }, sound)).toEqual([]);
    expect(reasonsAgainst({ ...fine, balance: 0 }, { ...sound, credits: 1 })).toEqual(['no_credits']);
  });
});

describe('R-ELIG: inside the window', () => {
  const inside = { ...fine, windowOpen: true };

  it('the person has written: consent, type and presence are answered', () => {
    const stranger: SendFacts = {
      ...inside,
      consent: null,
      phone: { valid: true, phoneType: 'unknown', whatsapp: 'absent' },
    };
    expect(reasonsAgainst(stranger, free)).toEqual([]);
    expect(reasonsAgainst(stranger, sound)).toEqual([]);
  });

  it('a consent that was refused, and an opt-out, still hold', () => {
    expect(reasonsAgainst({ ...inside, consent: false }, free)).toEqual(['no_consent']);
    expect(reasonsAgainst({ ...inside, optedOut: ['whatsapp'] }, free)).toEqual(['opted_out']);
  });
});

describe('R-ELIG: precedence', () => {
  it('names the most fundamental reason first', () => {
    const everything: SendFacts = {
      ...fine,
      inPlan: false,
      account: null,
      phone: null,
      optedOut: ['whatsapp'],
      consent: false,
      balance: 0,
      marketingDeclined: true,
    };
    expect(
      reasonsAgainst(everything, templateWith({ approved: false, complete: false, category: 'MARKETING' })),
    ).toEqual([
      'not_in_plan',
      'channel_not_configured',
      'phone_missing',
      'opted_out',
      'no_consent',
      'template_not_approved',
      'variable_missing',
      'marketing_declined',
      'no_credits',
    ]);
  });

  it('making one thing worse never takes a reason of another thing away', () => {
    const facts: fc.Arbitrary<SendFacts> = fc.record({
      channel: fc.constant('whatsapp' as const),
      email: fc.constant(null),
      confidential: fc.constant(false),
      inPlan: fc.boolean(),
      account: fc.constantFrom(null, { state: 'connected' as const }, { state: 'disconnected' as const }),
      phone: fc.constant(phone),
      consent: fc.constantFrom(true, false, null),
      optedOut: fc.subarray<Channel>(['whatsapp', 'sms']),
      marketingDeclined: fc.boolean(),
      windowOpen: fc.boolean(),
      balance: fc.constantFrom(0, 1),
    });
    fc.assert(
      fc.property(facts, fc.constantFrom(free, sound), (some, intent) => {
        const reasons = reasonsAgainst(some, intent);
        expect(reasonsAgainst({ ...some, inPlan: false }, intent)).toEqual([
          'not_in_plan',
          ...reasons.filter((reason) => reason !== 'not_in_plan'),
        ]);
        expect(reasonsAgainst({ ...some, optedOut: ['whatsapp'] }, intent)).toEqual(
          expect.arrayContaining([...reasons, 'opted_out']),
        );
        expect(new Set(reasons).size).toBe(reasons.length);
      }),
    );
  });
});

describe('R-ELIG: SMS', () => {
  const sms: SendFacts = { ...fine, channel: 'sms', consent: null };
  const text: SendIntent = { credits: 2, content: { type: 'free' } };
  it('needs a mobile number, and neither consent nor a window', () => {
    expect(reasonsAgainst(sms, text)).toEqual([]);
    const phone = { valid: true, phoneType: 'unknown', whatsapp: 'present' } as const;
    expect(reasonsAgainst({ ...sms, phone }, text)).toEqual(['phone_not_mobile']);
    expect(reasonsAgainst({ ...sms, phone: { ...phone, valid: false } }, text)).toEqual(['phone_invalid']);
    expect(reasonsAgainst({ ...sms, phone: null }, text)).toEqual(['phone_missing']);
  });
  it('is stopped by its own opt-out, a value that is missing, and credits', () => {
    expect(reasonsAgainst({ ...sms, optedOut: ['whatsapp', 'sms'] }, text)).toEqual(['opted_out']);
    expect(reasonsAgainst({ ...sms, optedOut: ['email'] }, text)).toEqual([]);
    expect(reasonsAgainst(sms, { credits: 1, content: { type: 'free', complete: false } })).toEqual([
      'variable_missing',
    ]);
    expect(reasonsAgainst({ ...sms, balance: 1 }, text)).toEqual(['no_credits']);
  });
});

describe('R-ELIG: e-mail', () => {
  const email: SendFacts = {
    ...fine,
    channel: 'email',
    consent: null,
    phone: null,
    email: { bounced: false },
    balance: 0,
  };
  const titled: SendIntent = { credits: 0, content: { type: 'free', titled: true } };
  it('needs an address that takes mail, and a title', () => {
    expect(reasonsAgainst(email, titled)).toEqual([]);
    expect(reasonsAgainst({ ...email, email: null }, titled)).toEqual(['email_missing']);
    expect(reasonsAgainst({ ...email, email: { bounced: true } }, titled)).toEqual(['email_bounced']);
    expect(reasonsAgainst(email, { credits: 0, content: { type: 'free', titled: false } })).toEqual([
      'title_missing',
    ]);
  });

  it('R-CONF-3: that its author writes confidentially comes before all else', () => {
    const reasons = reasonsAgainst({ ...email, confidential: true, email: null }, titled);
    expect(reasons).toEqual(['confidential_mail', 'email_missing']);
  });
});
