import { useQuery } from '@tanstack/react-query';
import { CalendarClock, FileText, SendHorizontal, TriangleAlert } from 'lucide-react';
import {
  lazy,
  Suspense,
  useEffect,
  useId,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
} from 'react';
import type { Conversation } from '../../../contracts/conversations';
import type { MailAddress } from '../../../contracts/mails';
import type { Message } from '../../../contracts/messages';
import type { ReasonCode } from '../../../contracts/reasons';
import type { Template } from '../../../contracts/templates';
import { call, type ApiError, type CallResult } from '../api';
import { AddressField } from '../pages/mail/address-field';
import { paths } from '../paths';
import { text } from '../text';
import { AttachButton, Button, IconButton, TextLink } from '../ui';
import { AttachmentList } from './attachment-list';
import { useAttachments } from './attachments';
import { AutoTextarea } from './auto-textarea';
import { send } from './outgoing';

const ScheduleDialog = lazy(async () => ({ default: (await import('./schedule-dialog')).ScheduleDialog }));
const TemplatePicker = lazy(async () => ({ default: (await import('./template-picker')).TemplatePicker }));

const words = {
  to: (address: string) => `To ${address}`,
  title: 'Title',
  placeholder: 'Write an e-mail',
  tooLarge: 'The files are larger than 20 MB together. Leave some out.',
  variables: 'What stands in {{ }} is filled in when it is sent.',
  toMailbox: 'Open your mailbox',
  send: 'Send e-mail',
  addCopies: 'Cc, Bcc',
  cc: 'Cc',
  bcc: 'Bcc',
  copiesHint: 'A copy has no link to the candidate’s page.',
};
const longestText = 20_000;
const longestTitle = 300;
const mostBytes = 20 * 1024 * 1024;

