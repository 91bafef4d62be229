import { Inbox, Keyboard, Lock, Paperclip, PenLine, Search, SearchX, Trash2 } from 'lucide-react';
import type { RefObject } from 'react';
import { Link, useLocation } from 'wouter';
import { mailFolders, type MailFolder, type MailThread } from '../../../../contracts/mails';
import { MailboxFault } from '../../email-settings/mailbox-fault';
import { PagedList } from '../../paged-list';
import { paths } from '../../paths';
import { useRoute } from '../../queries';
import { Button, Checkbox, cx, EmptyState, IconButton, RelativeTime, Tabs, TextLink } from '../../ui';
import { namesOf } from './names';
import { SelectionBar } from './selection-bar';
import { mailPageText as words } from './text';
import { isTickable, keyOfRow, useMailPath, type MailListState } from './use-mail-list';
import type { NamedThread, ThreadActions } from './use-thread-actions';

const folderOrder: readonly MailFolder[] = mailFolders;

/** One folder, newest first, one row a thread, with its search. */
export function MailList({
  list,
  actions,
  openThread,
  composing,
  search,
  onCompose,
  onDelete,
  onHelp,
}: {
  list: MailListState;
  actions: ThreadActions;
  openThread: MailThread | undefined;
  composing: boolean;
  search: RefObject<HTMLInputElement | null>;
  onCompose: () => void;
  /** null: all that is in Trash */
  onDelete: (threads: NamedThread[] | null, mails: number) => void;
  onHelp: () => void;
}) {
  const [, navigate] = useLocation();
  const counts = useRoute('GET /api/v1/mails/counts', {}, { refetchInterval: 60_000 });
  const { folder, typed, q, unread, pages, items } = list;

  return (
    <section aria-label={words.title} className="flex h-full min-h-0 flex-col">
      <header className="shrink-0 space-y-2 border-b border-line px-4 pt-3">
        <div className="flex items-center justify-between gap-2">
          <h1 className="flex-1 font-display text-2xl font-semibold tracking-tight">{words.title}</h1>
          <IconButton
            label={words.keys.title}
            icon={<Keyboard aria-hidden className="size-5" />}
            className="max-lg:hidden"
            onClick={onHelp}
          />
          <Button
            variant="primary"
            size="sm"
            busy={composing}
            icon={<PenLine aria-hidden className="size-4" />}
            onClick={onCompose}
          >
            {words.compose}
          </Button>
        </div>
        <MailboxFault />
        <div className="relative">
          <Search aria-hidden className="pointer-events-none absolute top-3 left-3 size-4 text-ink-2" />
          <input
            ref={search}
            type="search"
            aria-label={words.search}
            placeholder={words.searchShort}
            maxLength={200}
            value={typed}
            onChange={(event) => list.setTyped(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' && event.key !== 'ArrowDown') return;
              event.preventDefault();
              document.querySelector<HTMLElement>('#mail-rows [data-row]')?.focus();
            }}
            className="h-10 w-full rounded-lg border border-line-strong bg-surface pr-3 pl-9"
          />
        </div>
        <Tabs<MailFolder>
          label={words.folderTabs}
          value={folder}
          onChange={(next) => navigate(paths.mail(next))}
          items={folderOrder.map((value) => ({
            value,
            label: words.folders[value],
            count: counts.data?.folders[value],
          }))}
          panelId="mail-rows"
          listClassName="-mx-4 gap-0 border-b-0! px-2.5 [&>button]:px-1.5"
        />
      </header>
      {folder !== 'drafts' && (
        <div className="shrink-0 border-b border-line px-4">
          <SelectionBar list={list} actions={actions} onDelete={onDelete}>
            <p className="min-w-0 flex-1 truncate text-[0.9rem] text-ink-2">{q !== '' && words.everywhere}</p>
            {(q !== '' || folder !== 'sent') && (
              <Checkbox label={words.onlyUnread} checked={unread} onChange={list.setUnread} />
            )}
            {q === '' && folder === 'trash' && items.length > 0 && (
              <Button
                size="sm"
                variant="quiet"
                icon={<Trash2 aria-hidden className="size-4" />}
                onClick={() => onDelete(null, 0)}
              >
                {words.emptyTrash}
              </Button>
            )}
          </SelectionBar>
        </div>
      )}
      <div
        id="mail-rows"
        className="scroll-y min-h-0 flex-1 pb-6 [&>button]:mx-4"
        aria-busy={pages.list.isFetching || undefined}
      >
        <PagedList pages={pages} empty={<Empty folder={folder} searched={q !== ''} unread={unread} />}>
          {(thread) => (
            <Row
              key={keyOfRow(thread)}
              thread={thread}
              folder={folder}
              current={openThread !== undefined && keyOfRow(openThread) === keyOfRow(thread)}
              ticked={list.isTicked(thread)}
              onTick={isTickable(thread) ? (on) => list.tick([thread], on) : undefined}
            />
          )}
        </PagedList>
      </div>
    </section>
  );
}

