import { MailOpen } from 'lucide-react';
import { lazy, Suspense, useCallback, useRef, useState } from 'react';
import { useLocation, useParams } from 'wouter';
import type { Mail, MailFolder, NewDraft } from '../../../../contracts/mails';
import type { SettledFolder } from '../../../../domain/mail-folders';
import { useAction, useRoute } from '../../queries';
import { useMediaQuery } from '../../use-media-query';
import { cx, EmptyState, ErrorState, LoadingRows, toastError, usePageTitle } from '../../ui';
import { DeleteDialog } from './delete-dialog';
import { MailComposer } from './mail-composer';
import { MailList } from './mail-list';
import { MailView } from './mail-view';
import { mailPageText as words } from './text';
import { begun } from './use-draft';
import { useMailKeys } from './use-mail-keys';
import { isTickable, keyOfRow, useMailList, useMailPath } from './use-mail-list';
import { useThreadActions, type NamedThread } from './use-thread-actions';

const KeysHelp = lazy(async () => ({ default: (await import('../inbox/keys-help')).KeysHelp }));

const isFolder = (name: string | undefined): name is MailFolder =>
  name !== undefined && name in words.folders;

/** R-BOX-7: the user's own mailbox. List and thread side by side; one at a time on a phone. */
export function MailPage() {
  const { folder } = useParams<{ folder?: string }>();
  const known = isFolder(folder) ? folder : 'inbox';
  return <FolderPage key={known} folder={known} />;
}

