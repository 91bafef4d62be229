import { createHmac } from 'node:crypto';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

export type PostOutcome = { status: number | undefined; error: string | undefined; ms: number };

export type WebhookPoster = {
  /** Never rejects. Only status 200 counts as accepted. */
  post(target: { url: string; appSecret: string }, body: Buffer): Promise<PostOutcome>;
  /** A form as the SMS provider posts it. Never rejects. */
  postForm(target: { url: string; authToken: string }, fields: Record<string, string>): Promise<PostOutcome>;
  /** The handshake: true when the answer is 200 with the bare challenge. */
  verify(target: {
    url: string;
    verifyToken: string;
    challenge: string;
  }): Promise<PostOutcome & { echoed: boolean }>;
  close(): void;
};

export function createWebhookPoster(options: { timeoutMs: number }): WebhookPoster {
  const http = new HttpAgent({ keepAlive: true, maxSockets: 16 });
  const https = new HttpsAgent({ keepAlive: true, maxSockets: 16 });

  function call(
    url: string,
    facts: { method: string; headers: Record<string, string | number>; body?: Buffer },
  ): Promise<PostOutcome & { text: string }> {
    const startedAt = performance.now();
    return new Promise((resolve) => {
      const done = (status: number | undefined, error: string | undefined, text: string): void =>
        resolve({ status, error, text, ms: Math.round(performance.now() - startedAt) });
      const secure = url.startsWith('https:');
      const request = (secure ? httpsRequest : httpRequest)(url, {
        method: facts.method,
        headers: facts.headers,
        agent: secure ? https : http,
        timeout: options.timeoutMs,
      });
      request.on('timeout', () => request.destroy(new Error('timeout')));
      request.on('error', (error: NodeJS.ErrnoException) => {
        // A kept connection that the other side has closed meanwhile says nothing about the endpoint.
        if (request.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(error.code ?? ''))
          resolve(call(url, facts));
        else done(undefined, error.code ?? error.message, '');
      });
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', (error) => done(undefined, error.message, ''));
        response.on('end', () =>
          done(response.statusCode, undefined, Buffer.concat(chunks).toString('utf8')),
        );
      });
      request.end(facts.body);
    });
  }

  return {
    async post(target, body) {
      const sign = (algorithm: string): string =>
        createHmac(algorithm, target.appSecret).update(body).digest('hex');
      return await call(target.url, {
        method: 'POST',
        body,
        headers: {
          'Content-Type': 'application/json',
          'Content-Length': body.length,
          'User-Agent': 'facebookexternalua',
          'X-Hub-Signature': `sha1=${sign('sha1')}`,
          'X-Hub-Signature-256': `sha256=${sign('sha256')}`,
        },
      });
    },
    async postForm({ url, authToken }, fields) {
      const body = Buffer.from(new URLSearchParams(fields).toString());
      const signed = Object.keys(fields)
        .sort()
        .reduce((text, key) => `${text}${key}${fields[key]}`, url);
      return await call(url, {
        method: 'POST',
        body,
        headers: {
          'Content-Type': 'application/x-www-form-urlencoded; charset=UTF-8',
          'Content-Length': body.length,
          'User-Agent': 'TwilioProxy/1.1',
          'X-Twilio-Signature': createHmac('sha1', authToken).update(signed).digest('base64'),
        },
      });
    },
    async verify({ url, verifyToken, challenge }) {
      const address = new URL(url);
      address.searchParams.set('hub.mode', 'subscribe');
      address.searchParams.set('hub.challenge', challenge);
      address.searchParams.set('hub.verify_token', verifyToken);
      const answer = await call(address.href, {
        method: 'GET',
        headers: { 'User-Agent': 'facebookplatform/1.0' },
      });
      return { ...answer, echoed: answer.status === 200 && answer.text.trim() === challenge };
    },
    close() {
      http.destroy();
      https.destroy();
    },
  };
}
