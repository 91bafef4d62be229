import fc from 'fast-check';
import { quietUntil, type QuietHours } from '../../src/domain/quiet-hours';

const night: QuietHours = { from: 21 * 60, until: 8 * 60 };
const after = (at: string, hours: QuietHours | null, zone: string) =>
  quietUntil(new Date(at), hours, zone).toISOString();

describe('R-SEND-10: a message that is due in quiet hours waits until they end', () => {
  it.each([
    ['by day it goes at once', '2026-06-10T12:00:00.000Z', '2026-06-10T12:00:00.000Z'],
    ['a minute before they begin', '2026-06-10T18:59:59.999Z', '2026-06-10T18:59:59.999Z'],
    ['as they begin', '2026-06-10T19:00:00.000Z', '2026-06-11T06:00:00.000Z'],
    ['before midnight', '2026-06-10T21:30:15.250Z', '2026-06-11T06:00:00.000Z'],
    ['at midnight', '2026-06-10T22:00:00.000Z', '2026-06-11T06:00:00.000Z'],
    ['after midnight', '2026-06-11T01:00:00.000Z', '2026-06-11T06:00:00.000Z'],
    ['in their last second', '2026-06-11T05:59:59.999Z', '2026-06-11T06:00:00.000Z'],
    ['as they end', '2026-06-11T06:00:00.000Z', '2026-06-11T06:00:00.000Z'],
  ])('%s', (_, at, expected) => {
    expect(after(at, night, 'Europe/Madrid')).toBe(expected);
  });

  it('without quiet hours nothing waits', () => {
    expect(after('2026-06-11T01:00:00.000Z', null, 'Europe/Madrid')).toBe('2026-06-11T01:00:00.000Z');
  });

  it('on the clock of the person: the same instant is night in one place and day in another', () => {
    const at = '2026-06-10T22:00:00.000Z';
    expect(after(at, night, 'America/Los_Angeles')).toBe(at);
    expect(after(at, night, 'Asia/Kolkata')).toBe('2026-06-11T02:30:00.000Z');
  });

  it('hours within one day do not wrap', () => {
    const noon = { from: 12 * 60, until: 14 * 60 };
    expect(after('2026-06-10T11:59:00.000Z', noon, 'UTC')).toBe('2026-06-10T11:59:00.000Z');
    expect(after('2026-06-10T12:30:00.000Z', noon, 'UTC')).toBe('2026-06-10T14:00:00.000Z');
    expect(after('2026-06-10T14:00:00.000Z', noon, 'UTC')).toBe('2026-06-10T14:00:00.000Z');
  });

  it('the night in which the clock goes forward is an hour shorter, the one in which it goes back longer', () => {
    expect(after('2026-03-28T22:00:00.000Z', night, 'Europe/Madrid')).toBe('2026-03-29T06:00:00.000Z');
    expect(after('2026-10-24T21:00:00.000Z', night, 'Europe/Madrid')).toBe('2026-10-25T07:00:00.000Z');
  });

  it('an end that the clock jumps over comes with the jump', () => {
    const early = { from: 60, until: 150 };
    // 02:00 becomes 03:00 at 01:00 UTC: 02:30 is not shown on that day
    expect(after('2026-03-29T00:30:00.000Z', early, 'Europe/Madrid')).toBe('2026-03-29T01:00:00.000Z');
  });

  it('an hour that comes twice is quiet twice', () => {
    const early = { from: 60, until: 150 };
    // 03:00 becomes 02:00 at 01:00 UTC: it is 02:30 at 00:30 and at 01:30 UTC
    expect(after('2026-10-25T00:10:00.000Z', early, 'Europe/Madrid')).toBe('2026-10-25T00:30:00.000Z');
    expect(after('2026-10-25T01:10:00.000Z', early, 'Europe/Madrid')).toBe('2026-10-25T01:30:00.000Z');
  });

  it('an end that comes an hour earlier is not missed where the next quiet hours begin soon after it', () => {
    const nearlyAlways = { from: 6 * 60 + 10, until: 5 * 60 + 21 };
    expect(after('2026-03-28T07:01:41.394Z', nearlyAlways, 'Europe/Madrid')).toBe('2026-03-29T03:21:00.000Z');
    expect(after('2026-10-24T07:01:41.394Z', nearlyAlways, 'Europe/Madrid')).toBe('2026-10-25T04:21:00.000Z');
  });

  it('what it answers is never quiet, never earlier, and within a day and an hour', () => {
    const zones = ['UTC', 'Europe/Madrid', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kathmandu'];
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2026-01-01'), max: new Date('2027-01-01'), noInvalidDate: true }),
        fc.integer({ min: 0, max: 1439 }),
        fc.integer({ min: 0, max: 1439 }),
        fc.constantFrom(...zones),
        (at, from, until, zone) => {
          if (from === until) return;
          // all that is not quiet: the clock may jump over it as a whole
          if (until >= 120 && until < from && from <= 180) return;
          const end = quietUntil(at, { from, until }, zone);
          expect(end.getTime()).toBeGreaterThanOrEqual(at.getTime());
          expect(end.getTime() - at.getTime()).toBeLessThanOrEqual(25 * 3_600_000);
          expect(quietUntil(end, { from, until }, zone)).toEqual(end);
        },
      ),
      { numRuns: 500 },
    );
  });
});
