import { ArrowDown, MessagesSquare } from 'lucide-react';
import {
  lazy,
  memo,
  Suspense,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
} from 'react';
import type { PrivateMail } from '../../../contracts/confidential';
import type { Message } from '../../../contracts/messages';
import type { Note } from '../../../contracts/records';
import type { ApiError } from '../api';
import { useNow } from '../clock';
import { dayTitle } from '../format';
import { useMe } from '../queries';
import { text } from '../text';
import { Button, cx, EmptyState } from '../ui';
import { buildDays, type Entry } from './entries';
import { MessageBubble, type MessageActions } from './message-bubble';
import { NoteCard } from './note-card';
import { OutgoingBubble } from './outgoing-bubble';
import type { Outgoing } from './outgoing';
import { messageSummary } from './summary';

const PrivateMailCard = lazy(async () => ({
  default: (await import('./private-mail-card')).PrivateMailCard,
}));

const words = text.thread;
const nearBottomPx = 80;

export type JumpTarget = { messageId: string; nonce: number } | null;

/**
 * The scrolling thread. It keeps to the end while one is there, stays where one reads when something is added above or below,
 * and jumps to any message, loading what is older until it is there.
 */
export function Thread({
  messages,
  notes,
  privateMails,
  outgoing,
  complete,
  personName,
  firstNewId,
  canWrite,
  actions,
  jump,
  loadOlder,
  loadingOlder,
  olderError,
}: {
  messages: Message[];
  notes: Note[];
  privateMails: PrivateMail[];
  outgoing: Outgoing[];
  complete: boolean;
  personName: string;
  firstNewId: string | null;
  canWrite: boolean;
  actions: Omit<MessageActions, 'activate'>;
  jump: JumpTarget;
  loadOlder: () => Promise<boolean>;
  loadingOlder: boolean;
  olderError: ApiError | null;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const top = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const anchor = useRef<{ key: string; top: number } | null>(null);
  const [awayFromEnd, setAwayFromEnd] = useState(false);
  const [activeId, setActiveId] = useState<string | null>(null);
  const [highlightedId, setHighlightedId] = useState<string | null>(null);
  const days = useMemo(
    () => buildDays({ messages, notes, privateMails, outgoing, firstNewId, complete }),
    [messages, notes, privateMails, outgoing, firstNewId, complete],
  );
  const allActions = useMemo<MessageActions>(() => ({ ...actions, activate: setActiveId }), [actions]);
  const lastMessageId = messages.at(-1)?.id ?? null;
  const reachable = activeId ?? lastMessageId;

  const toEnd = useCallback(() => {
    const box = scroller.current;
    if (box) box.scrollTop = box.scrollHeight;
  }, []);

  // what is added keeps the reader's place
  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box) return;
    if (atEnd.current) return toEnd();
    const kept = anchor.current;
    const element = kept && box.querySelector(`[data-entry="${CSS.escape(kept.key)}"]`);
    if (kept && element) box.scrollTop += element.getBoundingClientRect().top - kept.top;
  }, [days, toEnd]);

  const remember = useCallback(() => {
    const box = scroller.current;
    if (!box) return;
    atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < nearBottomPx;
    setAwayFromEnd(!atEnd.current);
    const bounds = box.getBoundingClientRect();
    const seen = [...box.querySelectorAll<HTMLElement>('[data-entry]')].find(
      (element) => element.getBoundingClientRect().bottom > bounds.top + 4,
    );
    anchor.current = seen ? { key: seen.dataset.entry!, top: seen.getBoundingClientRect().top } : null;
  }, []);

  // pictures that load and a composer that grows move the end
  useEffect(() => {
    const box = scroller.current;
    const inner = content.current;
    if (!box || !inner) return;
    const observer = new ResizeObserver(() => {
      if (atEnd.current) toEnd();
    });
    observer.observe(box);
    observer.observe(inner);
    return () => observer.disconnect();
  }, [toEnd]);

  // one's own message is always seen
  const sentCount = outgoing.length;
  const sentBefore = useRef(sentCount);
  useLayoutEffect(() => {
    if (sentCount > sentBefore.current) {
      atEnd.current = true;
      toEnd();
    }
    sentBefore.current = sentCount;
  }, [sentCount, toEnd]);

  useEffect(() => {
    const sentinel = top.current;
    if (!sentinel || complete || olderError) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) void loadOlder();
      },
      { root: scroller.current, rootMargin: '500px 0px 0px' },
    );
    observer.observe(sentinel);
    return () => observer.disconnect();
  }, [complete, olderError, loadOlder, messages.length]);

  const find = useCallback(
    (messageId: string) =>
      scroller.current?.querySelector<HTMLElement>(`[data-entry="${CSS.escape(messageId)}"]`) ?? null,
    [],
  );
  useEffect(() => {
    if (!jump) return;
    let cancelled = false;
    void (async () => {
      let element = find(jump.messageId);
      for (let round = 0; !element && round < 60 && !cancelled; round++) {
        if (!(await loadOlder())) break;
        await new Promise((resolve) => requestAnimationFrame(resolve));
        element = find(jump.messageId);
      }
      if (cancelled || !element) return;
      atEnd.current = false;
      element.scrollIntoView({ block: 'center' });
      setActiveId(jump.messageId);
      setHighlightedId(jump.messageId);
      element.focus({ preventScroll: true });
      remember();
    })();
    return () => {
      cancelled = true;
    };
  }, [jump, find, loadOlder, remember]);
  useEffect(() => {
    if (!highlightedId) return;
    const timer = setTimeout(() => setHighlightedId(null), 3000);
    return () => clearTimeout(timer);
  }, [highlightedId]);

  function onKeyDown(event: KeyboardEvent) {
    const current = (event.target as HTMLElement).closest<HTMLElement>('article[data-entry]');
    if (!current || event.target !== current) return;
    const all = [...(scroller.current?.querySelectorAll<HTMLElement>('article[tabindex]') ?? [])];
    const at = all.indexOf(current);
    const next = event.key === 'ArrowUp' ? all[at - 1] : event.key === 'ArrowDown' ? all[at + 1] : undefined;
    if (next) {
      event.preventDefault();
      next.focus();
      return;
    }
    const message = messages.find(({ id }) => id === current.dataset.entry);
    if (!message) return;
    if (event.key === 'Enter') actions.details(message.id);
    else if (event.key === 'r' && canWrite) actions.reply(message);
    else return;
    event.preventDefault();
  }

  return (
    <div className="relative flex min-h-0 flex-1 flex-col bg-sunken">
      <div
        ref={scroller}
        role="region"
        aria-label={words.label(personName)}
        tabIndex={0}
        onScroll={remember}
        onKeyDown={onKeyDown}
        className="scroll-y min-h-0 flex-1 focus-visible:-outline-offset-2"
      >
        <div ref={content} className="flex min-h-full flex-col justify-end pb-4 print:block">
          <div ref={top} />
          {loadingOlder && (
            <p role="status" className="py-3 text-center text-[0.9rem] text-ink-2">
              {words.loadingOlder}
            </p>
          )}
          {olderError && (
            <div className="flex flex-col items-center gap-2 py-3">
              <p className="text-danger">{olderError.detail}</p>
              <Button size="sm" onClick={() => void loadOlder()}>
                {text.errors.retry}
              </Button>
            </div>
          )}
          {complete && messages.length > 0 && (
            <p className="pt-4 text-center text-[0.85rem] text-ink-3">{words.beginning}</p>
          )}
          {days.length === 0 && (
            <EmptyState icon={<MessagesSquare className="size-6" />} title={words.empty} className="my-auto">
              {words.emptyHint}
            </EmptyState>
          )}
          {days.map((day) => (
            <div key={day.key}>
              <DayHeading at={day.at} />
              {day.entries.map((entry) => (
                <EntryView
                  key={entry.key}
                  entry={entry}
                  personName={personName}
                  reachable={entry.key === reachable}
                  active={entry.key === activeId}
                  highlighted={entry.key === highlightedId}
                  canWrite={canWrite}
                  actions={allActions}
                />
              ))}
            </div>
          ))}
        </div>
      </div>
      {awayFromEnd && (
        <ToEndButton
          messages={messages}
          onPress={() => {
            atEnd.current = true;
            toEnd();
          }}
        />
      )}
      <Announcer messages={messages} personName={personName} />
    </div>
  );
}

