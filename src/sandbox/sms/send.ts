import type { Context } from '../context';
import type { Phone, SmsAccount, SmsMessage, SmsStatus } from '../model';
import { misbehaviourOf } from '../misbehaviour';
import { digitsOf } from '../numbers';
import { newSid } from './presets';
import type { NewSmsPost } from './posts';
import { segmentsOf } from './segments';
import { SmsError } from './sms-error';

type Form = Record<string, unknown>;

const maxLength = 1600;

/** Twilio's own test numbers. */
const magicNumbers: Record<string, number> = {
  '15005550001': 21211,
  '15005550003': 21408,
  '15005550004': 21610,
  '15005550009': 21614,
};

/** `POST /2010-04-01/Accounts/{sid}/Messages.json`: everything the provider checks; throws its refusal. */
export function acceptSms(
  context: Context,
  account: SmsAccount,
  form: Form,
): { message: SmsMessage; answer: object; posts: NewSmsPost[] } {
  const field = (name: string): string | undefined => {
    const value = form[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const now = context.clock.now().getTime();
  const rate = { capacity: account.throughput, perMs: account.throughput / 1000 };
  if (!context.limiter.take(`sms ${account.id}`, rate, now)) throw new SmsError(20429);

  const to = field('To');
  if (to === undefined) throw new SmsError(21604);
  const digits = to.startsWith('+') ? digitsOf(to) : undefined;
  if (digits === undefined) throw new SmsError(21211, `The 'To' number ${to} is not a valid phone number.`);
  const sender = senderOf(account, field('From'), field('MessagingServiceSid'));
  const body = field('Body');
  if (body === undefined) throw new SmsError(21602);
  if (body.length > maxLength) throw new SmsError(21617);
  const statusCallback = field('StatusCallback');
  if (statusCallback !== undefined && !/^https?:$/.test(protocolOf(statusCallback)))
    throw new SmsError(21609);
  const magic = magicNumbers[digits];
  if (magic !== undefined) throw new SmsError(magic);
  const phone = context.index.ensurePhone(digits);
  if (sender.startsWith('+') && phone.smsStopped?.includes(account.id)) throw new SmsError(21610);

  const behaviour = misbehaviourOf(context.store, { phoneNumberId: account.id, waId: phone.id });
  const refusal = behaviour.value('refuse')?.as === 'status' ? behaviour.use('refuse') : undefined;
  const message = context.sms.messages.add({
    id: newSid('SM'),
    direction: 'received',
    accountSid: account.id,
    waId: phone.id,
    sender,
    text: body,
    segments: segmentsOf(body),
    at: now,
    status: 'queued',
    ...(statusCallback !== undefined && { statusCallback }),
  });
  const answer = messageJson(message, { to, serviceSid: field('MessagingServiceSid') });
  const posts =
    typeof refusal === 'object'
      ? setSmsStatus(context, message, 'undelivered', refusal.code)
      : [
          ...setSmsStatus(context, message, 'sent'),
          ...(phone.switchedOn ? setSmsStatus(context, message, 'delivered') : []),
        ];
  context.live.emit({ type: 'message', waId: phone.id, phoneNumberId: account.id, messageId: message.id });
  return { message, answer, posts };
}

/** Writes a status down and makes the post that tells the company, where it wants to be told. */
function setSmsStatus(
  context: Context,
  message: SmsMessage,
  status: SmsStatus,
  errorCode?: number,
): NewSmsPost[] {
  message.status = status;
  if (status === 'delivered') message.deliveredAt = context.clock.now().getTime();
  if (errorCode !== undefined) message.errorCode = errorCode;
  context.store.put('smsMessage', message);
  const { id, accountSid, waId, sender, statusCallback } = message;
  context.live.emit({ type: 'status', waId, phoneNumberId: accountSid, messageId: id });
  if (statusCallback === undefined) return [];
  const fields = {
    AccountSid: accountSid,
    ApiVersion: '2010-04-01',
    From: sender,
    MessageSid: id,
    MessageStatus: status,
    SmsSid: id,
    SmsStatus: status,
    To: `+${waId}`,
    ...(errorCode !== undefined && { ErrorCode: String(errorCode) }),
  };
  return [{ accountSid, waId, messageId: id, kind: 'status', url: statusCallback, fields }];
}

/** Switched on again, a phone gets every SMS that waited for it. */
export function deliverWaitingSms(context: Context, phone: Phone): void {
  const waiting = context.sms.messages
    .of(phone.id)
    .filter(({ direction, status }) => direction === 'received' && status === 'sent');
  for (const message of waiting) context.sms.posts.send(setSmsStatus(context, message, 'delivered'));
}

/** The phone writes to the company's number: kept, shown, and posted to where the number points. */
export function sendSmsFromPhone(
  context: Context,
  facts: { phone: Phone; account: SmsAccount; text: string },
): SmsMessage {
  const { phone, account, text } = facts;
  const message = context.sms.messages.add({
    id: newSid('SM'),
    direction: 'sent',
    accountSid: account.id,
    waId: phone.id,
    sender: account.number,
    text,
    segments: segmentsOf(text),
    at: context.clock.now().getTime(),
    status: 'received',
  });
  noteStopWord(context, phone, account, text);
  const posts: NewSmsPost[] =
    account.smsUrl === undefined
      ? []
      : [
          {
            accountSid: account.id,
            waId: phone.id,
            messageId: message.id,
            kind: 'inbound',
            url: account.smsUrl,
            fields: inboundFields(message, account),
          },
        ];
  const noted = context.sms.posts.note(posts);
  context.store.flush();
  context.sms.posts.release(noted);
  context.live.emit({ type: 'message', waId: phone.id, phoneNumberId: account.id, messageId: message.id });
  return message;
}

/** The provider keeps a list of its own of those who wrote STOP to a number, whatever the company does. */
function noteStopWord(context: Context, phone: Phone, account: SmsAccount, text: string): void {
  const word = text.trim().toUpperCase();
  const stop = /^(STOP|STOPALL|UNSUBSCRIBE|CANCEL|END|QUIT|REVOKE|OPTOUT)$/.test(word);
  if (!stop && !/^(START|UNSTOP)$/.test(word)) return;
  const others = (phone.smsStopped ?? []).filter((sid) => sid !== account.id);
  phone.smsStopped = stop ? [...others, account.id] : others;
  context.index.savePhone(phone);
}

function inboundFields(message: SmsMessage, account: SmsAccount): Record<string, string> {
  return {
    AccountSid: account.id,
    ApiVersion: '2010-04-01',
    Body: message.text,
    From: `+${message.waId}`,
    FromCountry: '',
    MessageSid: message.id,
    NumMedia: '0',
    NumSegments: String(message.segments),
    SmsMessageSid: message.id,
    SmsSid: message.id,
    SmsStatus: 'received',
    To: account.number,
    ToCountry: 'US',
  };
}

function senderOf(account: SmsAccount, from: string | undefined, serviceSid: string | undefined): string {
  if (serviceSid !== undefined) {
    if (serviceSid !== account.messagingServiceSid) throw new SmsError(21701);
    return account.number;
  }
  if (from === undefined) throw new SmsError(21603);
  if (from === account.number) return from;
  if (/^\+?\d+$/.test(from)) throw new SmsError(21606);
  if (!/^(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}$/.test(from)) throw new SmsError(21212);
  return from;
}

function messageJson(message: SmsMessage, facts: { to: string; serviceSid: string | undefined }): object {
  const uri = `/2010-04-01/Accounts/${message.accountSid}/Messages/${message.id}`;
  const at = new Date(message.at).toUTCString().replace('GMT', '+0000');
  return {
    account_sid: message.accountSid,
    api_version: '2010-04-01',
    body: message.text,
    date_created: at,
    date_sent: null,
    date_updated: at,
    direction: 'outbound-api',
    error_code: null,
    error_message: null,
    from: facts.serviceSid === undefined ? message.sender : null,
    messaging_service_sid: facts.serviceSid ?? null,
    num_media: '0',
    // a messaging service has not chosen its sender yet
    num_segments: facts.serviceSid === undefined ? String(message.segments) : '0',
    price: null,
    price_unit: 'USD',
    sid: message.id,
    status: facts.serviceSid === undefined ? 'queued' : 'accepted',
    subresource_uris: { media: `${uri}/Media.json` },
    to: facts.to,
    uri: `${uri}.json`,
  };
}

function protocolOf(url: string): string {
  return URL.canParse(url) ? new URL(url).protocol : '';
}
