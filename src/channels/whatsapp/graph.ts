import { z } from 'zod';
import { ChannelError } from '../channel-error';
import { classifyCode } from './classify-error';
import { createExchange, ExchangeError, type HttpAnswer, type HttpRequest } from '../exchange';
import { graphNumber, optionalText } from './wire';

/**
 * `once`: the call has an effect that must not happen twice, so whatever is not proven is `unknown`.
 * `repeatable`: doing it twice does no harm (reads, read marks, uploads, subscriptions), so every broken call is `transient`.
 */
export type Repetition = 'once' | 'repeatable';

export type GraphCall = {
  method: 'GET' | 'POST' | 'DELETE';
  /** Segments below the version. */
  path: string[];
  query?: Record<string, string>;
  body?: { contentType: string; bytes: Buffer };
  accessToken: string;
  timeoutMs: number;
  repetition: Repetition;
};

export type Graph = {
  /** A JSON call; the answer is parsed by `schema`. */
  call<T>(call: GraphCall, schema: z.ZodType<T>): Promise<T>;
  /** The bytes behind an address that Graph itself gave. */
  fetchBytes(request: {
    url: string;
    accessToken: string;
    timeoutMs: number;
    maxBytes: number;
  }): Promise<Buffer>;
};

const maxJsonBytes = 8 * 1024 * 1024;
const maxDetailLength = 500;

/** The Graph API by HTTP. Rejects with `ChannelError` alone; its `detail` holds the provider's words, its message none. */
export function createGraph(options: { apiUrl: string; apiVersion: string }): Graph {
  const exchange = createExchange();
  const base = `${options.apiUrl.replace(/\/$/, '')}/${options.apiVersion}`;

  async function attempt(request: HttpRequest, repetition: Repetition): Promise<HttpAnswer> {
    // a token with a line break or the like in it cannot even be put into a header
    if (!/^Bearer [\x21-\x7e]+$/.test(request.headers.authorization ?? '')) {
      throw new ChannelError({ errorClass: 'channelBroken', reason: 'channel_disconnected' });
    }
    try {
      return await exchange(request);
    } catch (error) {
      if (error instanceof ExchangeError && error.tooLarge)
        throw mediaFailed('The file is larger than allowed');
      if (error instanceof ExchangeError && !error.left) throw unreachable();
      throw unproven(repetition);
    }
  }

  return {
    async call(call, schema) {
      const url = new URL([base, ...call.path.map(encodeURIComponent)].join('/'));
      for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, value);
      const answer = await attempt(
        {
          method: call.method,
          url,
          headers: {
            authorization: `Bearer ${call.accessToken}`,
            accept: 'application/json',
            ...(call.body && { 'content-type': call.body.contentType }),
          },
          body: call.body?.bytes,
          timeoutMs: call.timeoutMs,
          maxAnswerBytes: maxJsonBytes,
        },
        call.repetition,
      );
      const body = parseJson(answer.body);
      const refusal = readRefusal(answer, body);
      if (refusal !== undefined) throw refusal;
      const parsed = answer.status >= 200 && answer.status < 300 ? schema.safeParse(body) : undefined;
      if (parsed?.success) return parsed.data;
      throw unproven(call.repetition);
    },

    async fetchBytes({ url, accessToken, timeoutMs, maxBytes }) {
      const address = mediaAddress(url, base);
      const answer = await attempt(
        {
          method: 'GET',
          url: address,
          headers: { authorization: `Bearer ${accessToken}`, 'user-agent': 'Parley' },
          timeoutMs,
          maxAnswerBytes: maxBytes,
        },
        'repeatable',
      );
      if (answer.status === 200) return answer.body;
      const refusal = readRefusal(answer, parseJson(answer.body));
      if (refusal !== undefined) throw refusal;
      if (answer.status >= 500 || answer.status === 429) throw unreachable();
      throw mediaFailed(`HTTP ${answer.status}`);
    },
  };
}

/** The file is not to be had, and trying again will not help. */
export function mediaFailed(detail: string): ChannelError {
  return new ChannelError({ errorClass: 'permanent', reason: 'media_failed', detail });
}

const refusalSchema = z.object({
  error: z.object({
    code: graphNumber,
    message: optionalText,
    error_user_msg: optionalText,
    is_transient: z.boolean().optional().catch(undefined),
    error_data: z.object({ details: optionalText }).optional().catch(undefined),
  }),
});

/** A refusal in Graph's own words; anything else says nothing about what became of the request. */
function readRefusal(answer: HttpAnswer, body: unknown): ChannelError | undefined {
  if (answer.status < 400) return undefined;
  const parsed = refusalSchema.safeParse(body);
  if (!parsed.success) return undefined;
  const {
    code,
    message,
    error_user_msg: userMessage,
    error_data: data,
    is_transient: isTransient,
  } = parsed.data.error;
  const { errorClass, reason, retryAfterMs } = classifyCode(code);
  const passing = isTransient === true && reason === 'provider_refused';
  return new ChannelError({
    errorClass: passing ? 'transient' : errorClass,
    reason: passing ? 'provider_unavailable' : reason,
    providerCode: code,
    detail: storable(data?.details ?? userMessage ?? message),
    retryAfterMs: retryAfterHeaderMs(answer) ?? retryAfterMs,
  });
}

function retryAfterHeaderMs(answer: HttpAnswer): number | undefined {
  const header = answer.headers['retry-after'];
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : undefined;
}

function storable(text: string | undefined): string | undefined {
  return text?.replaceAll('\u0000', '').slice(0, maxDetailLength);
}

function unreachable(): ChannelError {
  return new ChannelError({ errorClass: 'transient', reason: 'provider_unavailable' });
}

function unproven(repetition: Repetition): ChannelError {
  return repetition === 'repeatable'
    ? unreachable()
    : new ChannelError({ errorClass: 'unknown', reason: 'unconfirmed' });
}

/** The token goes along, so only to TLS or to where Graph itself is. */
function mediaAddress(url: string, base: string): URL {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (address?.protocol === 'https:' || address?.origin === new URL(base).origin) return address;
  throw mediaFailed('The address of the file cannot be used');
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
