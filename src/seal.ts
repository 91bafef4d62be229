import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';

const version = 1;
const headBytes = 1 + 4;
const ivBytes = 12;
const tagBytes = 16;

/**
 * Encrypts a credential (AES-256-GCM). `context` says what it is and whose, e.g. `channelAccount.accessToken:<id>`: a sealed
 * text moved to another row cannot be opened. In front stands which key sealed it, so that keys can be rotated.
 */
export function seal(secretKey: Buffer, text: string, context: string): Buffer {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', secretKey, iv).setAAD(Buffer.from(context));
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.from([version]), keyId(secretKey), iv, cipher.getAuthTag(), body]);
}

/** The text again. `secretKeys`: the one in force, and earlier ones while they are being rotated out. */
export function open(secretKeys: Buffer | Buffer[], sealed: Uint8Array, context: string): string {
  const bytes = Buffer.from(sealed);
  if (bytes.length < headBytes + ivBytes + tagBytes || bytes[0] !== version) {
    throw new SealError('This is no sealed text.');
  }
  const id = bytes.subarray(1, headBytes);
  const secretKey = [secretKeys].flat().find((key) => keyId(key).equals(id));
  if (!secretKey) throw new SealError('It was sealed with another key. Set PARLEY_SECRET_KEY to that one.');
  const iv = bytes.subarray(headBytes, headBytes + ivBytes);
  const tag = bytes.subarray(headBytes + ivBytes, headBytes + ivBytes + tagBytes);
  const decipher = createDecipheriv('aes-256-gcm', secretKey, iv)
    .setAAD(Buffer.from(context))
    .setAuthTag(tag);
  try {
    const body = decipher.update(bytes.subarray(headBytes + ivBytes + tagBytes));
    return Buffer.concat([body, decipher.final()]).toString('utf8');
  } catch {
    throw new SealError('The sealed text was changed, or belongs to something else.');
  }
}

/** Keyed hash of an address: an opt-out outlives the address's erasure, and says nothing to whoever lacks the key. */
export function createKeyHash(secretKey: Buffer): (key: string) => string {
  return (key) => createHmac('sha256', secretKey).update(`address:${key}`).digest('hex');
}

export class SealError extends Error {
  override readonly name = 'SealError';
}

const keyId = (secretKey: Buffer): Buffer =>
  createHash('sha256').update('parley key id').update(secretKey).digest().subarray(0, 4);
