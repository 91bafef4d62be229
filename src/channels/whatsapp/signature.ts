import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** `X-Hub-Signature-256: sha256=<hex HMAC-SHA256(app secret, raw body)>`, compared in constant time over the bytes as received. */
export function verifySignature(rawBody: Buffer, header: string | undefined, appSecret: string): boolean {
  const claimed = /^sha256=([0-9a-f]{64})$/i.exec(header ?? '')?.[1];
  // an empty secret would let anybody sign
  if (claimed === undefined || appSecret === '') return false;
  return timingSafeEqual(
    Buffer.from(claimed, 'hex'),
    createHmac('sha256', appSecret).update(rawBody).digest(),
  );
}

/** The unsigned GET by which Meta checks a webhook address: answer the bare challenge as text, or 403. */
export function verifySubscription(
  query: Readonly<Record<string, unknown>>,
  verifyToken: string,
): { ok: true; challenge: string } | { ok: false } {
  const token = query['hub.verify_token'];
  const challenge = query['hub.challenge'];
  if (query['hub.mode'] !== 'subscribe' || typeof token !== 'string' || typeof challenge !== 'string') {
    return { ok: false };
  }
  return verifyToken !== '' && timingSafeEqual(sha256(token), sha256(verifyToken))
    ? { ok: true, challenge }
    : { ok: false };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
