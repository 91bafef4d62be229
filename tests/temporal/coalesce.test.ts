import fc from 'fast-check';
import type { ChatSnapshot } from '../../src/domain/snapshot';
import { coalesce, type Delivery } from '../../src/temporal/coalesce';

const poke = (row: string, snapshot: Partial<ChatSnapshot>): Delivery => ({
  workflowType: 'conversation',
  workflowId: 'conversation:c',
  rowIds: [row],
  payload: { organizationId: 'o', conversationId: 'c', snapshot },
});

it('keeps the later snapshot, settles both rows', () => {
  const later = poke('2', { version: 4, status: 'open', pending: false });
  const earlier = poke('1', { version: 3, status: 'active', pending: false });
  for (const merged of [coalesce(earlier, later), coalesce(later, earlier)]) {
    expect(merged.payload.snapshot).toEqual({ version: 4, status: 'open', pending: false });
    expect([...merged.rowIds].sort()).toEqual(['1', '2']);
  }
});

it('asks for a send when any of them did, in whatever order', () => {
  const snapshots = fc.array(fc.record({ version: fc.nat(5), pending: fc.boolean() }), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(snapshots, (all) => {
      const merged = all.map((snapshot, row) => poke(String(row), snapshot)).reduce(coalesce);
      const snapshot = merged.payload.snapshot as ChatSnapshot;
      expect(snapshot.pending).toBe(all.some((each) => each.pending));
      expect(snapshot.version).toBe(Math.max(...all.map((each) => each.version)));
      expect(merged.rowIds).toHaveLength(all.length);
    }),
  );
});

it('makes one start of two of the same move', () => {
  const move = (row: string): Delivery => ({
    workflowType: 'stageMove',
    workflowId: 'stage-move:m',
    rowIds: [row],
    payload: { organizationId: 'o', moveId: 'm' },
  });
  expect(coalesce(move('1'), move('2'))).toEqual({ ...move('1'), rowIds: ['1', '2'] });
});
