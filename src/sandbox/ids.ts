import { randomBytes, randomInt } from 'node:crypto';

/** Meta's form: Base64 of a small binary record that holds the person's number and a random key. */
export function newWamid(waId: string, direction: 'toPhone' | 'fromPhone'): string {
  const number = Buffer.from(waId, 'ascii');
  const key = Buffer.from(randomHex(direction === 'toPhone' ? 18 : 20), 'ascii');
  const record = Buffer.concat([
    Buffer.from([0x1c, 0x18, number.length]),
    number,
    Buffer.from([0x15, 0x02, 0x00, direction === 'toPhone' ? 0x11 : 0x12, 0x18, key.length]),
    key,
    Buffer.from([0x00]),
  ]);
  return `wamid.${record.toString('base64')}`;
}

/** A Graph object id: 15 or 16 digits. */
export function newObjectId(): string {
  return `${randomInt(1, 9)}${String(randomInt(0, 1e7)).padStart(7, '0')}${String(randomInt(0, 1e7)).padStart(7, '0')}`;
}

export function newToken(): string {
  return `EAA${randomBytes(96)
    .toString('base64')
    .replace(/[^A-Za-z0-9]/g, '')}ZDZD`;
}

export function newAppSecret(): string {
  return randomBytes(16).toString('hex');
}

export function newTraceId(): string {
  return `A${randomBytes(16).toString('base64url')}`;
}

export function newKey(): string {
  return random(9).toString('base64url');
}

function randomHex(length: number): string {
  return random(Math.ceil(length / 2))
    .toString('hex')
    .slice(0, length)
    .toUpperCase();
}

let store = Buffer.alloc(0);

/** From a store of them: one call to the system a message costs more than all the rest of its id. */
function random(size: number): Buffer {
  if (store.length < size) store = randomBytes(16_384);
  const taken = store.subarray(0, size);
  store = store.subarray(size);
  return taken;
}
