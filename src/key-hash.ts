import { createHmac } from 'node:crypto';

/** Keyed hash of an address: an opt-out outlives the address's erasure, and says nothing to whoever lacks the key. */
export function createKeyHash(secretKey: Buffer): (key: string) => string {
  return (key) => createHmac('sha256', secretKey).update(`address:${key}`).digest('hex');
}
