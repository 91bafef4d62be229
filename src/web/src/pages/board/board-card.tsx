import {
  ArrowDownLeft,
  CircleDot,
  CircleX,
  EllipsisVertical,
  LogOut,
  TriangleAlert,
  Zap,
} from 'lucide-react';
import { memo, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { Link } from 'wouter';
import type { Card, Stage } from '../../../../contracts/vacancies';
import { paths } from '../../paths';
import {
  Avatar,
  ChannelIcon,
  Checkbox,
  cx,
  IconButton,
  Menu,
  MenuItem,
  MenuLabel,
  MenuLink,
  MenuSeparator,
  MessageTicks,
  RelativeTime,
  Tooltip,
} from '../../ui';
import { boardText } from './text';

export type CardHandlers = {
  onPointerDown: (applicationId: string, event: PointerEvent<HTMLElement>) => void;
  onKey: (card: Card, event: KeyboardEvent<HTMLElement>) => void;
  onFocus: (card: Card) => void;
  onSelect: (applicationId: string, selected: boolean) => void;
  onMove: (applicationId: string, stageId: string) => void;
  onEnd: (card: Card, how: 'reject' | 'withdraw') => void;
};

export const BoardCard = memo(function BoardCard({
  card,
  stages,
  selected,
  tabbable,
  lifted,
  canMove,
  canSelect,
  handlers,
}: {
  card: Card;
  stages: Stage[];
  selected: boolean;
  /** One card of a column is in the Tab order; arrow keys reach the others. */
  tabbable: boolean;
  lifted: boolean;
  canMove: boolean;
  canSelect: boolean;
  handlers: CardHandlers;
}) {
  const [menuOpen, setMenuOpen] = useState(false);
  const tabIndex = tabbable ? 0 : -1;
  const trouble = troubleOf(card);
  const link = (
    <Link
      href={paths.match(card.applicationId)}
      tabIndex={tabIndex}
      draggable={false}
      data-card={card.applicationId}
      aria-describedby={`card-${card.applicationId}`}
      className="min-w-0 flex-1 truncate rounded-sm font-medium outline-none after:absolute after:inset-0 after:rounded-xl focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-focus"
    >
      {card.name}
    </Link>
  );
  return (
    <li
      onPointerDown={canMove ? (event) => handlers.onPointerDown(card.applicationId, event) : undefined}
      onFocus={() => handlers.onFocus(card)}
      onKeyDown={(event) => {
        if (!(event.target as Element).matches('[data-card]')) return;
        if (canMove && event.key.toLowerCase() === 'm' && !event.metaKey && !event.ctrlKey && !event.altKey) {
          event.preventDefault();
          setMenuOpen(true);
        } else handlers.onKey(card, event);
      }}
      className={cx(
        'group relative rounded-xl border bg-surface px-3 py-2.5 select-none [-webkit-touch-callout:none]',
        selected ? 'border-accent bg-accent-soft' : 'border-line hover:border-line-strong',
        canMove && 'cursor-grab',
        lifted && 'opacity-45',
      )}
    >
      <div className="flex items-center gap-2">
        {canSelect && (
          <span className="relative z-1 flex">
            <Checkbox
              label={boardText.card.select(card.name)}
              hideLabel
              checked={selected}
              tabIndex={tabIndex}
              onChange={(next) => handlers.onSelect(card.applicationId, next)}
            />
          </span>
        )}
        <Avatar name={card.name} size="sm" />
        {trouble ? <Tooltip text={trouble}>{link}</Tooltip> : link}
        {canMove && (
          <span className="relative z-1 -my-1 -mr-1.5">
            <Menu
              label={boardText.card.menu(card.name)}
              open={menuOpen}
              onOpenChange={setMenuOpen}
              trigger={
                <IconButton
                  size="sm"
                  tooltip={false}
                  tabIndex={tabIndex}
                  label={boardText.card.menu(card.name)}
                  icon={<EllipsisVertical aria-hidden className="size-4" />}
                />
              }
            >
              <MenuLink href={paths.match(card.applicationId)}>{boardText.card.open}</MenuLink>
              <MenuSeparator />
              <MenuLabel>{boardText.card.moveTo}</MenuLabel>
              {stages.map((stage) => (
                <MenuItem
                  key={stage.id}
                  disabled={stage.id === card.stageId}
                  onSelect={() => handlers.onMove(card.applicationId, stage.id)}
                >
                  <span className="min-w-0 flex-1 truncate">{stage.name}</span>
                  {stage.id === card.stageId ? (
                    <span className="text-[0.85rem] text-ink-2">{boardText.card.current}</span>
                  ) : (
                    stage.actionCount > 0 && (
                      <Zap
                        role="img"
                        aria-label={boardText.actions(stage.actionCount)}
                        className="size-4 text-auto"
                      />
                    )
                  )}
                </MenuItem>
              ))}
              <MenuSeparator />
              <MenuItem
                icon={<CircleX aria-hidden className="size-4" />}
                onSelect={() => handlers.onEnd(card, 'reject')}
              >
                {boardText.ended.rejectMany}
              </MenuItem>
              <MenuItem
                icon={<LogOut aria-hidden className="size-4" />}
                onSelect={() => handlers.onEnd(card, 'withdraw')}
              >
                {boardText.ended.withdrawMany}
              </MenuItem>
            </Menu>
          </span>
        )}
      </div>
      <CardState card={card} trouble={trouble} />
    </li>
  );
});

/** What stands under the name: unanswered, last message, how far it came, and why not. */
function CardState({ card, trouble }: { card: Card; trouble: string | null }) {
  const { lastMessage } = card;
  return (
    <div id={`card-${card.applicationId}`} className="mt-1.5 text-[0.85rem] text-ink-2">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        {card.unanswered && (
          <span className="inline-flex items-center gap-1 font-semibold text-warn">
            <CircleDot aria-hidden className="size-3.5" />
            {boardText.card.unanswered}
          </span>
        )}
        {lastMessage ? (
          <span className="inline-flex items-center gap-1">
            <ChannelIcon channel={lastMessage.channel} className="size-3.5" />
            {lastMessage.direction === 'in' ? (
              <ArrowDownLeft role="img" aria-label={boardText.card.received} className="size-3.5" />
            ) : (
              <MessageTicks state={lastMessage.state} />
            )}
            <RelativeTime at={lastMessage.at} />
            {lastMessage.automatic && (
              <Zap role="img" aria-label={boardText.card.automatic} className="ml-0.5 size-3.5 text-auto" />
            )}
          </span>
        ) : (
          <span className="text-ink-3">{boardText.card.none}</span>
        )}
      </div>
      {trouble && (
        <p className="mt-1 flex gap-1 text-danger">
          <TriangleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
          <span className="line-clamp-1">{trouble}</span>
        </p>
      )}
    </div>
  );
}

/** Why the last message did not arrive, for cards where it did not. */
function troubleOf({ lastMessage }: Card): string | null {
  if (!lastMessage || lastMessage.direction === 'in') return null;
  const { state } = lastMessage;
  if (state !== 'failed' && state !== 'suppressed' && state !== 'unconfirmed') return null;
  return lastMessage.reasonText ?? boardText.card.trouble[state];
}
