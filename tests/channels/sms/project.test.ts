import { projectSms } from '../../../src/channels/sms/project';

const form = (fields: Record<string, string>) => Buffer.from(new URLSearchParams(fields).toString());
const inbound = {
  ToCountry: 'ES',
  AccountSid: 'AC1',
  MessageSid: 'SM1',
  SmsSid: 'SM1',
  From: '+34612345678',
  To: '+34600000000',
  Body: 'Grüße 😀',
  NumMedia: '0',
  NumSegments: '1',
};

describe('a message from a person', () => {
  it('is read', () => {
    expect(projectSms('inbound', form(inbound))).toEqual({
      type: 'smsMessage',
      accountSid: 'AC1',
      providerId: 'SM1',
      from: '34612345678',
      to: '34600000000',
      body: 'Grüße 😀',
      mediaCount: 0,
      answered: false,
    });
  });

  it('is never dropped for what it lacks besides its id and sender', () => {
    expect(projectSms('inbound', form({ MessageSid: 'SM1', From: 'BANK', NumMedia: 'many' }))).toMatchObject({
      type: 'smsMessage',
      from: 'BANK',
      body: '',
      mediaCount: 0,
      answered: false,
    });
  });

  it('can be stored, whatever characters it holds', () => {
    const event = projectSms('inbound', form({ ...inbound, Body: 'a\u0000b' }));
    expect(event).toMatchObject({ body: 'a\uFFFDb' });
  });

  it.each([
    ['its id', { ...inbound, MessageSid: '', SmsSid: '' }, 'MessageSid'],
    ['its sender', { ...inbound, From: '' }, 'From'],
  ])('without %s is a fault', (_name, fields, path) => {
    expect(projectSms('inbound', form(fields))).toMatchObject({ type: 'fault', path });
  });

  it('of broken bytes is a fault', () => {
    expect(projectSms('inbound', Buffer.from([0xff, 0xfe, 0x00]))).toMatchObject({ type: 'fault' });
  });
});

describe('a status', () => {
  const status = (word: string, more: Record<string, string> = {}) =>
    projectSms('status', form({ AccountSid: 'AC1', MessageSid: 'SM1', MessageStatus: word, ...more }));

  it.each([
    ['sent', 'sent'],
    ['delivered', 'delivered'],
    ['read', 'read'],
    ['undelivered', 'failed'],
    ['failed', 'failed'],
    ['canceled', 'failed'],
  ])('%s is a receipt: %s', (word, receipt) => {
    expect(status(word)).toMatchObject({ type: 'smsStatus', providerId: 'SM1', status: receipt });
  });

  it.each(['accepted', 'queued', 'sending', 'scheduled', 'something new'])(
    '%s is a step on the way',
    (word) => {
      expect(status(word)).toEqual({ type: 'passing', status: word });
    },
  );

  it('of a failure says why', () => {
    expect(status('undelivered', { ErrorCode: '30006' })).toMatchObject({
      error: {
        code: 30006,
        reason: 'phone_not_mobile',
        errorClass: 'permanent',
        detail: 'It is a landline.',
      },
    });
    expect(status('failed', { ErrorCode: 'x' })).toMatchObject({ status: 'failed', error: undefined });
    expect(status('delivered', { ErrorCode: '30006' })).toMatchObject({ error: undefined });
  });
});
