import { z } from 'zod';
import { smsSize } from '../../domain/sms-segments';
import { ChannelError } from '../channel-error';
import { createExchange, ExchangeError, type HttpAnswer } from '../exchange';
import { classifySmsCode } from './classify-error';
import type { SmsAccount, SmsClient } from './types';

const adminTimeoutMs = 15_000;
const maxAnswerBytes = 1024 * 1024;
const maxDetailLength = 500;

/**
 * `once`: the call has an effect that must not happen twice, so whatever is not proven is `unknown`.
 * `repeatable`: doing it twice does no harm, so every broken call is `transient`.
 */
type Repetition = 'once' | 'repeatable';

type Call = {
  method: 'GET' | 'POST';
  /** Segments below the account; none for the account itself. */
  path: string[];
  query?: Record<string, string>;
  form?: Record<string, string>;
  timeoutMs: number;
  repetition: Repetition;
};

/** Programmable Messaging by HTTP. One client serves every account; `apiUrl` without a trailing slash. */
export function createSmsClient(options: { apiUrl: string }): SmsClient {
  const exchange = createExchange();

  async function call<T>(account: SmsAccount, call: Call, schema: z.ZodType<T>): Promise<T> {
    if (account.accountSid === '' || account.authToken === '')
      throw new ChannelError({ errorClass: 'channelBroken', reason: 'channel_disconnected' });
    const path = [account.accountSid, ...call.path].map(encodeURIComponent).join('/');
    const url = new URL(`${options.apiUrl}/2010-04-01/Accounts/${path}.json`);
    for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, value);
    const answer = await exchange({
      method: call.method,
      url,
      headers: {
        authorization: `Basic ${Buffer.from(`${account.accountSid}:${account.authToken}`).toString('base64')}`,
        accept: 'application/json',
        ...(call.form && { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(call.form && { body: Buffer.from(new URLSearchParams(call.form).toString()) }),
      timeoutMs: call.timeoutMs,
      maxAnswerBytes,
    }).catch((error: unknown) => {
      if (error instanceof ExchangeError && !error.left) throw unreachable();
      throw unproven(call.repetition);
    });
    const body = parseJson(answer.body);
    const refusal = readRefusal(answer, body);
    if (refusal !== undefined) throw refusal;
    const parsed = answer.status >= 200 && answer.status < 300 ? schema.safeParse(body) : undefined;
    if (parsed?.success) return parsed.data;
    throw unproven(call.repetition);
  }

  return {
    async send(account, { to, body, statusCallback }, { timeoutMs }) {
      const { sender } = account;
      const from: Record<string, string> =
        'from' in sender ? { From: sender.from } : { MessagingServiceSid: sender.messagingServiceSid };
      const answer = await call(
        account,
        {
          method: 'POST',
          path: ['Messages'],
          form: {
            To: to,
            ...from,
            Body: body,
            ...(statusCallback !== undefined && { StatusCallback: statusCallback }),
          },
          timeoutMs,
          repetition: 'once',
        },
        sendAnswerSchema,
      );
      return {
        providerId: answer.sid,
        // a messaging service counts only after it has chosen a sender, and says 0 until then
        segments: answer.num_segments || smsSize(body).segments,
      };
    },

    async checkAccount(account) {
      const answer = await call(
        account,
        { method: 'GET', path: [], timeoutMs: adminTimeoutMs, repetition: 'repeatable' },
        accountSchema,
      );
      if (answer.status !== 'active')
        throw new ChannelError({
          errorClass: 'channelBroken',
          reason: 'channel_disconnected',
          detail: `The account is ${answer.status}.`,
        });
      return { name: answer.friendly_name };
    },

    async receiveAt(account, callbackUrl) {
      const { sender } = account;
      if (!('from' in sender) || !sender.from.startsWith('+')) return 'manual';
      const options = { timeoutMs: adminTimeoutMs, repetition: 'repeatable' as const };
      const { incoming_phone_numbers: numbers } = await call(
        account,
        { method: 'GET', path: ['IncomingPhoneNumbers'], query: { PhoneNumber: sender.from }, ...options },
        numbersSchema,
      );
      const number = numbers.find(({ phone_number: phoneNumber }) => phoneNumber === sender.from);
      if (!number) return 'notOurs';
      await call(
        account,
        {
          method: 'POST',
          path: ['IncomingPhoneNumbers', number.sid],
          form: { SmsUrl: callbackUrl, SmsMethod: 'POST' },
          ...options,
        },
        z.object({ sid: z.string() }),
      );
      return 'set';
    },
  };
}

const sendAnswerSchema = z.object({
  sid: z.string().min(1),
  num_segments: z.coerce.number().int().min(0).catch(0),
});

const accountSchema = z.object({ friendly_name: z.string().catch(''), status: z.string() });

const numbersSchema = z.object({
  incoming_phone_numbers: z.array(z.object({ sid: z.string().min(1), phone_number: z.string() })),
});

const refusalSchema = z.object({ code: z.number().int(), message: z.string().optional().catch(undefined) });

/** A refusal in Twilio's own words; anything else says nothing about what became of the request. */
function readRefusal(answer: HttpAnswer, body: unknown): ChannelError | undefined {
  if (answer.status < 400) return undefined;
  const parsed = refusalSchema.safeParse(body);
  if (!parsed.success) return undefined;
  const { code, message } = parsed.data;
  const { errorClass, reason, retryAfterMs, detail } = classifySmsCode(code);
  return new ChannelError({
    errorClass,
    reason,
    providerCode: code,
    detail: message?.replaceAll('\u0000', '').slice(0, maxDetailLength) ?? detail,
    retryAfterMs: retryAfterHeaderMs(answer) ?? retryAfterMs,
  });
}

function retryAfterHeaderMs(answer: HttpAnswer): number | undefined {
  const header = answer.headers['retry-after'];
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : undefined;
}

function unreachable(): ChannelError {
  return new ChannelError({ errorClass: 'transient', reason: 'provider_unavailable' });
}

function unproven(repetition: Repetition): ChannelError {
  return repetition === 'repeatable'
    ? unreachable()
    : new ChannelError({ errorClass: 'unknown', reason: 'unconfirmed' });
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
