import { costOf } from '../../src/web/src/conversation/cost-of';

it('R-LOG-2: what was not sent, or failed, costs nothing', () => {
  const states = ['queued', 'delivered', 'unknown', 'suppressed', 'cancelled', 'failed'] as const;
  expect(states.map((state) => costOf({ state, credits: 2 }))).toEqual([2, 2, 2, 0, 0, 0]);
});
