import {
  Archive,
  ArrowLeft,
  ChevronDown,
  ChevronRight,
  CornerUpRight,
  Download,
  FileText,
  FolderInput,
  Inbox,
  Lock,
  MailMinus,
  MoreHorizontal,
  Reply,
  ReplyAll,
  ShieldAlert,
  Trash2,
} from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import type { Mail, MailFolder, NewDraft } from '../../../../contracts/mails';
import { RichText } from '../../conversation/rich-text';
import { fileSize } from '../../format';
import { paths } from '../../paths';
import { useAction, useRoute } from '../../queries';
import {
  Badge,
  Button,
  Checkbox,
  cx,
  IconButton,
  Menu,
  MenuItem,
  MenuSeparator,
  RelativeTime,
  Time,
  toast,
  toastError,
} from '../../ui';
import { Filing } from './filing';
import { fullOf } from './names';
import { mailPageText as words } from './text';

const lists = ['GET /api/v1/mails', 'GET /api/v1/mails/counts', 'GET /api/v1/mails/{mailId}'] as const;

/** One mail that came or was sent, with its thread. */
export function MailView({
  mail,
  folder,
  onBack,
  onCompose,
}: {
  mail: Mail;
  folder: MailFolder;
  onBack: () => void;
  onCompose: (draft: NewDraft) => void;
}) {
  const params = { mailId: mail.id };
  const change = useAction('PATCH /api/v1/mails/{mailId}', { refresh: [...lists], onError: toastError });
  const { mutate } = change;
  // opening it is reading it; who then marks it as unread is believed
  const read = useRef(mail.seen);
  useEffect(() => {
    if (read.current) return;
    read.current = true;
    mutate({ params: { mailId: mail.id }, body: { seen: true } });
  }, [mail.id, mutate]);
  const setPrivate = useAction('PUT /api/v1/mails/{mailId}/private', {
    refresh: [...lists],
    onError: toastError,
  });
  const settled = mail.state === 'received' || mail.state === 'sent';

  function move(to: Exclude<MailFolder, 'drafts'>) {
    change.mutate(
      { params, body: { folder: to } },
      {
        onSuccess: () => {
          toast({ tone: 'ok', title: words.moved(words.folders[to]) });
          onBack();
        },
      },
    );
  }
  const answer = (how: 'reply' | 'replyAll' | 'forward') => onCompose({ answers: { mailId: mail.id, how } });
  const home = mail.direction === 'in' ? 'inbox' : 'sent';

  return (
    <article aria-labelledby="mail-subject" className="flex h-full min-h-0 flex-col">
      <header className="shrink-0 border-b border-line px-4 py-3 sm:px-6">
        <div className="flex items-start gap-2">
          <IconButton
            label={words.back}
            icon={<ArrowLeft aria-hidden className="size-5" />}
            size="sm"
            className="lg:hidden"
            onClick={onBack}
          />
          <h2
            id="mail-subject"
            className="min-w-0 flex-1 font-display text-xl font-semibold [overflow-wrap:anywhere]"
          >
            {mail.subject || words.noSubject}
          </h2>
          {mail.private && <Badge icon={<Lock aria-hidden className="size-3" />}>{words.private}</Badge>}
        </div>
        {settled && (
          <div className="mt-2 flex flex-wrap gap-2">
            <Button
              size="sm"
              variant="primary"
              icon={<Reply aria-hidden className="size-4" />}
              onClick={() => answer('reply')}
            >
              {words.reply}
            </Button>
            <Button
              size="sm"
              icon={<ReplyAll aria-hidden className="size-4" />}
              onClick={() => answer('replyAll')}
            >
              {words.replyAll}
            </Button>
            <Button
              size="sm"
              icon={<CornerUpRight aria-hidden className="size-4" />}
              onClick={() => answer('forward')}
            >
              {words.forward}
            </Button>
            <Menu
              label={words.more}
              trigger={
                <IconButton
                  label={words.more}
                  icon={<MoreHorizontal aria-hidden className="size-5" />}
                  size="sm"
                  tooltip={false}
                />
              }
            >
              {mail.direction === 'in' && (
                <MenuItem
                  icon={<MailMinus aria-hidden className="size-4" />}
                  onSelect={() => change.mutate({ params, body: { seen: false } }, { onSuccess: onBack })}
                >
                  {words.markUnread}
                </MenuItem>
              )}
              {mail.folder !== home && (
                <MenuItem icon={<Inbox aria-hidden className="size-4" />} onSelect={() => move(home)}>
                  {words.moveTo(words.folders[home])}
                </MenuItem>
              )}
              {(
                [
                  ['archive', Archive],
                  ['junk', ShieldAlert],
                  ['trash', Trash2],
                ] as const
              ).map(
                ([to, Icon]) =>
                  mail.folder !== to && (
                    <MenuItem
                      key={to}
                      icon={<Icon aria-hidden className="size-4" />}
                      onSelect={() => move(to)}
                    >
                      {words.moveTo(words.folders[to])}
                    </MenuItem>
                  ),
              )}
              {mail.hasOriginal && (
                <>
                  <MenuSeparator />
                  <MenuItem
                    icon={<Download aria-hidden className="size-4" />}
                    onSelect={() => window.location.assign(`/api/v1/mails/${mail.id}/raw`)}
                  >
                    {words.download}
                  </MenuItem>
                </>
              )}
            </Menu>
          </div>
        )}
      </header>
      <div className="scroll-y min-h-0 flex-1 space-y-4 px-4 py-4 sm:px-6">
        <Thread mail={mail} folder={folder} />
        {words.states[mail.state] !== '' && (
          <p role="status" className="rounded-xl bg-warn-soft px-3 py-2 text-warn">
            {words.states[mail.state]}
            {mail.reasonText && `. ${mail.reasonText}`}
          </p>
        )}
        {mail.state === 'sent' && mail.reasonText && (
          <p role="status" className="rounded-xl bg-warn-soft px-3 py-2 text-warn">
            {mail.reasonText} {mail.reasonDetail}
          </p>
        )}
        <Heads mail={mail} />
        {settled && (
          <>
            <Filing mail={mail} />
            <Checkbox
              label={words.private}
              hint={words.privateHint}
              checked={mail.private}
              disabled={setPrivate.isPending}
              onChange={(isPrivate) => setPrivate.mutate({ params, body: { private: isPrivate } })}
            />
          </>
        )}
        <Body mail={mail} />
        <Attachments mail={mail} />
      </div>
    </article>
  );
}

