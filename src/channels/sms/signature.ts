import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export type SignedRequest = {
  /** The whole address as the provider called it, with its query. */
  url: string;
  body: Buffer;
  /** `X-Twilio-Signature` */
  signature: string | undefined;
};

/**
 * `X-Twilio-Signature`: base64 of HMAC-SHA1(auth token, address + the form's keys in order, each followed by its value), compared in
 * constant time. Where the body is no form, the address carries its hash as `bodySHA256`. The default port may stand in the signed address
 * or not, whatever the one called looks like.
 */
export function verifySmsSignature(request: SignedRequest, authToken: string): boolean {
  const { url, body, signature } = request;
  // an empty token would let anybody sign
  if (signature === undefined || authToken === '' || !URL.canParse(url)) return false;
  const bodyHash = new URL(url).searchParams.get('bodySHA256');
  if (bodyHash !== null && createHash('sha256').update(body).digest('hex') !== bodyHash.toLowerCase())
    return false;
  const form = bodyHash === null ? formText(body) : '';
  const claimed = Buffer.from(signature, 'base64');
  return spellings(url)
    .map((spelling) => createHmac('sha1', authToken).update(`${spelling}${form}`).digest())
    .some((actual) => claimed.length === actual.length && timingSafeEqual(claimed, actual));
}

/** A key given several times counts once for each of its different values. */
function formText(body: Buffer): string {
  const fields = new URLSearchParams(body.toString('utf8'));
  return [...new Set(fields.keys())]
    .sort()
    .flatMap((key) => [...new Set(fields.getAll(key))].sort().map((value) => `${key}${value}`))
    .join('');
}

const defaultPorts: Record<string, string> = { 'https:': ':443', 'http:': ':80' };

function spellings(url: string): string[] {
  const [, origin = '', port = '', rest = ''] =
    /^(https?:\/\/(?:[^/?#@]*@)?[^/?#:]+)(:\d+)?(.*)$/i.exec(url) ?? [];
  const usual = defaultPorts[new URL(url).protocol];
  if (usual === undefined || (port !== '' && port !== usual)) return [url];
  return [`${origin}${rest}`, `${origin}${usual}${rest}`];
}
