import { Inbox, Lock, Paperclip, PenLine, Search, SearchX } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { mailFolders, type MailFolder, type MailRow } from '../../../../contracts/mails';
import { PagedList } from '../../paged-list';
import { paths } from '../../paths';
import { useRoute } from '../../queries';
import { usePages } from '../../use-pages';
import { Button, Checkbox, cx, EmptyState, RelativeTime, Tabs } from '../../ui';
import { namesOf } from './names';
import { mailPageText as words } from './text';

const typingPauseMs = 300;
const folderOrder: readonly MailFolder[] = mailFolders;

/** One folder, newest first, with its search. */
export function MailList({
  folder,
  openId,
  composing,
  onCompose,
}: {
  folder: MailFolder;
  openId: string | null;
  composing: boolean;
  onCompose: () => void;
}) {
  const [, navigate] = useLocation();
  const counts = useRoute('GET /api/v1/mails/counts', {}, { refetchInterval: 60_000 });
  const [typed, setTyped] = useState('');
  const [q, setQ] = useState('');
  const [unread, setUnread] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setQ(typed.trim()), typingPauseMs);
    return () => clearTimeout(timer);
  }, [typed]);
  const pages = usePages('GET /api/v1/mails', {
    // a search looks everywhere
    query: { ...(q === '' ? { folder } : { q }), ...(unread && { unread }) },
  });

  return (
    <section aria-label={words.title} className="flex h-full min-h-0 flex-col">
      <header className="shrink-0 space-y-2.5 border-b border-line px-4 pt-3">
        <div className="flex items-center justify-between gap-2">
          <h1 className="font-display text-2xl font-semibold tracking-tight">{words.title}</h1>
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
        <div className="relative">
          <Search aria-hidden className="pointer-events-none absolute top-3 left-3 size-4 text-ink-2" />
          <input
            type="search"
            aria-label={words.search}
            placeholder={words.searchShort}
            maxLength={200}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            className="h-10 w-full rounded-lg border border-line-strong bg-surface pr-3 pl-9"
          />
        </div>
        {folder !== 'drafts' && folder !== 'sent' && (
          <Checkbox label={words.onlyUnread} checked={unread} onChange={setUnread} />
        )}
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
          listClassName="-mx-4 border-b-0! px-2 [&>button]:px-2"
        />
      </header>
      <div
        id="mail-rows"
        className="scroll-y min-h-0 flex-1 pb-6 [&>button]:mx-4"
        aria-busy={pages.list.isFetching || undefined}
      >
        <PagedList pages={pages} empty={<Empty folder={folder} filtered={q !== '' || unread} />}>
          {(mail) => <Row key={mail.id} mail={mail} folder={folder} current={mail.id === openId} />}
        </PagedList>
      </div>
    </section>
  );
}

function Row({ mail, folder, current }: { mail: MailRow; folder: MailFolder; current: boolean }) {
  const { from, to, direction, seen, subject, preview, occurredAt, state } = mail;
  const who = direction === 'in' ? from.name || from.address : namesOf(to);
  return (
    <li>
      <Link
        href={paths.mail(folder, mail.id)}
        aria-current={current ? 'true' : undefined}
        className={cx(
          'block px-4 py-2.5 focus-visible:-outline-offset-2',
          current ? 'bg-accent-soft' : 'hover:bg-hover',
        )}
      >
        <span className="flex items-baseline gap-2">
          {!seen && (
            <span className="size-2 shrink-0 self-center rounded-full bg-accent">
              <span className="sr-only">{words.unread}</span>
            </span>
          )}
          <span className={cx('min-w-0 flex-1 truncate', !seen && 'font-semibold')}>
            {direction === 'out' ? words.to(who || words.noRecipient) : who}
          </span>
          <RelativeTime at={occurredAt} className="shrink-0 text-[0.85rem] text-ink-2" />
        </span>
        <span className="flex items-center gap-1.5">
          <span className={cx('min-w-0 flex-1 truncate', !seen && 'font-semibold')}>
            {subject || words.noSubject}
          </span>
          {mail.folder !== folder && (
            <span className="shrink-0 rounded bg-hover px-1.5 text-[0.8rem] text-ink-2">
              {words.folders[mail.folder]}
            </span>
          )}
          {mail.private && (
            <Lock role="img" aria-label={words.private} className="size-3.5 shrink-0 text-ink-2" />
          )}
          {mail.attachmentCount > 0 && (
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

function Empty({ folder, filtered }: { folder: MailFolder; filtered: boolean }) {
  if (filtered)
    return (
      <EmptyState icon={<SearchX className="size-6" />} title={words.nothingFound}>
        {words.nothingFoundHint}
      </EmptyState>
    );
  return (
    <EmptyState
      icon={<Inbox className="size-6" />}
      title={folder === 'inbox' ? words.emptyInbox : words.empty}
    >
      {folder === 'inbox' && words.emptyInboxHint}
    </EmptyState>
  );
}