type EntryProps = {
  entry: Entry;
  personName: string;
  /** The one that the Tab key reaches. */
  reachable: boolean;
  /** The one under the pointer or the focus. */
  active: boolean;
  highlighted: boolean;
  canWrite: boolean;
  actions: MessageActions;
};

const EntryView = memo(function EntryView({
  entry,
  personName,
  reachable,
  active,
  highlighted,
  canWrite,
  actions,
}: EntryProps): ReactNode {
  const me = useMe();
  switch (entry.type) {
    case 'new':
      return (
        <p className="flex items-center gap-3 px-6 pt-4 text-[0.85rem] font-semibold text-warn before:h-px before:flex-1 before:bg-current after:h-px after:flex-1 after:bg-current">
          {words.newMessages}
        </p>
      );
    case 'note':
      return <NoteCard note={entry.note} myId={me.user.id} />;
    case 'private':
      return (
        <Suspense fallback={null}>
          <PrivateMailCard mail={entry.mail} />
        </Suspense>
      );
    case 'outgoing':
      return <OutgoingBubble outgoing={entry.outgoing} />;
    case 'message':
      return (
        <MessageBubble
          message={entry.message}
          personName={personName}
          joined={entry.joined}
          reachable={reachable}
          active={active}
          highlighted={highlighted}
          canWrite={canWrite}
          actions={actions}
        />
      );
  }
}, sameEntry);

