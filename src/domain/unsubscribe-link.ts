import { idAt, idToBytes, readFacts, signFacts, type Hash } from './signed-token';

/** Who unsubscribes by which mail: all that a link says, so that it needs no account and is good for ever. */
export type UnsubscribeLink = {
  organizationId: string;
  messageId: string;
  /** Of the address: it outlives the address's removal from the file. */
  keyHash: string;
};

const purpose = 'unsubscribe';
const sizes = { factBytes: 16 + 16 + 32, signatureBytes: 16 };

/** Where the mail's link leads; the same address takes the one-click POST of mail programs (RFC 8058). */
export function unsubscribeUrl(publicUrl: string, hash: Hash, link: UnsubscribeLink): string {
  const facts = Buffer.concat([
    idToBytes(link.organizationId),
    idToBytes(link.messageId),
    Buffer.from(link.keyHash, 'hex'),
  ]);
  return `${publicUrl}/unsubscribe/${signFacts(hash, purpose, facts, sizes.signatureBytes).toString('base64url')}`;
}

/** Undefined for whatever was not made here. */
export function readUnsubscribeToken(hash: Hash, token: string): UnsubscribeLink | undefined {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.toString('base64url') !== token) return undefined;
  const facts = readFacts(hash, purpose, bytes, sizes);
  return (
    facts && {
      organizationId: idAt(facts, 0),
      messageId: idAt(facts, 1),
      keyHash: facts.subarray(32).toString('hex'),
    }
  );
}
