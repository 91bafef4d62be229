import fc from 'fast-check';
import {
  pairFreeAt,
  pairLimit,
  peopleOfTier,
  planReach,
  type ReachLease,
} from '../../src/domain/send-limits';

const at = (ms: number): Date => new Date(1_800_000_000_000 + ms);

describe('the limit to one and the same person', () => {
  const burst = (count: number) => Array.from({ length: count }, () => at(0));

  it('lets a burst through, then one every six seconds', () => {
    expect(pairFreeAt(burst(pairLimit.burst - 1))).toBeNull();
    expect(pairFreeAt(burst(pairLimit.burst))).toEqual(at(6_000));
    expect(pairFreeAt([...burst(pairLimit.burst), at(6_000)])).toEqual(at(12_000));
  });

  it('says now at the latest when the last of the burst are old', () => {
    expect(pairFreeAt(Array.from({ length: 45 }, (_, n) => at(n * 6_000)))!.getTime()).toBeLessThanOrEqual(
      at(44 * 6_000).getTime() + 6_000,
    );
  });

  it('never lets more through than a bucket of tokens', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(steps, (gaps) => {
        const sent: number[] = [];
        let tokens = pairLimit.burst;
        let now = 0;
        let refilledAt = 0;
        for (const gap of gaps) {
          now += gap;
          tokens = Math.min(pairLimit.burst, tokens + (now - refilledAt) / pairLimit.everyMs);
          refilledAt = now;
          const freeAt = pairFreeAt(sent.slice(-pairLimit.burst).map(at));
          if (freeAt && freeAt > at(now)) continue;
          expect(tokens).toBeGreaterThan(1 - 1e-6);
          tokens -= 1;
          sent.push(now);
        }
      }),
    );
  });
});

describe('the messaging limit', () => {
  it.each([
    ['TIER_250', 250],
    ['TIER_1K', 1_000],
    ['TIER_2K', 2_000],
    ['TIER_100K', 100_000],
    ['TIER_UNLIMITED', null],
    ['TIER_NOT_SET', null],
    [null, null],
  ])('%s allows %s people', (tier, people) => {
    expect(peopleOfTier(tier)).toBe(people);
  });

  const plan = (state: { limit?: number | null; used?: number; leases?: ReachLease[] }, want: number) =>
    planReach({ limit: 250, used: 0, leases: [], ...state }, { holder: 'me', want, now: at(0) });
  const held = (holder: string, people: number, ms = 1_000): ReachLease => ({
    holder,
    people,
    until: at(ms).toISOString(),
  });

  it('gives a little more than is asked where there is plenty', () => {
    expect(plan({}, 1)).toMatchObject({ people: 12, leases: [{ holder: 'me', people: 12 }] });
    expect(plan({ limit: 100_000 }, 1).people).toBe(50);
    expect(plan({ limit: null }, 64).people).toBe(64);
  });

  it('gives what is left, and nothing beyond', () => {
    expect(plan({ used: 249 }, 20).people).toBe(1);
    expect(plan({ used: 250 }, 20)).toEqual({ people: 0, leases: [] });
    expect(plan({ used: 300 }, 20).people).toBe(0);
  });

  it('counts what others hold until it is void, and takes back what the asker had', () => {
    expect(plan({ used: 200, leases: [held('other', 45)] }, 20).people).toBe(5);
    expect(plan({ used: 200, leases: [held('other', 45, -1)] }, 20).people).toBe(20);
    expect(plan({ used: 200, leases: [held('me', 50)] }, 50).people).toBe(50);
  });

  it('never shares out more than the limit, whoever asks how much', () => {
    const asks = fc.array(
      fc.record({ holder: fc.constantFrom('a', 'b', 'c'), want: fc.nat(80), spent: fc.nat(80) }),
    );
    fc.assert(
      fc.property(asks, fc.integer({ min: 1, max: 300 }), (list, limit) => {
        let used = 0;
        let leases: ReachLease[] = [];
        for (const { holder, want, spent } of list) {
          const planned = planReach({ limit, used, leases }, { holder, want, now: at(0) });
          leases = planned.leases;
          const now = Math.min(spent, planned.people);
          used += now;
          leases = leases.map((one) => (one.holder === holder ? { ...one, people: one.people - now } : one));
          expect(used + leases.reduce((sum, one) => sum + one.people, 0)).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });
});
