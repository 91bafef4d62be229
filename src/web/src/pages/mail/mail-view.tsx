import {
  Archive,
  ArrowLeft,
  ChevronDown,
  ChevronRight,
  CornerUpRight,
  Download,
  FileText,
  Lock,
  MailMinus,
  MoreHorizontal,
  Paperclip,
  Printer,
  Reply,
  ReplyAll,
  Trash2,
} from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import type { Mail, MailFolder, MailRow, NewDraft } from '../../../../contracts/mails';
import type { SettledFolder } from '../../../../domain/mail-folders';
import { RichText } from '../../conversation/rich-text';
import { fileSize } from '../../format';
import { keyOf, queryClient, useAction, useRoute } from '../../queries';
import {
  Badge,
  Button,
  Checkbox,
  cx,
  IconButton,
  Menu,
  MenuItem,
  MenuLink,
  RelativeTime,
  Time,
  toastError,
} from '../../ui';
import { Filing } from './filing';
import { fullOf } from './names';
import { MoveMenu } from './selection-bar';
import { mailPageText as words } from './text';
import { useMailPath } from './use-mail-list';
import { mailRoutesShown, type NamedThread, type ThreadActions } from './use-thread-actions';

/** A thread with one of its mails open; the others are a press away. What is done here is done to all of it. */
export function MailView({
  mail,
  folder,
  actions,
  onBack,
  onLeave,
  onDelete,
  onCompose,
}: {
  mail: Mail;
  folder: MailFolder;
  actions: ThreadActions;
  onBack: () => void;
  /** It is dealt with. */
  onLeave: () => void;
  onDelete: (thread: NamedThread, mails: number) => void;
  onCompose: (draft: NewDraft) => void;
}) {
  const params = { mailId: mail.id };
  const others = useRoute('GET /api/v1/mails/{mailId}/thread', { params }).data?.items;
  const items = others ?? [mail];
  const named = { threadId: mail.threadId, folder: mail.folder as SettledFolder };
  // opening it is reading it; who then marks it as unread is believed
  const read = useRef(false);
  const { markSeen } = actions;
  useEffect(() => {
    if (!others) return;
    for (const { id } of others)
      queryClient.setQueryData(keyOf('GET /api/v1/mails/{mailId}/thread', { params: { mailId: id } }), {
        items: others,
      });
    if (read.current) return;
    read.current = true;
    if (others.some(({ seen }) => !seen))
      markSeen([{ threadId: mail.threadId, folder: mail.folder as SettledFolder }], true, true);
  }, [others, mail.threadId, mail.folder, markSeen]);
  const settled = mail.state === 'received' || mail.state === 'sent';
  const answer = (how: 'reply' | 'replyAll' | 'forward') => onCompose({ answers: { mailId: mail.id, how } });
  const deal = (act: () => void) => () => {
    onLeave();
    act();
  };
  const remove = () =>
    mail.folder === 'trash' ? onDelete(named, items.length) : deal(() => actions.move([named], 'trash'))();

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
          <div className="mt-2 flex flex-wrap items-center gap-2 print:hidden">
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
            <span className="flex">
              {['inbox', 'junk', 'trash'].includes(mail.folder) && (
                <IconButton
                  size="sm"
                  label={words.archive}
                  icon={<Archive aria-hidden className="size-4.5" />}
                  onClick={deal(() => actions.move([named], 'archive'))}
                />
              )}
              <IconButton
                size="sm"
                label={mail.folder === 'trash' ? words.deleteForGood : words.delete}
                icon={<Trash2 aria-hidden className="size-4.5" />}
                onClick={remove}
              />
              <MoveMenu folder={mail.folder} onMove={(to) => deal(() => actions.move([named], to))()} />
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
                {items.some(({ direction }) => direction === 'in') && (
                  <MenuItem
                    icon={<MailMinus aria-hidden className="size-4" />}
                    onSelect={() => {
                      onBack();
                      actions.markSeen([named], false);
                    }}
                  >
                    {words.markUnread}
                  </MenuItem>
                )}
                <MenuLink
                  href={`/api/v1/mails/${mail.id}/html?print=true`}
                  external
                  icon={<Printer aria-hidden className="size-4" />}
                >
                  {words.print}
                </MenuLink>
                {mail.hasOriginal && (
                  <MenuItem
                    icon={<Download aria-hidden className="size-4" />}
                    onSelect={() => window.location.assign(`/api/v1/mails/${mail.id}/raw`)}
                  >
                    {words.download}
                  </MenuItem>
                )}
              </Menu>
            </span>
          </div>
        )}
      </header>
      <div className="scroll-y min-h-0 flex-1">
        {items.length === 1 ? (
          <div className="px-4 py-4 sm:px-6">
            <OneMail mail={mail} />
          </div>
        ) : (
          <Thread items={items} mail={mail} folder={folder} />
        )}
      </div>
    </article>
  );
}

