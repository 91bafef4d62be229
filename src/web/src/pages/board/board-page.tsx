import { Settings2, UserPlus, Users } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { createPortal } from 'react-dom';
import { useLocation, useParams } from 'wouter';
import type { Board, Card, Stage, StageAction } from '../../../../contracts/vacancies';
import { call } from '../../api';
import { paths } from '../../paths';
import { isOffice, refresh, useMe } from '../../queries';
import { toggled } from '../../toggled';
import {
  Avatar,
  Badge,
  Button,
  EmptyState,
  ErrorState,
  Page,
  PageHeader,
  Skeleton,
  toast,
  toastError,
} from '../../ui';
import { ActionDialog } from './action-dialog';
import { SendDialog, type SendTo } from '../../send';
import { ActionsDialog } from './actions-dialog';
import { AddCandidateDialog } from './add-candidate-dialog';
import { BoardColumn, type StageCommand } from './board-column';
import { allCards, neighbour, type Direction } from './board-model';
import type { CardHandlers } from './board-card';
import { EndedColumns } from './ended-columns';
import { RejectDialog, WithdrawDialog } from './end-dialogs';
import { mayManage, maySendFrom } from './may-manage';
import { MoveDialog } from './move-dialog';
import { MoveProgressBar } from './move-progress-bar';
import { reportMove, reportRefusal } from './report-move';
import { SelectionBar } from './selection-bar';
import { StageNameDialog } from './stage-name-dialog';
import { boardText } from './text';
import { useBoard } from './use-board';
import { useCardDrag } from './use-card-drag';
import { VacancyDialog } from './vacancy-dialog';

const directions: Record<string, Direction> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
};

type Open =
  | { dialog: 'vacancy' | 'addStage' | 'addCandidate' }
  | { dialog: 'rename' | 'include' | 'actions'; stageId: string }
  | { dialog: 'edit'; stageId: string; action: StageAction }
  | { dialog: 'reject' | 'withdraw'; applicationIds: string[]; who: string }
  | { dialog: 'move'; applicationIds: string[]; stageId: string | null }
  | { dialog: 'send'; to: SendTo; count: number };

/** The board of a vacancy: its stages as columns, its candidates as cards. */
export function BoardPage() {
  const { vacancyId: id = '' } = useParams<{ vacancyId: string }>();
  const { query, ...rest } = useBoard(id);
  if (query.error && !query.data) {
    return (
      <Page
        header={
          <PageHeader title={boardText.board} back={{ href: paths.vacancies(), label: boardText.back }} />
        }
      >
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      </Page>
    );
  }
  if (!rest.board) return <BoardSkeleton />;
  return <LoadedBoard key={id} {...rest} board={rest.board} />;
}

