import type { Board, Card } from '../../../../contracts/vacancies';

/** Moves that were asked for and not answered yet: application → stage. */
export type PendingMoves = ReadonlyMap<string, string>;

/**
 * The board as it will look once the pending moves are through. Laid over the server's board instead of written into it: a
 * refetch in between changes nothing, and a refusal rolls back by dropping the entry.
 */
export function withPendingMoves(board: Board, pending: PendingMoves, now: string): Board {
  if (pending.size === 0) return board;
  const arriving = new Map<string, Card[]>();
  for (const column of board.columns) {
    for (const card of column.cards) {
      const target = pending.get(card.applicationId);
      if (!target || target === column.stageId) continue;
      arriving.set(target, [...(arriving.get(target) ?? []), { ...card, stageId: target, enteredAt: now }]);
    }
  }
  if (arriving.size === 0) return board;
  return {
    ...board,
    columns: board.columns.map((column) => {
      const staying = column.cards.filter((card) => {
        const target = pending.get(card.applicationId);
        return !target || target === column.stageId;
      });
      const coming = arriving.get(column.stageId) ?? [];
      return {
        ...column,
        total: column.total - (column.cards.length - staying.length) + coming.length,
        cards: [...coming, ...staying],
      };
    }),
  };
}

export function allCards(board: Board): Card[] {
  return board.columns.flatMap((column) => column.cards);
}

export type Direction = 'up' | 'down' | 'left' | 'right';

/** The card that an arrow key leads to: along the column, or the one at the same height in the next column that has any. */
export function neighbour(board: Board, applicationId: string, direction: Direction): Card | null {
  const columnIndex = board.columns.findIndex((column) =>
    column.cards.some((card) => card.applicationId === applicationId),
  );
  const column = board.columns[columnIndex];
  if (!column) return null;
  const row = column.cards.findIndex((card) => card.applicationId === applicationId);
  if (direction === 'up') return column.cards[row - 1] ?? null;
  if (direction === 'down') return column.cards[row + 1] ?? null;
  const step = direction === 'left' ? -1 : 1;
  for (let next = columnIndex + step; board.columns[next]; next += step) {
    const cards = board.columns[next]?.cards ?? [];
    if (cards.length > 0) return cards[Math.min(row, cards.length - 1)] ?? null;
  }
  return null;
}