function FolderPage({ folder }: { folder: MailFolder }) {
  usePageTitle(words.title);
  const { mailId } = useParams<{ mailId?: string }>();
  const [, navigate] = useLocation();
  const mailPath = useMailPath();
  const wide = useMediaQuery('(min-width: 64rem)');
  const list = useMailList(folder);
  const actions = useThreadActions();
  const { items } = list;
  const [deleting, setDeleting] = useState<{ threads: NamedThread[] | null; mails: number } | null>(null);
  const [help, setHelp] = useState(false);
  const search = useRef<HTMLInputElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const back = useCallback(() => navigate(mailPath(folder)), [navigate, mailPath, folder]);
  const begin = useAction('POST /api/v1/mails', {
    refresh: ['GET /api/v1/mail-threads', 'GET /api/v1/mails/counts', 'GET /api/v1/mails/{mailId}/thread'],
    onSuccess: ({ id }) => {
      begun.add(id);
      navigate(mailPath(folder, id));
    },
    onError: toastError,
  });
  const compose = (draft: NewDraft) => begin.isPending || begin.mutate({ body: draft });

  const mail = useRoute('GET /api/v1/mails/{mailId}', mailId ? { params: { mailId } } : null).data;
  const at = mail ? items.findIndex((row) => row.mailId === mail.id || isOf(row, mail)) : -1;
  const written = mail !== undefined && ['draft', 'failed', 'unknown'].includes(mail.state);
  const open = mail && !written ? mail : undefined;
  const openThread: NamedThread | undefined = open && {
    threadId: open.threadId,
    folder: open.folder as SettledFolder,
  };

  /** The next thread is what one wants to read after one that is dealt with; on a phone one sees the list first. */
  function leave() {
    const next = wide && at >= 0 ? (items[at + 1] ?? items[at - 1]) : undefined;
    navigate(mailPath(folder, next && next.folder !== 'drafts' ? next.mailId : undefined));
  }
  /** The row that has the focus, else the open thread. */
  function here() {
    const key = document.activeElement?.closest('li')?.querySelector('[data-row]')?.getAttribute('data-row');
    return items.find((row) => keyOfRow(row) === key) ?? items[at];
  }
  function go(step: 1 | -1) {
    const row = here();
    const from = row ? items.indexOf(row) : -1;
    const next = items[Math.max(0, from + step)];
    if (next) body.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(keyOfRow(next))}"]`)?.focus();
  }
  /** What a key is about: the ticked rows, else the one that has the focus, else the open thread. */
  function meant() {
    const focused = here();
    const ticked = list.tickedRows;
    const rows = ticked.length > 0 ? ticked : focused && isTickable(focused) ? [focused] : [];
    if (rows.length === 0) return { threads: openThread ? [openThread] : [], mails: 1, ofOpen: true };
    return {
      threads: rows.map(({ id, folder: place }) => ({ threadId: id, folder: place })),
      mails: rows.reduce((sum, { count }) => sum + count, 0),
      ofOpen: open !== undefined && rows.some((row) => isOf(row, open)),
    };
  }
  function deal(act: (threads: NamedThread[]) => void) {
    const { threads, ofOpen } = meant();
    if (threads.length === 0) return;
    if (ofOpen) leave();
    list.clear();
    act(threads);
  }
  function discard() {
    const { threads, mails } = meant();
    if (threads.length === 0) return;
    if (threads.every((thread) => thread.folder === 'trash')) setDeleting({ threads, mails });
    else deal((these) => actions.move(these, 'trash'));
  }
  const answer = (how: 'reply' | 'replyAll' | 'forward') =>
    open &&
    (open.state === 'received' || open.state === 'sent') &&
    compose({ answers: { mailId: open.id, how } });
  useMailKeys({
    j: () => go(1),
    k: () => go(-1),
    x: () => {
      const row = here();
      if (row && isTickable(row)) list.tick([row], !list.isTicked(row));
    },
    c: () => compose({}),
    r: () => answer('reply'),
    a: () => answer('replyAll'),
    f: () => answer('forward'),
    e: () => folder !== 'sent' && folder !== 'archive' && deal((threads) => actions.move(threads, 'archive')),
    '#': discard,
    Delete: discard,
    u: () => deal((threads) => actions.markSeen(threads, false)),
    '/': () => search.current?.focus(),
    '?': () => setHelp(true),
    ...(mailId && { Escape: back }),
  });

  return (
    <div ref={body} className="flex h-full min-h-0">
      <div
        className={cx(
          'min-h-0 w-full shrink-0 border-line lg:w-96 lg:border-r',
          mailId && 'max-lg:hidden print:hidden',
        )}
      >
        <MailList
          list={list}
          actions={actions}
          openThread={items[at]}
          composing={begin.isPending}
          search={search}
          onCompose={() => compose({})}
          onDelete={(threads, mails) => setDeleting({ threads, mails })}
          onHelp={() => setHelp(true)}
        />
      </div>
      <div className={cx('min-h-0 min-w-0 flex-1', !mailId && 'max-lg:hidden')}>
        {/* that of the list is hidden there */}
        {mailId && <h1 className="sr-only lg:hidden">{words.title}</h1>}
        {mailId ? (
          <OpenMail
            key={mailId}
            folder={folder}
            mailId={mailId}
            actions={actions}
            onBack={back}
            onLeave={leave}
            onDelete={(thread, mails) => setDeleting({ threads: [thread], mails })}
            onCompose={compose}
          />
        ) : (
          <div className="flex h-full items-center bg-sunken">
            <EmptyState icon={<MailOpen className="size-6" />} title={words.choose}>
              {words.chooseHint}
            </EmptyState>
          </div>
        )}
      </div>
      {deleting && (
        <DeleteDialog
          {...deleting}
          onClose={() => setDeleting(null)}
          onDone={() => {
            list.clear();
            if (mailId) leave();
          }}
        />
      )}
      <Suspense fallback={null}>
        {help && <KeysHelp open onOpenChange={setHelp} words={words.keys} />}
      </Suspense>
    </div>
  );
}

const isOf = (row: { id: string; folder: MailFolder }, mail: Mail): boolean => {
  const part = (place: MailFolder) => (place === 'junk' || place === 'trash' ? place : '');
  return row.folder !== 'drafts' && row.id === mail.threadId && part(row.folder) === part(mail.folder);
};

function OpenMail({
  folder,
  mailId,
  onBack,
  ...rest
}: Omit<Parameters<typeof MailView>[0], 'mail'> & { mailId: string }) {
  const mail = useRoute('GET /api/v1/mails/{mailId}', { params: { mailId } });
  if (!mail.data)
    return mail.error ? (
      <ErrorState error={mail.error} onRetry={() => void mail.refetch()} />
    ) : (
      <LoadingRows rows={4} />
    );
  return ['draft', 'failed', 'unknown'].includes(mail.data.state) ? (
    <MailComposer draft={mail.data} folder={folder} onBack={onBack} />
  ) : (
    <MailView mail={mail.data} folder={folder} onBack={onBack} {...rest} />
  );
}