function LoadedBoard({
  board,
  growing,
  showMore,
  applicationsOf,
  move,
}: Omit<ReturnType<typeof useBoard>, 'query' | 'board'> & { board: Board }) {
  const { vacancy } = board;
  const me = useMe();
  const canManage = mayManage(me, vacancy.users);
  const canSend = maySendFrom(me, vacancy.users);
  const canSelect = canManage || canSend;
  const [, navigate] = useLocation();
  const [open, setOpen] = useState<Open | null>(null);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  /** A stage that is selected with all who are not loaded yet. */
  const [wholeStageId, setWholeStageId] = useState<string | null>(null);
  const setSelection = useCallback<typeof setSelected>((next) => {
    setWholeStageId(null);
    setSelected(next);
  }, []);
  const [said, setSaid] = useState('');
  const [watched, setWatched] = useState<string[]>([]);
  const [grab, setGrab] = useState<{ applicationIds: string[]; overStageId: string } | null>(null);
  const [rove, setRove] = useState<ReadonlyMap<string, string>>(new Map());
  const scroller = useRef<HTMLDivElement>(null);
  const refocus = useRef<string | null>(null);
  const addedStage = useRef<string | null>(null);
  const whole = board.columns.find((column) => column.stageId === wholeStageId);
  const present = useMemo(() => {
    if (whole) return new Set(whole.cards.map((card) => card.applicationId));
    const ids = new Set(allCards(board).map((card) => card.applicationId));
    const kept = [...selected].filter((id) => ids.has(id));
    return kept.length === selected.size ? selected : new Set(kept);
  }, [board, selected, whole]);
  const latest = useRef({ board, selection: present, grab, wholeStageId });
  useEffect(() => {
    latest.current = { board, selection: present, grab, wholeStageId };
  });

  const stageOf = useCallback(
    (stageId: string) => latest.current.board.vacancy.stages.find((stage) => stage.id === stageId),
    [],
  );
  const cardOf = useCallback(
    (applicationId: string) =>
      allCards(latest.current.board).find((card) => card.applicationId === applicationId),
    [],
  );

  const doMove = useCallback(
    async (applicationIds: string[], stageId: string, runActions = true) => {
      const going = applicationIds.filter((applicationId) => cardOf(applicationId)?.stageId !== stageId);
      const stage = stageOf(stageId);
      if (going.length === 0 || !stage) return;
      const who =
        going.length === 1
          ? (cardOf(going[0] ?? '')?.name ?? boardText.drag.many(1))
          : boardText.drag.many(going.length);
      setSelection((before) => new Set([...before].filter((selected) => !going.includes(selected))));
      setSaid(boardText.drag.moved(who, stage.name));
      try {
        const result = await move(going, stageId, runActions);
        reportMove(result, who, stage.name, runActions);
        // what one candidate gets is seen on the card
        if (result.moved > 1 && result.planned.length > 0) setWatched(result.moveIds);
      } catch (error) {
        reportRefusal(error, who);
        setSaid(boardText.drag.refused(who));
      }
    },
    [cardOf, move, setSelection, stageOf],
  );

  /** The selection as applications: of a whole stage those are fetched that are not loaded yet. */
  const withSelection = useCallback(
    (use: (applicationIds: string[]) => void) => {
      const { selection, wholeStageId: stageId } = latest.current;
      if (stageId === null) return use([...selection]);
      void applicationsOf(stageId).then(use).catch(toastError);
    },
    [applicationsOf],
  );

  /** Several at once into a stage that writes to them: asked first. One card moves as it is dropped. */
  const askOrMove = useCallback(
    (applicationIds: string[], stageId: string) => {
      const going = applicationIds.filter((applicationId) => cardOf(applicationId)?.stageId !== stageId);
      if (going.length > 1 && (stageOf(stageId)?.actionCount ?? 0) > 0) {
        setOpen({ dialog: 'move', applicationIds: going, stageId });
      } else void doMove(going, stageId);
    },
    [cardOf, doMove, stageOf],
  );

  /** A card of the selection takes the others with it. */
  const companions = useCallback((applicationId: string) => {
    const { selection: chosen } = latest.current;
    return chosen.has(applicationId) ? [...chosen] : [applicationId];
  }, []);

  /** A card that was dropped, with its companions. */
  const drop = useCallback(
    (applicationId: string, stageId: string) => {
      if (!latest.current.selection.has(applicationId)) return askOrMove([applicationId], stageId);
      withSelection((applicationIds) => askOrMove(applicationIds, stageId));
    },
    [askOrMove, withSelection],
  );

  const { drag, onPointerDown } = useCardDrag(scroller, drop);

  const handlers = useMemo<CardHandlers>(() => {
    const focusCard = (card: Card | null) => {
      if (!card) return;
      const element = document.querySelector<HTMLElement>(`[data-card="${card.applicationId}"]`);
      element?.focus();
      element?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    };
    const grabKey = (card: Card, event: KeyboardEvent) => {
      const { grab: held, board: now } = latest.current;
      if (!held) return;
      const { stages } = now.vacancy;
      const at = stages.findIndex((stage) => stage.id === held.overStageId);
      if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
        const next = stages[at + (event.key === 'ArrowLeft' ? -1 : 1)];
        if (next) {
          setGrab({ ...held, overStageId: next.id });
          const index = stages.indexOf(next) + 1;
          setSaid(boardText.drag.over(nameOf(held.applicationIds, card), next.name, index, stages.length));
          document
            .querySelector(`[data-stage-id="${next.id}"]`)
            ?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
        }
      } else if (event.key === ' ' || event.key === 'Enter') {
        setGrab(null);
        if (held.overStageId === card.stageId && held.applicationIds.length === 1) {
          setSaid(boardText.drag.released(card.name));
        } else {
          refocus.current = card.applicationId;
          drop(card.applicationId, held.overStageId);
        }
      } else if (event.key === 'Escape' || event.key === 'Tab') {
        setGrab(null);
        setSaid(boardText.drag.released(nameOf(held.applicationIds, card)));
        if (event.key === 'Tab') return;
      }
      event.preventDefault();
    };
    return {
      onPointerDown: (applicationId, event) => {
        refocus.current = null;
        onPointerDown(applicationId, event);
      },
      onFocus: (card) => {
        setRove((before) =>
          before.get(card.stageId) === card.applicationId
            ? before
            : new Map(before).set(card.stageId, card.applicationId),
        );
      },
      onKey: (card, event) => {
        if (event.metaKey || event.ctrlKey || event.altKey) return;
        if (latest.current.grab) return grabKey(card, event);
        const direction = directions[event.key];
        if (direction) {
          event.preventDefault();
          refocus.current = null;
          focusCard(neighbour(latest.current.board, card.applicationId, direction));
        } else if (event.key === ' ' && canManage) {
          event.preventDefault();
          const applicationIds = companions(card.applicationId);
          setGrab({ applicationIds, overStageId: card.stageId });
          setSaid(boardText.drag.pickedUp(nameOf(applicationIds, card), stageOf(card.stageId)?.name ?? ''));
        } else if (event.key.toLowerCase() === 'x' && canSelect) {
          event.preventDefault();
          setSelection((before) => toggled(before, card.applicationId, !before.has(card.applicationId)));
        } else if (event.key === 'Enter') {
          event.preventDefault();
          navigate(paths.match(card.applicationId));
        }
      },
      onSelect: (applicationId, selected) =>
        setSelection((before) => toggled(before, applicationId, selected)),
      onMove: (applicationId, stageId) => {
        refocus.current = applicationId;
        askOrMove([applicationId], stageId);
      },
      onEnd: (card, how) => setOpen({ dialog: how, applicationIds: [card.applicationId], who: card.name }),
    };
  }, [askOrMove, canManage, canSelect, companions, drop, navigate, onPointerDown, setSelection, stageOf]);

  // A moved card is a new element in another column: it gets the focus back that its old one took along.
  useEffect(() => {
    const applicationId = refocus.current;
    if (!applicationId) return undefined;
    const timer = setTimeout(() => {
      // the body or the whole page: nothing else has taken it meanwhile
      if (document.activeElement?.matches(':not(body, main)')) return;
      document.querySelector<HTMLElement>(`[data-card="${applicationId}"]`)?.focus();
    }, 30);
    return () => clearTimeout(timer);
  }, [board]);

  const selectColumn = useCallback(
    (stageId: string, selected: boolean) => {
      const column = latest.current.board.columns.find((one) => one.stageId === stageId);
      setSelection((before) =>
        (column?.cards ?? []).reduce<ReadonlySet<string>>(
          (set, card) => toggled(set, card.applicationId, selected),
          before,
        ),
      );
    },
    [setSelection],
  );
  const grow = useCallback((stageId: string) => void showMore(stageId).catch(toastError), [showMore]);
  /** Those not loaded yet are selected by their stage; only beside others they have to be fetched. */
  const selectAll = useCallback(
    (stageId: string) => {
      const { board: now, selection: before } = latest.current;
      const shown = now.columns.find((column) => column.stageId === stageId)?.cards ?? [];
      setSelection(new Set([...before, ...shown.map((card) => card.applicationId)]));
      if (before.size <= shown.length) setWholeStageId(stageId);
      else {
        void showMore(stageId, true)
          .then((cards) =>
            setSelection((now) => new Set([...now, ...cards.map((card) => card.applicationId)])),
          )
          .catch(toastError);
      }
    },
    [setSelection, showMore],
  );

  // a stage that was added stands at the end, most often out of sight
  useEffect(() => {
    const column = document.querySelector(`[data-stage-id="${addedStage.current}"]`);
    if (!column) return;
    addedStage.current = null;
    column.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [vacancy.stages]);

  const onCommand = useCallback((stage: Stage, command: StageCommand) => {
    if (command === 'add') setOpen({ dialog: 'addStage' });
    else if (command === 'left' || command === 'right') {
      const position = latest.current.board.vacancy.stages.findIndex((other) => other.id === stage.id);
      void call('PATCH /api/v1/stages/{stageId}', {
        params: { stageId: stage.id },
        body: { position: position + (command === 'left' ? -1 : 1) },
      })
        .then(() => {
          setSaid(boardText.stageMenu.moved(stage.name));
          refresh('GET /api/v1/vacancies/{vacancyId}/board');
        })
        .catch(toastError);
    } else setOpen({ dialog: command, stageId: stage.id });
  }, []);

  // by id: the place of the ghost changes with every frame, and the columns need not know
  const draggedId = drag?.applicationId;
  const liftedCards = useMemo(
    () => new Set(draggedId ? companions(draggedId) : (grab?.applicationIds ?? [])),
    [companions, draggedId, grab],
  );
  const target = drag?.overStageId ?? grab?.overStageId ?? null;
  const columns = new Map(board.columns.map((column) => [column.stageId, column]));
  const total = board.columns.reduce((sum, column) => sum + column.total, 0);
  const dragged = drag && allCards(board).find((card) => card.applicationId === drag.applicationId);
  const close = () => setOpen(null);
  const endSelected = (dialog: 'reject' | 'withdraw') =>
    withSelection((applicationIds) => {
      const only = applicationIds.length === 1 ? cardOf(applicationIds[0]!)?.name : undefined;
      setOpen({ dialog, applicationIds, who: only ?? boardText.drag.many(applicationIds.length) });
    });
  const count = whole?.total ?? present.size;
  const sendSelected = () =>
    setOpen({
      dialog: 'send',
      to: whole
        ? { kind: 'stage', stageId: whole.stageId }
        : { kind: 'applications', applicationIds: [...present] },
      count,
    });
  const openStage = open && 'stageId' in open && open.stageId ? stageOf(open.stageId) : undefined;

  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageHeader
        title={vacancy.title}
        back={{ href: paths.vacancies(), label: boardText.back }}
        subtitle={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1 text-[0.9rem]">
            <span>{boardText.candidates(total)}</span>
            {vacancy.users.length > 0 && (
              <span className="inline-flex min-w-0 items-center gap-1.5">
                <Users aria-hidden className="size-4 shrink-0" />
                <span className="truncate">{vacancy.users.map((user) => user.name).join(', ')}</span>
              </span>
            )}
            {vacancy.status === 'closed' && <Badge>{boardText.closed}</Badge>}
            {!canManage && (
              <span>{isOffice(me.user.role) ? boardText.notOnTeam : boardText.noPermissionToMove}</span>
            )}
          </span>
        }
        actions={
          canManage && (
            <>
              <Button
                size="sm"
                icon={<Settings2 aria-hidden className="size-4" />}
                onClick={() => setOpen({ dialog: 'vacancy' })}
              >
                {boardText.settings}
              </Button>
              <Button
                size="sm"
                variant="primary"
                icon={<UserPlus aria-hidden className="size-4" />}
                onClick={() => setOpen({ dialog: 'addCandidate' })}
              >
                {boardText.addCandidate}
              </Button>
            </>
          )
        }
      />
      <p className="sr-only">{boardText.keyboardHelp}</p>
      <div aria-live="assertive" className="sr-only">
        {said}
      </div>
      {watched.length > 0 && <MoveProgressBar moveIds={watched} onDismiss={() => setWatched([])} />}
      {total === 0 && (
        <EmptyState className="py-6" icon={<Users className="size-6" />} title={boardText.emptyBoard}>
          {canManage ? boardText.emptyBoardHint : undefined}
        </EmptyState>
      )}
      <div
        ref={scroller}
        className={`relative flex min-h-0 flex-1 items-start gap-3 overflow-x-auto px-4 py-4 sm:px-8 ${drag ? 'cursor-grabbing' : 'snap-x snap-proximity scroll-px-4 sm:snap-none'}`}
      >
        {vacancy.stages.map((stage) => {
          const column = columns.get(stage.id);
          return (
            column && (
              <BoardColumn
                key={stage.id}
                column={column}
                stage={stage}
                stages={vacancy.stages}
                selection={present}
                tabbableCard={
                  column.cards.some((card) => card.applicationId === rove.get(stage.id))
                    ? (rove.get(stage.id) ?? null)
                    : null
                }
                liftedCards={liftedCards}
                target={target === stage.id}
                canMove={canManage}
                canSelect={canSelect}
                canEdit={canManage}
                growing={growing === stage.id}
                handlers={handlers}
                onSelectColumn={selectColumn}
                wholeSelected={wholeStageId === stage.id}
                onSelectAll={selectAll}
                onShowMore={grow}
                onCommand={onCommand}
              />
            )
          );
        })}
        {canManage && (
          <Button variant="quiet" onClick={() => setOpen({ dialog: 'addStage' })}>
            {boardText.addStage}
          </Button>
        )}
        <EndedColumns vacancyId={vacancy.id} counts={board} canManage={canManage} />
      </div>
      {present.size > 0 && (
        <SelectionBar
          count={count}
          onSend={canSend ? sendSelected : undefined}
          onMove={
            canManage
              ? () =>
                  withSelection((applicationIds) =>
                    setOpen({ dialog: 'move', applicationIds, stageId: null }),
                  )
              : undefined
          }
          onReject={canManage ? () => endSelected('reject') : undefined}
          onWithdraw={canManage ? () => endSelected('withdraw') : undefined}
          onClear={() => setSelection(new Set())}
        />
      )}

      {drag &&
        dragged &&
        createPortal(
          <div
            aria-hidden
            style={{ left: drag.x, top: drag.y, width: drag.width }}
            className="pointer-events-none fixed z-60 flex rotate-1 items-center gap-2 rounded-xl border border-accent bg-surface px-3 py-2.5 font-medium shadow-pop"
          >
            <Avatar name={dragged.name} size="sm" />
            <span className="truncate">{dragged.name}</span>
            {liftedCards.size > 1 && <Badge tone="accent">+{liftedCards.size - 1}</Badge>}
          </div>,
          document.body,
        )}

      {open?.dialog === 'move' && (
        <MoveDialog
          count={open.applicationIds.length}
          stages={vacancy.stages}
          stageId={open.stageId}
          onClose={close}
          onMove={(stageId, runActions) => {
            close();
            void doMove(open.applicationIds, stageId, runActions);
          }}
        />
      )}
      {open?.dialog === 'send' && (
        <SendDialog to={open.to} who={boardText.drag.many(open.count)} onClose={close} />
      )}
      {open?.dialog === 'vacancy' && <VacancyDialog vacancy={vacancy} onClose={close} />}
      {open?.dialog === 'addCandidate' && <AddCandidateDialog board={board} onClose={close} />}
      {open?.dialog === 'addStage' && (
        <StageNameDialog
          vacancyId={vacancy.id}
          onAdded={(stageId) => {
            addedStage.current = stageId;
          }}
          onClose={close}
        />
      )}
      {open?.dialog === 'rename' && openStage && (
        <StageNameDialog vacancyId={vacancy.id} stage={openStage} onClose={close} />
      )}
      {open?.dialog === 'actions' && openStage && (
        <ActionsDialog
          stage={openStage}
          canEdit={canManage}
          onClose={close}
          onInclude={() => setOpen({ dialog: 'include', stageId: openStage.id })}
          onEdit={(action) => setOpen({ dialog: 'edit', stageId: openStage.id, action })}
        />
      )}
      {(open?.dialog === 'include' || open?.dialog === 'edit') && openStage && (
        <ActionDialog
          stage={openStage}
          action={open.dialog === 'edit' ? open.action : undefined}
          candidates={allCards(board)}
          onClose={close}
          onSaved={() => {
            close();
            const { saved, changed } = boardText.include;
            toast({ tone: 'ok', title: open.dialog === 'edit' ? changed : saved(openStage.name) });
          }}
        />
      )}
      {open?.dialog === 'reject' && (
        <RejectDialog
          applicationIds={open.applicationIds}
          who={open.who}
          onClose={close}
          onDone={setWatched}
        />
      )}
      {open?.dialog === 'withdraw' && (
        <WithdrawDialog applicationIds={open.applicationIds} who={open.who} onClose={close} />
      )}
    </div>
  );
}

function nameOf(applicationIds: string[], card: Card): string {
  return applicationIds.length === 1 ? card.name : boardText.drag.many(applicationIds.length);
}

function BoardSkeleton() {
  return (
    <div className="flex h-full flex-col">
      <PageHeader title={boardText.board} back={{ href: paths.vacancies(), label: boardText.back }} />
      <div
        role="status"
        aria-label={boardText.loading}
        className="flex gap-3 overflow-hidden px-4 py-4 sm:px-8"
      >
        {[5, 3, 4, 2].map((cards, column) => (
          <div key={column} className="w-72 shrink-0 space-y-2 rounded-2xl border border-line bg-sunken p-3">
            <Skeleton className="mb-3 h-5 w-1/2" />
            {Array.from({ length: cards }, (_, index) => (
              <Skeleton key={index} className="h-16 rounded-xl" />
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}
