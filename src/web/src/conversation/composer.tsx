import { CalendarClock, FileText, SendHorizontal, Settings2, Smile, X } from 'lucide-react';
import {
  lazy,
  Suspense,
  useEffect,
  useId,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
  type ClipboardEvent,
  type KeyboardEvent,
  type Ref,
} from 'react';
import type { Conversation } from '../../../contracts/conversations';
import type { Message } from '../../../contracts/messages';
import type { Template } from '../../../contracts/templates';
import { captionedFile } from '../../../domain/captioned-file';
import { readStored, store } from '../local-store';
import { useMe, useRoute } from '../queries';
import { text } from '../text';
import { AttachButton, cx, IconButton, Menu, MenuItem, MenuLabel, Popover, Tabs } from '../ui';
import { useAttachments } from './attachments';
import { AutoTextarea } from './auto-textarea';
import { emptyDraft, keepDraft, readDraft, type Draft } from './drafts';
import { send, type Sendable } from './outgoing';
import { messageSummary } from './summary';
import { Suggestions } from './suggestions';
import type { Later } from './schedule-dialog';
import type { ChosenTemplate } from './template-picker';
import { readableName, searchTemplates, useApprovedTemplates } from './use-templates';
import { sendingState } from './sending-state';

const AttachmentList = lazy(async () => ({ default: (await import('./attachment-list')).AttachmentList }));
const Blocked = lazy(async () => ({ default: (await import('./blocked')).Blocked }));
const EmailComposer = lazy(async () => ({ default: (await import('./email-composer')).EmailComposer }));
const EmojiGrid = lazy(async () => ({ default: (await import('./emoji-grid')).EmojiGrid }));
const NoteComposer = lazy(async () => ({ default: (await import('./note-composer')).NoteComposer }));
const SentLater = lazy(async () => ({ default: (await import('./sent-later')).SentLater }));
const ScheduleDialog = lazy(async () => ({ default: (await import('./schedule-dialog')).ScheduleDialog }));
const TemplatePicker = lazy(async () => ({ default: (await import('./template-picker')).TemplatePicker }));

const words = text.composer;
const longestText = 4096;

export type ComposerHandle = {
  focus: () => void;
  reply: (message: Message) => void;
  note: () => void;
  addFiles: (files: Iterable<File>) => void;
};

type Parts = Extract<Sendable, { type: 'text' | 'media' }>;

type Mode = 'message' | 'email' | 'note';

/** What was begun is gone on with; else it goes the way of what was said so far. */
function firstMode(draft: Draft, { channels, whatsapp }: Conversation, byEmail: boolean): Mode {
  if (draft.text !== '') return 'message';
  if (draft.note !== '') return 'note';
  const email =
    draft.email !== '' || whatsapp === null || (channels.includes('email') && !channels.includes('whatsapp'));
  return byEmail && email ? 'email' : 'message';
}