function Row({
  thread,
  folder,
  current,
  ticked,
  onTick,
}: {
  thread: MailThread;
  folder: MailFolder;
  current: boolean;
  ticked: boolean;
  onTick: ((on: boolean) => void) | undefined;
}) {
  const mailPath = useMailPath();
  const { writers, answered, to, count, unread, subject, preview, occurredAt, state, direction } = thread;
  const toThem = writers.length === 0 || (direction === 'out' && folder === 'sent');
  const who = toThem
    ? words.to(namesOf(to) || words.noRecipient)
    : [...writers, ...(answered ? [words.you] : [])].join(', ');
  const bold = unread > 0 && 'font-semibold';
  return (
    <li
      className={cx(
        'relative flex pl-4',
        current ? 'bg-accent-soft' : ticked ? 'bg-sunken' : 'hover:bg-hover',
      )}
    >
      {onTick && (
        <span className="flex pt-2.5">
          <Checkbox
            label={words.tick(subject || words.noSubject)}
            hideLabel
            checked={ticked}
            onChange={onTick}
          />
        </span>
      )}
      <Link
        href={mailPath(folder, thread.mailId)}
        data-row={keyOfRow(thread)}
        aria-current={current ? 'true' : undefined}
        className="block min-w-0 flex-1 py-2.5 pr-4 pl-3 focus-visible:-outline-offset-2"
      >
        <span className="flex items-baseline gap-2">
          {unread > 0 && (
            <span className="size-2 shrink-0 self-center rounded-full bg-accent">
              <span className="sr-only">{words.unread}</span>
            </span>
          )}
          <span className={cx('min-w-0 truncate', bold)}>{who}</span>
          {count > 1 && (
            <span className="shrink-0 text-[0.85rem] text-ink-2 tabular-nums">
              <span aria-hidden>{count}</span>
              <span className="sr-only">{words.thread(count)}</span>
            </span>
          )}
          <RelativeTime at={occurredAt} className="ml-auto shrink-0 text-[0.85rem] text-ink-2" />
        </span>
        <span className="flex items-center gap-1.5">
          <span className={cx('min-w-0 flex-1 truncate', bold)}>{subject || words.noSubject}</span>
          {thread.folder !== folder && (
            <span className="shrink-0 rounded bg-hover px-1.5 text-[0.8rem] text-ink-2">
              {words.folders[thread.folder]}
            </span>
          )}
          {thread.private && (
            <Lock role="img" aria-label={words.private} className="size-3.5 shrink-0 text-ink-2" />
          )}
          {thread.hasAttachments && (
            <Paperclip
              role="img"
              aria-label={words.hasAttachments}
              className="size-3.5 shrink-0 text-ink-2"
            />
          )}
        </span>
        <span className="block truncate text-[0.9rem] text-ink-2">
          {words.states[state] !== '' && (
            <span className={state === 'failed' || state === 'unknown' ? 'text-danger' : 'text-warn'}>
              {words.states[state]}
              {preview && ' · '}
            </span>
          )}
          {preview}
        </span>
      </Link>
    </li>
  );
}

function Empty({ folder, searched, unread }: { folder: MailFolder; searched: boolean; unread: boolean }) {
  if (searched || unread)
    return (
      <EmptyState
        icon={<SearchX className="size-6" />}
        title={searched ? words.nothingFound : words.nothingUnread}
      >
        {searched && words.nothingFoundHint}
      </EmptyState>
    );
  return (
    <EmptyState
      icon={<Inbox className="size-6" />}
      title={folder === 'inbox' ? words.emptyInbox : words.empty}
    >
      {folder === 'inbox' && (
        <>
          {words.emptyInboxHint} <TextLink href={paths.account()}>{words.toSettings}</TextLink>
        </>
      )}
    </EmptyState>
  );
}
