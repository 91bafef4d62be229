/** Who unsubscribes by which mail: all that a link says, so that it needs no account and is good for ever. */
export type UnsubscribeLink = {
  organizationId: string;
  messageId: string;
  /** Of the address: it outlives the address's removal from the file. */
  keyHash: string;
};

/** A keyed hash; says nothing to whoever lacks the key. */
type Hash = (text: string) => string;

const idBytes = 16;
const hashBytes = 32;
const signatureBytes = 16;
const signed = idBytes * 2 + hashBytes;

/** Where the mail's link leads; the same address takes the one-click POST of mail programs (RFC 8058). */
export function unsubscribeUrl(publicUrl: string, hash: Hash, link: UnsubscribeLink): string {
  const facts = Buffer.concat([
    idToBytes(link.organizationId),
    idToBytes(link.messageId),
    Buffer.from(link.keyHash, 'hex'),
  ]);
  return `${publicUrl}/unsubscribe/${Buffer.concat([facts, sign(hash, facts)]).toString('base64url')}`;
}

/** Undefined for whatever was not made here. */
export function readUnsubscribeToken(hash: Hash, token: string): UnsubscribeLink | undefined {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== signed + signatureBytes || bytes.toString('base64url') !== token) return undefined;
  const facts = bytes.subarray(0, signed);
  if (!sameBytes(sign(hash, facts), bytes.subarray(signed))) return undefined;
  return {
    organizationId: bytesToId(facts.subarray(0, idBytes)),
    messageId: bytesToId(facts.subarray(idBytes, idBytes * 2)),
    keyHash: facts.subarray(idBytes * 2).toString('hex'),
  };
}

function sign(hash: Hash, facts: Buffer): Buffer {
  return Buffer.from(hash(`unsubscribe:${facts.toString('base64url')}`), 'hex').subarray(0, signatureBytes);
}

/** In constant time. */
function sameBytes(one: Buffer, other: Buffer): boolean {
  return one.reduce((difference, byte, index) => difference | (byte ^ other[index]!), 0) === 0;
}

const idToBytes = (id: string): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex');

const bytesToId = (bytes: Buffer): string =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