function Heads({ mail }: { mail: Mail }) {
  const heads = [
    [words.from, [mail.from]],
    [words.toLabel, mail.to],
    [words.cc, mail.cc],
    [words.bcc, mail.bcc],
  ] as const;
  return (
    <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1 text-[0.95rem]">
      <dl className="grid min-w-0 grid-cols-[auto_1fr] gap-x-3 [overflow-wrap:anywhere]">
        {heads.map(
          ([label, people]) =>
            people.length > 0 && (
              <div key={label} className="contents">
                <dt className="text-ink-2">{label}</dt>
                <dd>{people.map(fullOf).join(', ')}</dd>
              </div>
            ),
        )}
      </dl>
      <Time at={mail.occurredAt} className="text-ink-2" />
    </div>
  );
}

/** The other mails of its thread, to go to. */
function Thread({ mail, folder }: { mail: Mail; folder: MailFolder }) {
  const thread = useRoute('GET /api/v1/mails/{mailId}/thread', { params: { mailId: mail.id } });
  const items = thread.data?.items ?? [];
  if (items.length < 2) return null;
  return (
    <nav aria-label={words.thread(items.length)} className="rounded-xl border border-line">
      <p className="border-b border-line px-3 py-1.5 text-[0.87rem] text-ink-2">
        {words.thread(items.length)}
      </p>
      <ul className="scroll-y max-h-48">
        {items.map((one) => (
          <li key={one.id}>
            <Link
              href={paths.mail(folder, one.id)}
              aria-current={one.id === mail.id ? 'true' : undefined}
              className={cx(
                'flex items-baseline gap-2 px-3 py-1.5 text-[0.93rem] focus-visible:-outline-offset-2',
                one.id === mail.id ? 'bg-accent-soft' : 'hover:bg-hover',
              )}
            >
              <span className={cx('shrink-0', !one.seen && 'font-semibold')}>
                {one.direction === 'out' ? words.you : one.from.name || one.from.address}
              </span>
              <span className="min-w-0 flex-1 truncate text-ink-2">{one.preview}</span>
              <RelativeTime at={one.occurredAt} className="shrink-0 text-[0.85rem] text-ink-2" />
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Its HTML in a frame that runs nothing and knows nothing of us, else its text. */
function Body({ mail }: { mail: Mail }) {
  const [pictures, setPictures] = useState(false);
  const [quoted, setQuoted] = useState(false);
  if (mail.hasHtml)
    return (
      <div className="space-y-2">
        {mail.hasRemotePictures && !pictures && (
          <div className="flex flex-wrap items-center justify-between gap-2 rounded-xl bg-sunken px-3 py-2">
            <p className="text-[0.9rem] text-ink-2">{words.picturesHint}</p>
            <Button size="sm" onClick={() => setPictures(true)}>
              {words.showPictures}
            </Button>
          </div>
        )}
        <iframe
          key={String(pictures)}
          title={words.frame(mail.subject)}
          src={`/api/v1/mails/${mail.id}/html${pictures ? '?pictures=true' : ''}`}
          sandbox="allow-popups allow-popups-to-escape-sandbox"
          referrerPolicy="no-referrer"
          className="h-[60dvh] w-full rounded-lg border border-line bg-white"
        />
      </div>
    );
  const Fold = quoted ? ChevronDown : ChevronRight;
  return (
    <div className="max-w-3xl [overflow-wrap:anywhere]">
      <RichText text={mail.text} />
      {mail.quoted !== null && (
        <>
          <button
            type="button"
            aria-expanded={quoted}
            onClick={() => setQuoted(!quoted)}
            className="mt-2 flex min-h-6 items-center gap-1 rounded text-[0.9rem] text-ink-2 hover:underline"
          >
            <Fold aria-hidden className="size-3.5" />
            {quoted ? words.hideQuoted : words.showQuoted}
          </button>
          {quoted && (
            <div className="mt-1 border-l-2 border-line-strong pl-3 text-ink-2">
              <RichText text={mail.quoted} />
            </div>
          )}
        </>
      )}
    </div>
  );
}

function Attachments({ mail }: { mail: Mail }) {
  const files = mail.attachments.filter(({ inline }) => !inline);
  if (files.length === 0) return null;
  return (
    <section aria-label={words.attachments}>
      <h3 className="mb-1.5 flex items-center gap-1.5 font-medium">
        <FolderInput aria-hidden className="size-4 text-ink-2" />
        {words.attachments}
      </h3>
      <ul className="flex flex-wrap gap-2">
        {files.map(({ id, filename, size }) => (
          <li key={id} className="max-w-full">
            <a
              href={`/api/v1/mails/${mail.id}/attachments/${id}`}
              download={filename}
              className="flex items-center gap-2 rounded-lg border border-line-strong px-2.5 py-1.5 hover:bg-hover"
            >
              <FileText aria-hidden className="size-4.5 shrink-0 text-ink-2" />
              <span className="min-w-0 truncate">{filename}</span>
              <span className="shrink-0 text-[0.85rem] text-ink-2">{fileSize(size)}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
