import { Inbox, Keyboard, PartyPopper, Search, SearchX, X } from 'lucide-react';
import {
  lazy,
  Suspense,
  useCallback,
  useDeferredValue,
  useEffect,
  useRef,
  useState,
  type KeyboardEvent,
} from 'react';
import { useLocation } from 'wouter';
import { paths } from '../../paths';
import { useCounts, useMe } from '../../queries';
import { text } from '../../text';
import { Button, ButtonLink, EmptyState, ErrorState, IconButton, LoadingRows, Tabs } from '../../ui';
import { InboxFilterButton } from './inbox-filters';
import { InboxRow } from './inbox-row';
import { useInboxChoice, useInboxRows, type InboxView } from './use-inbox';

const HeldMailsLink = lazy(async () => ({
  default: (await import('../../held-mails/held-mail-notice')).HeldMailsLink,
}));

const words = text.inbox;

export function InboxList({ openId, onHelp }: { openId: string | null; onHelp: () => void }) {
  const me = useMe();
  const counts = useCounts();
  const [choice, setChoice] = useInboxChoice();
  const [typed, setTyped] = useState('');
  const q = useSettled(useDeferredValue(typed.trim()), 200);
  const { query, rows } = useInboxRows(choice, q);
  const [cursorId, setCursorId] = useState<string | null>(openId);
  const search = useRef<HTMLInputElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const end = useRef<HTMLDivElement>(null);
  const [, navigate] = useLocation();
  const reachableId = rows.some(({ id }) => id === cursorId) ? cursorId : (rows[0]?.id ?? null);
  const filtered = q !== '' || Object.keys(choice.filters).length > 0;

  const moveTo = useCallback((id: string | undefined) => {
    if (!id) return;
    setCursorId(id);
    scroller.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(id)}"]`)?.focus();
  }, []);

  const latest = useRef({ rows, reachableId, openId });
  latest.current = { rows, reachableId, openId };
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (target.closest('input, textarea, select, [contenteditable], [role="dialog"], [role="menu"]'))
        return;
      const { rows: shown, reachableId: here, openId: open } = latest.current;
      const inList = target.closest('[data-row]') !== null;
      const at = shown.findIndex(({ id }) => id === (inList ? here : (open ?? here)));
      if (event.key === 'j') moveTo(shown[inList || open ? at + 1 : at]?.id);
      else if (event.key === 'k') moveTo(shown[Math.max(0, at - 1)]?.id);
      else if (event.key === 'ArrowDown' && inList) moveTo(shown[at + 1]?.id);
      else if (event.key === 'ArrowUp' && inList) moveTo(shown[at - 1]?.id);
      else if (event.key === '/') search.current?.focus();
      else if (event.key === '?') onHelp();
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [moveTo, onHelp]);

  const { hasNextPage, isFetchingNextPage, fetchNextPage, isFetchNextPageError } = query;
  useEffect(() => {
    const sentinel = end.current;
    if (!sentinel || !hasNextPage || isFetchingNextPage || isFetchNextPageError) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && void fetchNextPage(), {
      root: scroller.current,
      rootMargin: '600px',
    });
    observer.observe(sentinel);
    return () => observer.disconnect();
  }, [hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage, rows.length]);

  function onSearchKey(event: KeyboardEvent) {
    if (event.key === 'ArrowDown' || event.key === 'Enter') moveTo(rows[0]?.id);
    else if (event.key === 'Escape' && typed !== '') setTyped('');
    else if (event.key === 'Escape') search.current?.blur();
    else return;
    event.preventDefault();
  }

  return (
    <section aria-label={words.title} className="flex h-full min-h-0 flex-col">
      <header className="shrink-0 space-y-2.5 border-b border-line px-4 pt-3">
        <div className="flex items-center justify-between">
          <h1 className="font-display text-2xl font-semibold tracking-tight">{words.title}</h1>
          <IconButton
            label={words.keys}
            icon={<Keyboard aria-hidden className="size-5" />}
            className="max-lg:hidden"
            onClick={onHelp}
          />
        </div>
        <div className="flex gap-2">
          <div className="relative flex-1">
            <Search aria-hidden className="pointer-events-none absolute top-3 left-3 size-4 text-ink-2" />
            <input
              ref={search}
              type="search"
              aria-label={words.search}
              placeholder={words.searchShort}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              onKeyDown={onSearchKey}
              className="h-10 w-full rounded-lg border border-line-strong bg-surface pr-9 pl-9 [&::-webkit-search-cancel-button]:hidden"
            />
            {typed !== '' && (
              <button
                type="button"
                aria-label={text.common.clear}
                className="absolute top-1 right-1 flex size-8 items-center justify-center rounded-md text-ink-2 hover:bg-hover"
                onClick={() => {
                  setTyped('');
                  search.current?.focus();
                }}
              >
                <X aria-hidden className="size-4" />
              </button>
            )}
          </div>
          <InboxFilterButton
            filters={choice.filters}
            onChange={(filters) => setChoice({ ...choice, filters })}
          />
        </div>
        <Tabs<InboxView>
          label={words.views}
          value={choice.view}
          onChange={(view) => setChoice({ ...choice, view })}
          items={[
            { value: 'my', label: words.my, count: counts.data?.my },
            { value: 'all', label: words.all },
            { value: 'unassigned', label: words.unassigned, count: counts.data?.unassigned },
          ]}
          panelId="inbox-rows"
          listClassName="-mx-4 border-b-0! px-3"
        />
      </header>
      {counts.data && counts.data.heldMails > 0 && (
        <Suspense fallback={null}>
          <HeldMailsLink count={counts.data.heldMails} />
        </Suspense>
      )}
      <div
        ref={scroller}
        id="inbox-rows"
        className="scroll-y min-h-0 flex-1"
        aria-busy={query.isFetching || undefined}
      >
        {query.isPending && <LoadingRows rows={8} />}
        {query.isError && rows.length === 0 && (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        )}
        {query.isSuccess && rows.length === 0 && (
          <Empty
            view={choice.view}
            filtered={filtered}
            onClear={() => {
              setTyped('');
              setChoice({ ...choice, filters: {} });
            }}
            onAll={() => setChoice({ ...choice, view: 'all' })}
          />
        )}
        {rows.length > 0 && (
          <ul aria-label={words[choice.view]}>
            {rows.map((row) => (
              <InboxRow
                key={row.id}
                row={row}
                myId={me.user.id}
                current={row.id === openId}
                cursor={row.id === reachableId}
                onFocus={setCursorId}
              />
            ))}
          </ul>
        )}
        <div ref={end} />
        {isFetchingNextPage && <LoadingRows rows={2} />}
        {isFetchNextPageError && (
          <div className="p-4 text-center">
            <Button size="sm" onClick={() => void fetchNextPage()}>
              {text.errors.retry}
            </Button>
          </div>
        )}
      </div>
      {openId && rows.length > 0 && (
        <button type="button" className="sr-only focus:not-sr-only" onClick={() => navigate(paths.inbox())}>
          {words.closeConversation}
        </button>
      )}
    </section>
  );
}

