import { paceOf, timeLeft, withSample, type Sample } from '../../src/web/src/pages/sends/pace';

const second = 1000;
const watched = (...waiting: number[]) =>
  waiting.reduce<Sample[]>(
    (kept, left, index) => withSample(kept, { at: index * 10 * second, waiting: left }),
    [],
  );

it('R-SEND-6: a rate, and the time left at that rate', () => {
  expect(paceOf(watched(1000))).toBeUndefined();
  expect(paceOf(watched(1000, 900))).toEqual({ perMinute: 600, leftMs: 90 * second });
});

it('counts the last minute alone', () => {
  const slowThenFast = watched(1000, 999, 998, 997, 996, 995, 994, 894, 794, 694, 594, 494, 394);
  expect(paceOf(slowThenFast)).toMatchObject({ perMinute: 600 });
});

it('says so when nothing moves, and begins anew when it was taken up again', () => {
  expect(paceOf(watched(500, 500))).toBeUndefined();
  expect(paceOf(watched(500, 500, 500, 500))).toEqual({ perMinute: 0, leftMs: null });
  expect(paceOf(watched(100, 50, 400))).toBeUndefined();
});

it.each([
  [10 * second, 'less than a minute left'],
  [60 * second, 'about 1 minute left'],
  [190 * second, 'about 3 minutes left'],
  [3 * 3600 * second, 'about 3 hours left'],
  [72 * 3600 * second, 'about 3 days left'],
])('%s ms are %s', (ms, words) => {
  expect(timeLeft(ms)).toBe(words);
});
