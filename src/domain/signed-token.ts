/** A keyed hash; says nothing to whoever lacks the key. */
export type Hash = (text: string) => string;

const idBytes = 16;

/** `facts` with a signature behind; `purpose` keeps tokens of one kind from passing as another. */
export function signFacts(hash: Hash, purpose: string, facts: Buffer, signatureBytes: number): Buffer {
  return Buffer.concat([facts, signatureOf(hash, purpose, facts, signatureBytes)]);
}

/** The facts again; undefined for whatever was not signed here for this purpose. */
export function readFacts(
  hash: Hash,
  purpose: string,
  signed: Buffer,
  { factBytes, signatureBytes }: { factBytes: number; signatureBytes: number },
): Buffer | undefined {
  if (signed.length !== factBytes + signatureBytes) return undefined;
  const facts = signed.subarray(0, factBytes);
  return sameBytes(signatureOf(hash, purpose, facts, signatureBytes), signed.subarray(factBytes))
    ? facts
    : undefined;
}

function signatureOf(hash: Hash, purpose: string, facts: Buffer, bytes: number): Buffer {
  return Buffer.from(hash(`${purpose}:${facts.toString('base64url')}`), 'hex').subarray(0, bytes);
}

/** In constant time. */
function sameBytes(one: Buffer, other: Buffer): boolean {
  return one.reduce((difference, byte, index) => difference | (byte ^ other[index]!), 0) === 0;
}

export const idToBytes = (id: string): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex');

/** `place`: the how-manieth id of the facts. */
export const idAt = (facts: Buffer, place: number): string =>
  facts
    .subarray(place * idBytes, (place + 1) * idBytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