function Empty({
  view,
  filtered,
  onClear,
  onAll,
}: {
  view: InboxView;
  filtered: boolean;
  onClear: () => void;
  onAll: () => void;
}) {
  const me = useMe();
  if (filtered) {
    return (
      <EmptyState
        icon={<SearchX className="size-6" />}
        title={words.nothingFound}
        action={<Button onClick={onClear}>{words.clearAll}</Button>}
      >
        {words.nothingFoundHint}
      </EmptyState>
    );
  }
  // R-CHAT-14: until a number is connected, the inbox says how
  if (me.whatsapp.state === 'none') {
    return (
      <EmptyState
        icon={<Inbox className="size-6" />}
        title={text.blocked.notConnected}
        action={
          me.permissions.settings && (
            <ButtonLink variant="primary" href={paths.settings('channels')}>
              {text.blocked.connect}
            </ButtonLink>
          )
        }
      >
        {me.permissions.settings ? text.blocked.connectHint : text.blocked.askAdministrator}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={view === 'my' ? <PartyPopper className="size-6" /> : <Inbox className="size-6" />}
      title={words.empty[view]}
      action={view === 'my' && <Button onClick={onAll}>{words.showAll}</Button>}
    >
      {words.emptyHint[view]}
    </EmptyState>
  );
}

function useSettled<T>(value: T, afterMs: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), afterMs);
    return () => clearTimeout(timer);
  }, [value, afterMs]);
  return settled;
}