/** Entries are made anew on every change; what they carry is compared instead. */
function sameEntry(a: Readonly<EntryProps>, b: Readonly<EntryProps>): boolean {
  if (
    a.active !== b.active ||
    a.reachable !== b.reachable ||
    a.highlighted !== b.highlighted ||
    a.canWrite !== b.canWrite ||
    a.actions !== b.actions ||
    a.personName !== b.personName
  ) {
    return false;
  }
  const [x, y] = [a.entry, b.entry];
  if (x.type === 'message' && y.type === 'message') return x.message === y.message && x.joined === y.joined;
  if (x.type === 'note' && y.type === 'note') return x.note === y.note;
  if (x.type === 'private' && y.type === 'private') return x.mail === y.mail;
  if (x.type === 'outgoing' && y.type === 'outgoing') return x.outgoing === y.outgoing;
  return x.type === y.type && x.key === y.key;
}

function DayHeading({ at }: { at: string }) {
  const now = useNow('halfMinute');
  return (
    <div
      role="heading"
      aria-level={2}
      className="pointer-events-none print:static sticky top-2 z-10 flex justify-center pt-4"
    >
      <span className="rounded-full border border-line bg-surface px-3 py-0.5 text-[0.82rem] font-medium text-ink-2">
        {dayTitle(at, now)}
      </span>
    </div>
  );
}

function ToEndButton({ messages, onPress }: { messages: Message[]; onPress: () => void }) {
  const lastId = messages.at(-1)?.id;
  const [seenId] = useState(lastId);
  const from = messages.findIndex(({ id }) => id === seenId);
  const fresh = messages.slice(from + 1).filter(({ direction }) => direction === 'in').length;
  return (
    <Button
      size="sm"
      className={cx(
        'print:hidden absolute! right-4 bottom-3 rounded-full! shadow-pop',
        fresh > 0 && 'border-warn! text-warn!',
      )}
      icon={<ArrowDown aria-hidden className="size-4" />}
      onClick={onPress}
    >
      {fresh > 0 ? words.newBelow(fresh) : words.toEnd}
    </Button>
  );
}

/** Reads out what the person writes while one is here. */
function Announcer({ messages, personName }: { messages: Message[]; personName: string }) {
  const last = messages.at(-1);
  const [firstId] = useState(last?.id);
  const spoken =
    last && last.id !== firstId && last.direction === 'in'
      ? words.announce(personName, messageSummary(last))
      : '';
  return (
    <p aria-live="polite" className="sr-only">
      {spoken}
    </p>
  );
}
