import type { ReceiptStatus } from '../../domain/receipts';
import { classifySmsCode } from './classify-error';
import type { SmsError, SmsEvent } from './types';

const maxTextLength = 20_000;

/** What a form post of the provider says. `kind` is known from the address that it was posted to. */
export function projectSms(kind: 'inbound' | 'status', body: Buffer): SmsEvent {
  const form = new URLSearchParams(body.toString('utf8'));
  const text = (...names: string[]) =>
    storableText(names.map((name) => form.get(name)).find((value) => value !== null) ?? '');
  const providerId = text('MessageSid', 'SmsSid', 'SmsMessageSid');
  const accountSid = text('AccountSid');
  if (providerId === '') return { type: 'fault', path: 'MessageSid', message: 'is missing' };
  if (kind === 'inbound') {
    const from = address(text('From'));
    if (from === '') return { type: 'fault', path: 'From', message: 'is missing' };
    return {
      type: 'smsMessage',
      accountSid,
      providerId,
      from,
      to: address(text('To')),
      body: text('Body'),
      mediaCount: count(text('NumMedia')),
      answered: text('OptOutType') !== '',
    };
  }
  const word = text('MessageStatus', 'SmsStatus').toLowerCase();
  const status = statuses.get(word);
  if (status === undefined) return { type: 'passing', status: word.slice(0, 50) };
  return {
    type: 'smsStatus',
    accountSid,
    providerId,
    status,
    error: status === 'failed' ? errorOf(text('ErrorCode'), text('ErrorMessage')) : undefined,
  };
}

const statuses = new Map<string, ReceiptStatus>([
  ['sent', 'sent'],
  ['delivered', 'delivered'],
  ['read', 'read'],
  ['undelivered', 'failed'],
  ['failed', 'failed'],
  ['canceled', 'failed'],
]);

function errorOf(codeText: string, words: string): SmsError | undefined {
  if (!/^[1-9]\d{0,5}$/.test(codeText)) return undefined;
  const code = Number(codeText);
  const { errorClass, reason, detail } = classifySmsCode(code);
  return { code, errorClass, reason, detail: words === '' ? detail : words.slice(0, 500) };
}

/** A number's digits; a sender in letters as it is. */
function address(text: string): string {
  return /^\+?[\d ()-]+$/.test(text) ? text.replace(/\D/g, '') : text.slice(0, 100);
}

function count(text: string): number {
  return /^\d{1,3}$/.test(text) ? Number(text) : 0;
}

/** What PostgreSQL can store as text. */
function storableText(text: string): string {
  return text.slice(0, maxTextLength).replace(/\u0000|\p{Surrogate}/gu, '\uFFFD');
}