/** Where one writes: to the person, or a note about them. What stands in the way is said instead, with the way out. */
export function Composer({
  ref,
  conversation,
  applicationId,
  messages,
  onTyping,
}: {
  ref?: Ref<ComposerHandle>;
  conversation: Conversation;
  applicationId?: string;
  messages: Message[];
  onTyping: () => void;
}) {
  const me = useMe();
  const { id: conversationId, person } = conversation;
  const [draft, setDraft] = useState<Draft>(() => readDraft(me.user.id, conversationId));
  const state = sendingState({ me, conversation, applicationId });
  const byEmail = conversation.email !== null && me.permissions.send && state.kind !== 'fromTray';
  const [mode, setMode] = useState<Mode>(() => firstMode(draft, conversation, byEmail));
  const [picker, setPicker] = useState<{ template: Template | null } | null>(null);
  const planned = useRoute('GET /api/v1/people/{personId}/planned', { params: { personId: person.id } });
  const scheduled = planned.data?.items.filter(({ kind }) => kind === 'scheduled') ?? [];
  const [later, setLater] = useState<{ message: Later; shown: string } | null>(null);
  const { attachments, add, remove, again, clear } = useAttachments('whatsapp');
  const emailFiles = useRef<((files: Iterable<File>) => void) | null>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const replyTo = messages.find(({ id }) => id === draft.replyToId) ?? null;
  const [announced, setAnnounced] = useState('');

  // kept on every change: nothing written is lost when the page goes away
  useEffect(() => keepDraft(me.user.id, conversationId, draft), [me.user.id, conversationId, draft]);
  const change = (next: Partial<Draft>) => setDraft((before) => ({ ...before, ...next }));

  /** The field may still be on its way, the other still there: it is looked for during some frames. */
  const focusSoon = (wanted: Mode, frames = 30): void =>
    void requestAnimationFrame(() => {
      const label =
        wanted === 'note' ? text.note.body : words[wanted === 'email' ? 'emailLabel' : 'label'](person.name);
      const fields = frame.current?.querySelectorAll('textarea') ?? [];
      const field = [...fields].find((each) => each.getAttribute('aria-label') === label);
      if (field) field.focus();
      else if (frames > 0) focusSoon(wanted, frames - 1);
    });
  useImperativeHandle(ref, () => ({
    focus: () => {
      if (mode === 'email') return focusSoon(mode);
      setMode('message');
      requestAnimationFrame(() =>
        (input.current ?? frame.current?.querySelector<HTMLElement>('button'))?.focus(),
      );
    },
    reply: (message) => {
      const written = message.channel === 'email' || message.channel === 'page';
      const chat = state.kind === 'free' || state.kind === 'templateOnly';
      const over = byEmail && (written || !chat) ? 'email' : 'message';
      setMode(over);
      change({ replyToId: message.id });
      focusSoon(over);
    },
    note: () => {
      setMode('note');
      focusSoon('note');
    },
    addFiles: (files) => {
      if (mode === 'email') return emailFiles.current?.(files);
      if (state.kind !== 'free') return;
      setMode('message');
      add(files);
    },
  }));

  const about = {
    ...(applicationId ? { applicationId } : {}),
    ...(draft.replyToId ? { replyToId: draft.replyToId } : {}),
  };
  const contentOf = ({ template, parameters }: ChosenTemplate) => ({
    templateId: template.id,
    ...(Object.keys(parameters).length > 0 ? { parameters } : {}),
    ...about,
  });
  /** What searched for the template goes with it; a text that was begun stays. */
  const textBeside = (): string => (draft.text.startsWith('/') ? '' : draft.text);

  function sendTemplate(chosen: ChosenTemplate) {
    setPicker(null);
    void send(conversationId, { type: 'template', ...contentOf(chosen) }, { body: chosen.body });
    change({ text: textBeside(), replyToId: null });
    setAnnounced(words.sentNotice);
    focusSoon('message');
  }

  /** Each file is a message, the text the caption of the first that takes one; none while a file is on its way. */
  function written(): { input: Parts; shown: { body: string | null; filename?: string } }[] {
    const said = draft.text.trim();
    const files = attachments.filter((each) => each.state !== 'failed');
    if (files.some((each) => each.state !== 'ready')) return [];
    const captioned = captionedFile(
      said,
      files.map((each) => each.media),
    );
    const parts = files.map(({ mediaId, file }, index) => {
      const caption = index === captioned ? said : undefined;
      return {
        input: { type: 'media' as const, mediaId: mediaId!, ...(caption ? { caption } : {}), ...about },
        shown: { body: caption ?? null, filename: file.name },
      };
    });
    if (said === '' || captioned !== -1) return parts;
    return [...parts, { input: { type: 'text', text: said, ...about }, shown: { body: said } }];
  }

  function sendMessage() {
    const parts = written();
    if (parts.length === 0) return;
    for (const { input: part, shown } of parts) void send(conversationId, part, shown);
    clear();
    change({ text: '', replyToId: null });
    setAnnounced(words.sentNotice);
  }

  function sendLater() {
    const parts = written();
    if (parts.length === 0) return;
    const said = draft.text.trim();
    const mediaIds = parts.flatMap(({ input: part }) => (part.type === 'media' ? part.mediaId : []));
    setLater({
      message: {
        ...(mediaIds.length > 0 ? { mediaIds } : {}),
        ...(said === '' ? {} : { text: said }),
        ...about,
      },
      shown: parts.map(({ shown }) => [shown.filename, shown.body].filter(Boolean).join('\n')).join('\n'),
    });
  }

  const replying = replyTo && (
    <ReplyingTo message={replyTo} personName={person.name} onCancel={() => change({ replyToId: null })} />
  );
  const tabs = conversation.can.note && (
    <Tabs
      label={words.mode}
      value={mode}
      onChange={(next) => {
        setMode(next);
        // who goes through the tabs by keyboard stays there
        if (!document.activeElement?.matches(':focus-visible')) focusSoon(next);
      }}
      panelId="composer-panel"
      items={[
        { value: 'message', label: words.message },
        ...(byEmail ? [{ value: 'email' as const, label: words.email }] : []),
        { value: 'note', label: words.note },
      ]}
      listClassName="border-b-0! mb-1.5 [&>button]:min-h-8!"
    />
  );

  return (
    <div
      ref={frame}
      className="shrink-0 border-t border-line bg-surface px-2 pt-1 print:hidden pb-[max(0.6rem,env(safe-area-inset-bottom))] sm:px-4"
    >
      {scheduled.length > 0 && (
        <Suspense fallback={null}>
          <SentLater sends={scheduled} />
        </Suspense>
      )}
      {tabs}
      <div id="composer-panel">
        {mode === 'note' && conversation.can.note ? (
          <Suspense fallback={null}>
            <NoteComposer
              personId={person.id}
              applicationId={applicationId}
              body={draft.note}
              noteFor={draft.noteFor}
              onChange={({ body, noteFor }) => change({ note: body, noteFor })}
              onSaved={() => {
                change({ note: '', noteFor: emptyDraft.noteFor });
                setMode('message');
                setAnnounced(text.note.saved);
                focusSoon('message');
              }}
            />
          </Suspense>
        ) : mode === 'email' && byEmail ? (
          <Suspense fallback={null}>
            <EmailComposer
              conversation={conversation}
              applicationId={applicationId}
              messages={messages}
              replyTo={replyTo}
              above={replying}
              body={draft.email}
              title={draft.title}
              cc={draft.cc}
              bcc={draft.bcc}
              onChange={change}
              filesRef={emailFiles}
              onSent={() => {
                change({ email: '', title: null, cc: [], bcc: [], replyToId: null });
                setAnnounced(words.sentNotice);
                focusSoon('email');
              }}
              onScheduled={() => {
                change({ email: '', title: null, cc: [], bcc: [], replyToId: null });
                focusSoon('email');
              }}
            />
          </Suspense>
        ) : state.kind === 'free' ? (
          <>
            {state.notice && <p className="px-2 pb-1.5 text-[0.87rem] text-warn">{state.notice}</p>}
            <MessageField
              inputRef={input}
              value={draft.text}
              personName={person.name}
              onChange={(value) => {
                change({ text: value });
                if (value !== '') onTyping();
              }}
              onSend={sendMessage}
              onLater={sendLater}
              onFiles={add}
              onTemplate={(template) => setPicker({ template })}
              sendable={
                (draft.text.trim() !== '' || attachments.some((each) => each.state === 'ready')) &&
                attachments.every((each) => each.state === 'ready' || each.state === 'failed')
              }
              above={
                <>
                  {replying}
                  {attachments.length > 0 && (
                    <Suspense fallback={null}>
                      <AttachmentList attachments={attachments} onRemove={remove} onAgain={again} />
                    </Suspense>
                  )}
                </>
              }
            />
          </>
        ) : (
          <Suspense fallback={null}>
            <Blocked
              state={state}
              conversation={conversation}
              onTemplate={() => setPicker({ template: null })}
            />
          </Suspense>
        )}
      </div>
      <p role="status" className="sr-only">
        {announced}
      </p>
      {later && (
        <Suspense fallback={null}>
          <ScheduleDialog
            conversationId={conversationId}
            channel="whatsapp"
            {...later}
            onClose={() => {
              setLater(null);
              focusSoon('message');
            }}
            onScheduled={() => {
              setLater(null);
              if (later.message.templateId) change({ text: textBeside(), replyToId: null });
              else {
                clear();
                change({ text: '', replyToId: null });
              }
              focusSoon('message');
            }}
          />
        </Suspense>
      )}
      {picker && (
        <Suspense fallback={null}>
          <TemplatePicker
            open
            onOpenChange={(open) => {
              if (open) return;
              setPicker(null);
              focusSoon('message');
            }}
            startWith={picker.template}
            personId={person.id}
            personName={person.name}
            applicationId={applicationId}
            channel="whatsapp"
            onSend={sendTemplate}
            onLater={(chosen) => {
              setPicker(null);
              setLater({ message: contentOf(chosen), shown: chosen.body });
            }}
          />
        </Suspense>
      )}
    </div>
  );
}

