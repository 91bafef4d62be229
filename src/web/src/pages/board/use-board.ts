import { useCallback, useMemo, useRef, useState } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { Board, MoveResult } from '../../../../contracts/vacancies';
import { call, type ApiError } from '../../api';
import { serverNow } from '../../clock';
import { keyOf } from '../../queries';
import { withPendingMoves, type PendingMoves } from './board-model';

const boardKey = 'GET /api/v1/vacancies/{vacancyId}/board';
/** The API takes no more in one call. */
const moveLimit = 1000;

/**
 * The board of a vacancy with as many pages of each stage as were asked for, so that a live refetch shows everything that was
 * shown before; and moves laid over it until the server has answered.
 */
export function useBoard(vacancyId: string) {
  const queryClient = useQueryClient();
  const depths = useRef(new Map<string, number>());
  const [pending, setPending] = useState<PendingMoves>(new Map());
  const [growing, setGrowing] = useState<string | null>(null);
  const queryKey = useMemo(() => keyOf(boardKey, { params: { vacancyId } }), [vacancyId]);

  const query = useQuery<Board, ApiError>({
    queryKey,
    queryFn: ({ signal }) => fetchBoard(vacancyId, depths.current, signal),
  });

  /** Shows the next page of a stage, or all of it; answers with the cards shown then. */
  const showMore = useCallback(
    async (stageId: string, all = false) => {
      const depth = depths.current.get(stageId) ?? 1;
      depths.current.set(stageId, all ? Number.MAX_SAFE_INTEGER : depth + 1);
      setGrowing(stageId);
      try {
        const board = await queryClient.fetchQuery({
          queryKey,
          queryFn: ({ signal }) => fetchBoard(vacancyId, depths.current, signal),
          staleTime: 0,
        });
        return board.columns.find((column) => column.stageId === stageId)?.cards ?? [];
      } finally {
        setGrowing(null);
      }
    },
    [queryClient, queryKey, vacancyId],
  );

  /** All applications of a stage, without showing them: a thousand cards take long to draw. */
  const applicationsOf = useCallback(
    async (stageId: string) => {
      setGrowing(stageId);
      try {
        const column = await queryClient.fetchQuery({
          queryKey: [...queryKey, 'applications', stageId],
          queryFn: ({ signal }) => fetchColumn(vacancyId, stageId, signal),
          gcTime: 0,
          staleTime: 0,
        });
        return column.map((card) => card.applicationId);
      } finally {
        setGrowing(null);
      }
    },
    [queryClient, queryKey, vacancyId],
  );

  const move = useCallback(
    async (applicationIds: string[], stageId: string, runActions = true): Promise<Moved> => {
      setPending((before) => new Map([...before, ...applicationIds.map((id) => [id, stageId] as const)]));
      try {
        return await moveAll(applicationIds, stageId, runActions);
      } finally {
        // A read that began before the move was committed must not put the cards back for a moment.
        await queryClient.cancelQueries({ queryKey });
        await queryClient.invalidateQueries({ queryKey });
        setPending((before) => {
          const left = new Map(before);
          for (const id of applicationIds) if (left.get(id) === stageId) left.delete(id);
          return left;
        });
      }
    },
    [queryClient, queryKey],
  );

  const board = useMemo(
    () => query.data && withPendingMoves(query.data, pending, new Date(serverNow()).toISOString()),
    [query.data, pending],
  );
  return { query, board, pending, growing, showMore, applicationsOf, move };
}

/** `moveIds`: one for each call that it took. */
export type Moved = MoveResult & { moveIds: string[] };

async function moveAll(applicationIds: string[], stageId: string, runActions: boolean): Promise<Moved> {
  const [only] = applicationIds;
  if (applicationIds.length === 1 && only) {
    const result = await call('POST /api/v1/applications/{applicationId}/move', {
      params: { applicationId: only },
      body: { stageId, runActions },
    });
    return { ...result, moveIds: [result.moveId] };
  }
  const sum: Moved = { moveId: '', moveIds: [], moved: 0, unchanged: 0, planned: [] };
  for (let from = 0; from < applicationIds.length; from += moveLimit) {
    const result = await call('POST /api/v1/applications/move', {
      body: { applicationIds: applicationIds.slice(from, from + moveLimit), stageId, runActions },
    });
    sum.moveId = result.moveId;
    sum.moveIds.push(result.moveId);
    sum.moved += result.moved;
    sum.unchanged += result.unchanged;
    sum.planned.push(...result.planned);
  }
  return sum;
}

async function fetchBoard(
  vacancyId: string,
  depths: ReadonlyMap<string, number>,
  signal: AbortSignal,
): Promise<Board> {
  const board = await call(boardKey, { params: { vacancyId } }, { signal });
  const columns = await Promise.all(
    board.columns.map((first) => grown(vacancyId, first, depths.get(first.stageId) ?? 1, signal)),
  );
  return { ...board, columns };
}

async function fetchColumn(vacancyId: string, stageId: string, signal: AbortSignal) {
  const { columns } = await call(boardKey, { params: { vacancyId }, query: { stageId } }, { signal });
  const first = columns.find((column) => column.stageId === stageId);
  return first ? (await grown(vacancyId, first, Number.MAX_SAFE_INTEGER, signal)).cards : [];
}

/** The column with so many of its pages. */
async function grown(
  vacancyId: string,
  first: Board['columns'][number],
  depth: number,
  signal: AbortSignal,
): Promise<Board['columns'][number]> {
  const { stageId } = first;
  let column = first;
  for (let page = 1; page < depth && column.nextCursor; page += 1) {
    const query = { stageId, cursor: column.nextCursor };
    const next = await call(boardKey, { params: { vacancyId }, query }, { signal });
    const more = next.columns.find((other) => other.stageId === stageId);
    if (!more) break;
    const shown = new Set(column.cards.map((card) => card.applicationId));
    const cards = [...column.cards, ...more.cards.filter((card) => !shown.has(card.applicationId))];
    column = { ...column, cards, nextCursor: more.nextCursor };
  }
  return column;
}