/** R-SEND-3: an e-mail to this one person, with a title and files. What stands against it is said above. */
export function EmailComposer({
  conversation: { id: conversationId, person, email },
  applicationId,
  messages,
  replyTo,
  above,
  body,
  title,
  cc,
  bcc,
  onChange,
  filesRef,
  onSent,
  onScheduled,
}: {
  conversation: Conversation;
  applicationId: string | undefined;
  messages: Message[];
  replyTo: Message | null;
  above: ReactNode;
  body: string;
  /** null: not touched yet; then it goes on with what was said last. */
  title: string | null;
  cc: MailAddress[];
  bcc: MailAddress[];
  onChange: (next: { email?: string; title?: string; cc?: MailAddress[]; bcc?: MailAddress[] }) => void;
  /** Takes what is dropped. */
  filesRef: RefObject<((files: Iterable<File>) => void) | null>;
  onSent: () => void;
  onScheduled: () => void;
}) {
  const id = useId();
  const input = useRef<HTMLTextAreaElement>(null);
  const [copying, setCopying] = useState(cc.length + bcc.length > 0);
  const copiesBox = useRef<HTMLDivElement>(null);
  const [opened, setOpened] = useState<'templates' | 'later' | null>(null);
  const { attachments, add, remove, again, clear } = useAttachments('email');
  const subject = title ?? titleOf(replyTo, messages);
  const against = useReason(person.id, applicationId);
  useEffect(() => {
    filesRef.current = add;
    return () => {
      filesRef.current = null;
    };
  }, [filesRef, add]);

  const files = attachments.filter((each) => each.state !== 'failed');
  const tooLarge = files.reduce((sum, { file }) => sum + file.size, 0) > mostBytes;
  const ready =
    body.trim() !== '' &&
    subject.trim() !== '' &&
    !tooLarge &&
    against === null &&
    files.every((each) => each.state === 'ready');

  const filenames = files.map(({ file }) => file.name).join(', ');
  const written = () => ({
    title: subject.trim(),
    text: body.trim(),
    ...(files.length > 0 ? { mediaIds: files.map(({ mediaId }) => mediaId!) } : {}),
    ...(cc.length > 0 ? { cc } : {}),
    ...(bcc.length > 0 ? { bcc } : {}),
    ...(applicationId ? { applicationId } : {}),
    ...(replyTo ? { replyToId: replyTo.id } : {}),
  });

  /** Nobody is left out because of a slip of the keyboard. */
  function copiesRight(): boolean {
    const wrong = copiesBox.current?.querySelector<HTMLInputElement>('input:invalid');
    wrong?.focus();
    return !wrong;
  }

  function submit() {
    if (!ready || !copiesRight()) return;
    void send(
      conversationId,
      { type: 'text', channel: 'email', ...written() },
      { body: body.trim(), filename: filenames || null },
    );
    clear();
    setCopying(false);
    onSent();
  }

  /** Beneath what was begun; its title where none was typed, and nothing is answered. */
  function use(template: Template) {
    setOpened(null);
    onChange({
      email: body.trim() === '' ? template.body : `${body.trimEnd()}\n\n${template.body}`,
      ...(template.title !== null && title === null && replyTo === null ? { title: template.title } : {}),
    });
    requestAnimationFrame(() => input.current?.focus());
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing || event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    submit();
  }

  return (
    <div className="rounded-xl border border-line-strong bg-surface p-1 focus-within:outline-2 focus-within:outline-offset-1 focus-within:outline-focus">
      {above}
      <AttachmentList attachments={attachments} onRemove={remove} onAgain={again} />
      {body.includes('{{') && <p className="px-2 pt-1 text-[0.87rem] text-ink-2">{words.variables}</p>}
      {(against !== null || tooLarge) && (
        <p role="alert" className="flex items-start gap-1.5 px-2 pt-1 text-[0.87rem] text-danger">
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          <span>
            {against?.text ?? words.tooLarge}{' '}
            {against?.code === 'confidential_mail' && (
              <TextLink href={paths.mail()}>{words.toMailbox}</TextLink>
            )}
          </span>
        </p>
      )}
      <div className="flex flex-wrap items-baseline gap-x-3 border-b border-line px-2">
        <label htmlFor={id} className="sr-only">
          {words.title}
        </label>
        <input
          id={id}
          value={subject}
          maxLength={longestTitle}
          placeholder={words.title}
          onKeyDown={onKeyDown}
          onChange={(event) => onChange({ title: event.target.value })}
          className="h-9 min-w-40 flex-1 bg-transparent font-medium outline-none"
        />
        <span className="max-w-full truncate pb-1 text-[0.82rem] text-ink-2">
          {words.to(email?.value ?? '')}
        </span>
        {!copying && (
          <Button size="sm" variant="quiet" className="-mr-2" onClick={() => setCopying(true)}>
            {words.addCopies}
          </Button>
        )}
      </div>
      {copying && (
        <div ref={copiesBox} className="space-y-1.5 border-b border-line px-2 py-1.5">
          <AddressField label={words.cc} value={cc} autoFocus onChange={(next) => onChange({ cc: next })} />
          <AddressField label={words.bcc} value={bcc} onChange={(next) => onChange({ bcc: next })} />
          <p className="text-[0.82rem] text-ink-2">{words.copiesHint}</p>
        </div>
      )}
      <AutoTextarea
        inputRef={input}
        aria-label={text.composer.emailLabel(person.name)}
        placeholder={words.placeholder}
        maxLength={longestText}
        rows={3}
        value={body}
        onChange={(event) => onChange({ email: event.target.value })}
        onKeyDown={onKeyDown}
        onPaste={(event) => {
          if (event.clipboardData.files.length === 0) return;
          event.preventDefault();
          add(event.clipboardData.files);
        }}
      />
      <div className="flex items-center justify-between gap-2">
        <span className="flex flex-1 items-center gap-0.5">
          <AttachButton label={text.composer.attach} iconOnly size="sm" onFiles={add} />
          <IconButton
            label={text.composer.template}
            icon={<FileText aria-hidden className="size-4.5" />}
            size="sm"
            onClick={() => setOpened('templates')}
          />
        </span>
        <IconButton
          label={text.composer.later}
          icon={<CalendarClock aria-hidden className="size-4.5" />}
          size="sm"
          disabled={!ready}
          onClick={() => copiesRight() && setOpened('later')}
        />
        <Button
          size="sm"
          variant="primary"
          icon={<SendHorizontal aria-hidden className="size-4" />}
          disabled={!ready}
          onClick={submit}
        >
          {words.send}
        </Button>
      </div>
      <Suspense fallback={null}>
        {opened === 'templates' && (
          <TemplatePicker
            open
            channel="email"
            onOpenChange={() => setOpened(null)}
            startWith={null}
            personId={person.id}
            personName={person.name}
            applicationId={applicationId}
            onUse={use}
          />
        )}
        {opened === 'later' && (
          <ScheduleDialog
            conversationId={conversationId}
            channel="email"
            message={written()}
            shown={[subject.trim(), filenames, body.trim()].filter(Boolean).join('\n')}
            onClose={() => setOpened(null)}
            onScheduled={() => {
              setOpened(null);
              clear();
              setCopying(false);
              onScheduled();
            }}
          />
        )}
      </Suspense>
    </div>
  );
}

/** That of the e-mail it answers, or of the last one, as an answer; else none yet. */
function titleOf(replyTo: Message | null, messages: Message[]): string {
  const last = replyTo?.title
    ? replyTo
    : messages.findLast(({ channel, title }) => channel === 'email' && title);
  const title = last?.title ?? '';
  return title === '' || /^re\s*:/i.test(title) ? title : `Re: ${title}`.slice(0, longestTitle);
}

/** R-ELIG: why no e-mail can go to them; null: it can, or it is not known yet. */
function useReason(
  personId: string,
  applicationId: string | undefined,
): { code: ReasonCode; text: string } | null {
  const body = {
    channels: ['email' as const],
    byHand: true,
    text: '…',
    title: '…',
    ...(applicationId ? { applicationIds: [applicationId] } : { personIds: [personId] }),
  };
  const preview = useQuery<CallResult<'POST /api/v1/sends/preview'>, ApiError>({
    queryKey: ['POST /api/v1/sends/preview', body],
    queryFn: ({ signal }) => call('POST /api/v1/sends/preview', { body }, { signal }),
    retry: false,
    throwOnError: false,
  });
  return preview.data?.channels[0]?.reasons[0] ?? null;
}
