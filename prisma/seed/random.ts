/** A small generator with a seed, so that every first start makes the same company. */
export type Random = {
  /** 0 ≤ n < 1 */
  next(): number;
  /** A whole number from `from` up to and including `to`. */
  between(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
};

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    between: (from, to) => from + Math.floor(next() * (to - from + 1)),
    chance: (probability) => next() < probability,
    pick: (list) => list[Math.floor(next() * list.length)]!,
  };
}

/** UUIDv7 as the product makes them, for an instant in the past and out of the seeded generator. */
export function createIds(random: Random): (at: Date) => string {
  const hex = (length: number): string =>
    Array.from({ length }, () => random.between(0, 15).toString(16)).join('');
  return (at) => {
    const time = at.getTime().toString(16).padStart(12, '0');
    const variant = random.pick(['8', '9', 'a', 'b']);
    return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-${variant}${hex(3)}-${hex(12)}`;
  };
}

/** An id of the form that WhatsApp gives. */
export function createWamids(random: Random): (waId: string, direction: 'in' | 'out') => string {
  return (waId, direction) => {
    const key = Array.from({ length: direction === 'out' ? 18 : 20 }, () =>
      random.pick([...'0123456789ABCDEF']),
    ).join('');
    const record = Buffer.concat([
      Buffer.from([0x1c, 0x18, waId.length]),
      Buffer.from(waId, 'ascii'),
      Buffer.from([0x15, 0x02, 0x00, direction === 'out' ? 0x11 : 0x12, 0x18, key.length]),
      Buffer.from(key, 'ascii'),
      Buffer.from([0x00]),
    ]);
    return `wamid.${record.toString('base64')}`;
  };
}
