import * as http from 'node:http';
import * as https from 'node:https';
import { AddressError, checkAddress, type AddressFault } from './address';

/** How a call of an endpoint went: its code, or why there was none. */
export type PostResult = {
  code: number | null;
  fault: AddressFault | 'timeout' | 'refused' | 'tls' | 'broken' | null;
};

export type OpenEndpoint = {
  post(headers: Record<string, string>, body: string): Promise<PostResult>;
  close(): void;
};

export type OpenEndpointOptions = {
  /** Hosts that may be private, and called over http. */
  allow: readonly string[];
  /** Hard deadline of one call. */
  timeoutMs: number;
};

/** Checks an endpoint's address once, and keeps connections to exactly that address. Redirects are answers, and not followed. */
export async function openEndpoint(url: string, options: OpenEndpointOptions): Promise<OpenEndpoint> {
  let checked;
  try {
    checked = await checkAddress(url, options.allow);
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    const { fault } = error;
    return { post: () => Promise.resolve({ code: null, fault }), close: () => undefined };
  }
  const { address, family } = checked;
  const secure = checked.url.protocol === 'https:';
  const agentOptions: https.AgentOptions = {
    keepAlive: true,
    timeout: 2_000,
    lookup: (_host, wish, answer) =>
      wish.all ? answer(null, [{ address, family }]) : answer(null, address, family),
  };
  const agent = secure ? new https.Agent(agentOptions) : new http.Agent(agentOptions);
  return {
    post: (headers, body) =>
      new Promise((resolve) => {
        const request = (secure ? https : http).request(checked.url, {
          method: 'POST',
          agent,
          headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        });
        const settle = (result: PostResult) => {
          clearTimeout(deadline);
          resolve(result);
        };
        const deadline = setTimeout(() => {
          settle({ code: null, fault: 'timeout' });
          request.destroy();
        }, options.timeoutMs);
        request.on('error', (error: NodeJS.ErrnoException) => settle({ code: null, fault: faultOf(error) }));
        request.on('response', (response) => {
          response.on('error', () => undefined);
          // The code says all; a body of any length is not waited for.
          settle({ code: response.statusCode ?? 0, fault: null });
          if (Number(response.headers['content-length'] ?? Infinity) <= 65_536) response.resume();
          else response.destroy();
        });
        request.end(body);
      }),
    close: () => agent.destroy(),
  };
}

function faultOf({ code = '' }: NodeJS.ErrnoException): PostResult['fault'] {
  if (code === 'ECONNREFUSED') return 'refused';
  if (code === 'ETIMEDOUT') return 'timeout';
  return /CERT|TLS|SSL|EPROTO|SELF_SIGNED|UNABLE_TO/.test(code) ? 'tls' : 'broken';
}