function MessageField({
  inputRef,
  value,
  personName,
  onChange,
  onSend,
  onLater,
  onFiles,
  onTemplate,
  sendable,
  above,
}: {
  inputRef: React.RefObject<HTMLTextAreaElement | null>;
  value: string;
  personName: string;
  onChange: (value: string) => void;
  onSend: () => void;
  onLater: () => void;
  onFiles: (files: Iterable<File>) => void;
  onTemplate: (template: Template | null) => void;
  sendable: boolean;
  above: React.ReactNode;
}) {
  const id = useId();
  const [enterSends, setEnterSends] = useState(() => readStored('enterSends', true));
  const [active, setActive] = useState(0);
  const [closedFor, setClosedFor] = useState<string | null>(null);
  const slash = /^\/([^\n/]{0,40})$/.exec(value);
  const templates = useApprovedTemplates(slash !== null);
  const matching = useMemo(
    () => (slash ? searchTemplates(templates.data?.items ?? [], slash[1]!).slice(0, 20) : []),
    [slash?.[1], templates.data],
  );
  const suggesting =
    slash !== null && closedFor !== value && (matching.length > 0 || templates.isPending || slash[1] === '');
  const tooLong = value.length > longestText;

  function onKeyDown(event: KeyboardEvent) {
    // an unfinished character of an input method is not a message
    if (event.nativeEvent.isComposing) return;
    if (suggesting && matching.length > 0) {
      const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
      if (step !== 0) setActive((active + step + matching.length) % matching.length);
      else if (event.key === 'Enter' || event.key === 'Tab') onTemplate(matching[active] ?? null);
      else if (event.key === 'Escape') setClosedFor(value);
      else return;
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (event.key !== 'Enter') return;
    const wanted = enterSends ? !event.shiftKey : event.ctrlKey || event.metaKey;
    if (!wanted && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    if (!tooLong) onSend();
  }

  function onPaste(event: ClipboardEvent) {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    onFiles(event.clipboardData.files);
  }

  function insert(emoji: string) {
    const area = inputRef.current;
    const [from, to] = [area?.selectionStart ?? value.length, area?.selectionEnd ?? value.length];
    onChange(value.slice(0, from) + emoji + value.slice(to));
    requestAnimationFrame(() => {
      area?.focus();
      area?.setSelectionRange(from + emoji.length, from + emoji.length);
    });
  }

  return (
    <div className="relative rounded-xl border border-line-strong bg-surface p-1 focus-within:outline-2 focus-within:outline-offset-1 focus-within:outline-focus">
      {suggesting && (
        <Suggestions
          id={id}
          label={text.templates.title}
          items={matching}
          active={active}
          keyOf={(template) => template.id}
          onHover={setActive}
          onChoose={onTemplate}
          empty={templates.isPending ? text.common.loading : text.templates.none}
        >
          {(template) => (
            <>
              <span className="font-medium">{readableName(template.name)}</span>{' '}
              <span className="text-[0.85rem] text-ink-2">{template.language}</span>
              <span className="block truncate text-ink-2">{template.body}</span>
            </>
          )}
        </Suggestions>
      )}
      {above}
      <AutoTextarea
        inputRef={inputRef}
        aria-autocomplete="list"
        aria-controls={suggesting ? id : undefined}
        aria-activedescendant={suggesting && matching[active] ? `${id}-${active}` : undefined}
        aria-label={words.label(personName)}
        aria-invalid={tooLong || undefined}
        placeholder={words.placeholder}
        value={value}
        onChange={(event) => {
          setActive(0);
          onChange(event.target.value);
        }}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
      />
      {value.length > longestText - 200 && (
        <p
          role="status"
          className={cx('px-2 text-right text-[0.82rem]', tooLong ? 'text-danger' : 'text-ink-2')}
        >
          {words.length(value.length, longestText)}
        </p>
      )}
      <div className="flex items-center gap-0.5">
        <AttachButton label={words.attach} iconOnly size="sm" onFiles={onFiles} />
        <IconButton
          label={words.template}
          icon={<FileText aria-hidden className="size-4.5" />}
          size="sm"
          onClick={() => onTemplate(null)}
        />
        <EmojiButton onChoose={insert} />
        <Menu
          label={words.options}
          align="start"
          trigger={
            <IconButton
              label={words.options}
              tooltip={false}
              icon={<Settings2 aria-hidden className="size-4.5" />}
              size="sm"
            />
          }
        >
          <MenuLabel>{words.enterKey}</MenuLabel>
          {[true, false].map((choice) => (
            <MenuItem
              key={String(choice)}
              icon={
                <span
                  aria-hidden
                  className={cx(
                    'size-2 rounded-full',
                    enterSends === choice ? 'bg-accent' : 'bg-transparent',
                  )}
                />
              }
              onSelect={() => {
                setEnterSends(choice);
                store('enterSends', choice);
              }}
            >
              {choice ? words.enterSends : words.enterBreaks}
              {enterSends === choice && <span className="sr-only">{words.chosen}</span>}
            </MenuItem>
          ))}
        </Menu>
        <span className="flex-1" />
        <IconButton
          label={words.later}
          icon={<CalendarClock aria-hidden className="size-4.5" />}
          size="sm"
          disabled={!sendable || tooLong}
          onClick={onLater}
        />
        <IconButton
          label={words.send}
          variant="primary"
          icon={<SendHorizontal aria-hidden className="size-4.5" />}
          className="size-9!"
          disabled={!sendable || tooLong}
          onClick={() => {
            onSend();
            inputRef.current?.focus();
          }}
        />
      </div>
    </div>
  );
}

function EmojiButton({ onChoose }: { onChoose: (emoji: string) => void }) {
  const [open, setOpen] = useState(false);
  return (
    <Popover
      label={words.emoji}
      align="start"
      open={open}
      onOpenChange={setOpen}
      className="grid grid-cols-8 gap-0.5"
      trigger={
        <IconButton
          label={words.emoji}
          tooltip={false}
          icon={<Smile aria-hidden className="size-4.5" />}
          size="sm"
        />
      }
    >
      <Suspense fallback={null}>
        <EmojiGrid
          onChoose={(emoji) => {
            setOpen(false);
            onChoose(emoji);
          }}
        />
      </Suspense>
    </Popover>
  );
}

function ReplyingTo({
  message,
  personName,
  onCancel,
}: {
  message: Message;
  personName: string;
  onCancel: () => void;
}) {
  return (
    <div className="mb-1 flex items-start gap-2 rounded-lg border-l-4 border-accent bg-sunken py-1 pr-1 pl-2">
      <p className="min-w-0 flex-1 text-[0.87rem]">
        <span className="block font-medium text-accent-text">
          {words.replyingTo(message.direction === 'in' ? personName : text.message.us)}
        </span>
        <span className="block truncate text-ink-2">{messageSummary(message)}</span>
      </p>
      <button
        type="button"
        aria-label={words.cancelReply}
        onClick={onCancel}
        className="flex size-7 items-center justify-center rounded-md hover:bg-hover"
      >
        <X aria-hidden className="size-4" />
      </button>
    </div>
  );
}
