import { createBreaker } from '../../src/temporal/breaker';

const create = () => createBreaker({ threshold: 2, minMs: 100, maxMs: 300 });

let now: number;
beforeEach(() => {
  now = 1000;
  jest.spyOn(performance, 'now').mockImplementation(() => now);
});

it('lets everything pass until failures in a row reach the threshold', () => {
  const breaker = create();
  breaker.failed();
  breaker.succeeded();
  breaker.failed();
  expect(breaker.tryPass()).toBe(true);
  breaker.failed();
  expect(breaker.open).toBe(true);
  expect(breaker.tryPass()).toBe(false);
});

it('lets one probe pass after each pause, which doubles up to the maximum', () => {
  const breaker = create();
  breaker.failed();
  breaker.failed();
  for (const pauseMs of [100, 200, 300, 300]) {
    now += pauseMs - 1;
    expect(breaker.ready).toBe(false);
    now += 1;
    expect(breaker.ready).toBe(true);
    expect(breaker.tryPass()).toBe(true);
    expect(breaker.tryPass()).toBe(false);
    breaker.failed();
  }
});

it('closes with the first success', () => {
  const breaker = create();
  breaker.failed();
  breaker.failed();
  now += 100;
  expect(breaker.tryPass()).toBe(true);
  breaker.succeeded();
  expect(breaker.open).toBe(false);
  expect([breaker.tryPass(), breaker.tryPass()]).toEqual([true, true]);
});

it('counts calls that were under way together as one failure of the probe', () => {
  const breaker = create();
  for (let call = 0; call < 10; call++) breaker.failed();
  now += 100;
  expect(breaker.ready).toBe(true);
});