const foldedFrom = 7;

/** Oldest first; of a long thread the latest, and the one that is open. */
function Thread({ items, mail, folder }: { items: MailRow[]; mail: Mail; folder: MailFolder }) {
  const mailPath = useMailPath();
  const [all, setAll] = useState(false);
  const open = useRef<HTMLLIElement>(null);
  useEffect(() => {
    open.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  const folded =
    all || items.length < foldedFrom ? [] : items.slice(0, -4).filter(({ id }) => id !== mail.id);
  const shown = items.filter((one) => !folded.includes(one));
  return (
    <>
      {folded.length > 0 && (
        <div className="border-b border-line px-4 py-1.5 sm:px-6">
          <Button size="sm" variant="quiet" onClick={() => setAll(true)}>
            {words.earlier(folded.length)}
          </Button>
        </div>
      )}
      <ol aria-label={words.thread(items.length)} className="divide-y divide-line">
        {shown.map((one) =>
          one.id === mail.id ? (
            <li key={one.id} ref={open} aria-current="true" className="px-4 py-4 sm:px-6">
              <OneMail mail={mail} />
            </li>
          ) : (
            <li key={one.id}>
              <Link
                href={mailPath(folder, one.id)}
                className="flex items-baseline gap-2 bg-sunken px-4 py-2.5 text-[0.93rem] hover:bg-hover focus-visible:-outline-offset-2 sm:px-6"
              >
                <span className={cx('max-w-1/3 shrink-0 truncate', !one.seen && 'font-semibold')}>
                  {one.direction === 'out' ? words.you : one.from.name || one.from.address}
                </span>
                <span className="min-w-0 flex-1 truncate text-ink-2">
                  {words.states[one.state] !== '' && `${words.states[one.state]} · `}
                  {one.preview}
                </span>
                <RelativeTime at={one.occurredAt} className="shrink-0 text-[0.85rem] text-ink-2" />
              </Link>
            </li>
          ),
        )}
      </ol>
    </>
  );
}

function OneMail({ mail }: { mail: Mail }) {
  const params = { mailId: mail.id };
  const setPrivate = useAction('PUT /api/v1/mails/{mailId}/private', {
    refresh: [...mailRoutesShown],
    onError: toastError,
  });
  return (
    <div className="space-y-4">
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
      {(mail.state === 'received' || mail.state === 'sent') && (
        <div className="space-y-4 print:hidden">
          <Filing mail={mail} />
          <Checkbox
            label={words.private}
            hint={mail.private ? words.privateHint : words.privateOffer}
            checked={mail.private}
            disabled={setPrivate.isPending}
            onChange={(isPrivate) => setPrivate.mutate({ params, body: { private: isPrivate } })}
          />
        </div>
      )}
      <Body mail={mail} />
      <Attachments mail={mail} />
    </div>
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

/** Its HTML in a frame that runs nothing and knows nothing of us, else its text. */
function Body({ mail }: { mail: Mail }) {
  const [pictures, setPictures] = useState(false);
  const [quoted, setQuoted] = useState(false);
  if (mail.hasHtml)
    return (
      <div className="space-y-2">
        {mail.hasRemotePictures && !pictures && (
          <div className="flex flex-wrap items-center justify-between gap-2 rounded-xl bg-sunken px-3 py-2 print:hidden">
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
        <Paperclip aria-hidden className="size-4 text-ink-2" />
        {words.attachments}
        {files.length > 1 && (
          <a
            href={`/api/v1/mails/${mail.id}/attachments`}
            download
            className="ml-1 inline-flex min-h-8 items-center gap-1.5 rounded-lg px-2 text-[0.9rem] font-medium text-ink-2 hover:bg-hover print:hidden"
          >
            <Download aria-hidden className="size-4" />
            {words.downloadAll}
          </a>
        )}
      </h3>
      <ul className="flex flex-wrap gap-2">
        {files.map(({ id, filename, size }) => (
          <li key={id} className="max-w-full">
            <a
              href={fileUrl(mail.id, id)}
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

const fileUrl = (mailId: string, attachmentId: string): string =>
  `/api/v1/mails/${mailId}/attachments/${attachmentId}`;
