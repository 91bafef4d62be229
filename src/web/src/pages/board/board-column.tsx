import { ArrowLeft, ArrowRight, EllipsisVertical, ListChecks, Pencil, Plus, Zap } from 'lucide-react';
import { memo } from 'react';
import type { Board, Stage } from '../../../../contracts/vacancies';
import { Button, Checkbox, cx, IconButton, Menu, MenuItem, MenuSeparator } from '../../ui';
import { BoardCard, type CardHandlers } from './board-card';
import { boardText } from './text';

export type StageCommand = 'rename' | 'left' | 'right' | 'include' | 'actions' | 'add';

export const BoardColumn = memo(function BoardColumn({
  column,
  stage,
  stages,
  selection,
  tabbableCard,
  liftedCards,
  target,
  canMove,
  canSelect,
  canEdit,
  growing,
  handlers,
  wholeSelected,
  onSelectColumn,
  onSelectAll,
  onShowMore,
  onCommand,
}: {
  column: Board['columns'][number];
  stage: Stage;
  stages: Stage[];
  selection: ReadonlySet<string>;
  tabbableCard: string | null;
  liftedCards: ReadonlySet<string>;
  /** A card is held over this column. */
  target: boolean;
  canMove: boolean;
  canSelect: boolean;
  canEdit: boolean;
  growing: boolean;
  /** Those not loaded yet as well. */
  wholeSelected: boolean;
  handlers: CardHandlers;
  onSelectColumn: (stageId: string, selected: boolean) => void;
  onSelectAll: (stageId: string) => void;
  onShowMore: (stageId: string) => void;
  onCommand: (stage: Stage, command: StageCommand) => void;
}) {
  const { cards } = column;
  const chosen = cards.filter((card) => selection.has(card.applicationId)).length;
  const left = column.total - cards.length;
  const index = stages.findIndex((other) => other.id === stage.id);
  const headingId = `stage-${stage.id}`;
  return (
    <section
      aria-labelledby={headingId}
      data-stage-id={stage.id}
      className={cx(
        'flex max-h-full w-[85vw] max-w-72 shrink-0 snap-start flex-col rounded-2xl border bg-sunken sm:w-72',
        target ? 'border-accent outline-2 outline-accent' : 'border-line',
      )}
    >
      <header className="flex items-center gap-2 px-3 pt-2.5 pb-1.5">
        {canSelect && (
          <Checkbox
            label={boardText.selection.column(stage.name)}
            hideLabel
            disabled={cards.length === 0}
            checked={chosen === 0 ? false : chosen === cards.length ? true : 'indeterminate'}
            onChange={() => onSelectColumn(stage.id, chosen < cards.length)}
          />
        )}
        <h2 id={headingId} className="min-w-0 truncate font-semibold" title={stage.name}>
          {stage.name}
        </h2>
        <span className="rounded-full bg-hover px-2 text-[0.82rem] text-ink-2 tabular-nums">
          {column.total}
          <span className="sr-only"> {boardText.candidatesWord(column.total)}</span>
        </span>
        <span className="flex-1" />
        {stage.actionCount > 0 && (
          <button
            type="button"
            onClick={() => onCommand(stage, 'actions')}
            title={boardText.actions(stage.actionCount)}
            aria-label={`${boardText.actions(stage.actionCount)}: ${stage.name}`}
            className="inline-flex min-h-8 items-center gap-1 rounded-md bg-auto-soft px-1.5 text-[0.82rem] font-medium text-auto"
          >
            <Zap aria-hidden className="size-3.5" />
            {stage.actionCount}
          </button>
        )}
        {canEdit && (
          <Menu
            label={boardText.stageMenu.label(stage.name)}
            trigger={
              <IconButton
                size="sm"
                tooltip={false}
                label={boardText.stageMenu.label(stage.name)}
                icon={<EllipsisVertical aria-hidden className="size-4" />}
              />
            }
          >
            <MenuItem
              icon={<Zap aria-hidden className="size-4" />}
              onSelect={() => onCommand(stage, 'include')}
            >
              {boardText.stageMenu.include}
            </MenuItem>
            <MenuItem
              icon={<ListChecks aria-hidden className="size-4" />}
              onSelect={() => onCommand(stage, 'actions')}
            >
              {boardText.stageMenu.actions}
            </MenuItem>
            <MenuSeparator />
            <MenuItem
              icon={<Pencil aria-hidden className="size-4" />}
              onSelect={() => onCommand(stage, 'rename')}
            >
              {boardText.stageMenu.rename}
            </MenuItem>
            <MenuItem
              icon={<ArrowLeft aria-hidden className="size-4" />}
              disabled={index === 0}
              onSelect={() => onCommand(stage, 'left')}
            >
              {boardText.stageMenu.left}
            </MenuItem>
            <MenuItem
              icon={<ArrowRight aria-hidden className="size-4" />}
              disabled={index === stages.length - 1}
              onSelect={() => onCommand(stage, 'right')}
            >
              {boardText.stageMenu.right}
            </MenuItem>
            <MenuSeparator />
            <MenuItem icon={<Plus aria-hidden className="size-4" />} onSelect={() => onCommand(stage, 'add')}>
              {boardText.stageMenu.add}
            </MenuItem>
          </Menu>
        )}
      </header>
      <div data-stage-cards className="scroll-y min-h-24 flex-1 px-2 pb-2">
        <ul className="flex flex-col gap-2 pt-1">
          {cards.map((card, row) => (
            <BoardCard
              key={card.applicationId}
              card={card}
              stages={stages}
              selected={selection.has(card.applicationId)}
              tabbable={tabbableCard ? card.applicationId === tabbableCard : row === 0}
              lifted={liftedCards.has(card.applicationId)}
              canMove={canMove}
              canSelect={canSelect}
              handlers={handlers}
            />
          ))}
        </ul>
        {cards.length === 0 && (
          <p className="rounded-xl border border-dashed border-line-strong px-3 py-5 text-center text-[0.9rem] text-ink-2">
            {target ? boardText.dropHere : boardText.emptyColumn}
          </p>
        )}
        {left > 0 && (
          <div className="mt-2 flex flex-wrap gap-2">
            <Button size="sm" variant="quiet" busy={growing} onClick={() => onShowMore(stage.id)}>
              {boardText.showMore(left)}
            </Button>
            {canSelect && chosen === cards.length && !wholeSelected && (
              <Button size="sm" variant="quiet" busy={growing} onClick={() => onSelectAll(stage.id)}>
                {boardText.selection.all(column.total, stage.name)}
              </Button>
            )}
          </div>
        )}
      </div>
    </section>
  );
});
