import { idAt, idToBytes, readFacts, signFacts, type Hash } from './signed-token';

const purpose = 'replyAddress';
const sizes = { factBytes: 16, signatureBytes: 10 };
/** Mail servers may fold case: letters of one case and digits. */
const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** reply+<token>@<mail domain>: 48 characters before the @, of the 64 that are allowed. */
export function replyAddress(hash: Hash, replyAddressId: string, mailDomain: string): string {
  const token = signFacts(hash, purpose, idToBytes(replyAddressId), sizes.signatureBytes);
  return `reply+${toBase32(token)}@${mailDomain}`;
}

/** The id of the reply address behind the part before the @; undefined for whatever was not made here. */
export function readReplyAddress(hash: Hash, localPart: string): string | undefined {
  const token = /^reply\+([a-z2-7]{42})$/.exec(localPart.toLowerCase())?.[1];
  const facts = token === undefined ? undefined : readFacts(hash, purpose, fromBase32(token), sizes);
  return facts && idAt(facts, 0);
}

function toBase32(bytes: Buffer): string {
  let bits = '';
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0');
  return (bits.match(/.{1,5}/g) ?? []).map((five) => alphabet[parseInt(five.padEnd(5, '0'), 2)]).join('');
}

function fromBase32(text: string): Buffer {
  let bits = '';
  for (const character of text) bits += alphabet.indexOf(character).toString(2).padStart(5, '0');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
}
