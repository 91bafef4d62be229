import { X } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState, type DragEvent } from 'react';
import type { Conversation } from '../../../contracts/conversations';
import type { Message } from '../../../contracts/messages';
import { call } from '../api';
import { readStored, store } from '../local-store';
import { useMyPresence } from '../presence';
import { refresh, useAction, useMe, useRoute } from '../queries';
import { text } from '../text';
import { ErrorState, IconButton, LoadingRows, Skeleton, Tabs, toastError } from '../ui';
import { useMediaQuery } from '../use-media-query';
import { Composer, type ComposerHandle } from './composer';
import { ConversationHeader } from './conversation-header';
import { firstUnread } from './entries';
import type { MessageActions } from './message-bubble';
import { useOutgoing } from './outgoing';
import { sendingState } from './sending-state';
import { Thread, type JumpTarget } from './thread';
import { useConversation, type ConversationRef } from './use-conversation';
import { changeMessage, showMessage, useMessages } from './use-messages';
import { useReadMark } from './use-read-mark';

const DetailsPanel = lazy(async () => ({ default: (await import('./details-panel')).DetailsPanel }));
const DetailsSheet = lazy(async () => ({ default: (await import('./details-sheet')).DetailsSheet }));
const MessageDetails = lazy(async () => ({ default: (await import('./message-details')).MessageDetails }));
const Timeline = lazy(async () => ({ default: (await import('./timeline')).Timeline }));
const HeldMailNotice = lazy(async () => ({
  default: (await import('../held-mails/held-mail-notice')).HeldMailNotice,
}));
const RetryDialog = lazy(async () => ({ default: (await import('./retry-dialog')).RetryDialog }));
const Lightbox = lazy(async () => ({ default: (await import('./lightbox')).Lightbox }));

const words = text.conversation;

export type ConversationViewProps = ConversationRef & {
  /** The application it is about: opened from a vacancy's tray, as a match. */
  applicationId?: string;
  /** Jump to this message. */
  messageId?: string;
  /** Answer it. */
  reply?: boolean;
  /** As a tab of another page: no name link, no timeline of its own. */
  embedded?: boolean;
  onBack?: () => void;
};

/** A person's whole conversation with everything one does in it. Fills the height of its parent. */
export function ConversationView({
  applicationId,
  messageId,
  reply = false,
  embedded = false,
  onBack,
  ...ref
}: ConversationViewProps) {
  const query = useConversation(ref);
  if (query.isPending) return <Loading />;
  if (query.isError && !query.data) {
    return (
      <div className="flex h-full flex-col justify-center">
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      </div>
    );
  }
  return (
    <Loaded
      key={query.data.id}
      conversation={query.data}
      applicationId={applicationId}
      messageId={messageId}
      reply={reply}
      embedded={embedded}
      onBack={onBack}
    />
  );
}

function Loaded({
  conversation,
  applicationId,
  messageId,
  reply,
  embedded,
  onBack,
}: {
  conversation: Conversation;
  applicationId?: string;
  messageId?: string;
  reply: boolean;
  embedded: boolean;
  onBack?: () => void;
}) {
  const me = useMe();
  const { id, person } = conversation;
  const { query, thread, loadOlder, loadingOlder, olderError } = useMessages(id);
  const notes = useRoute('GET /api/v1/people/{personId}/notes', { params: { personId: person.id } });
  const privateMails = useRoute('GET /api/v1/people/{personId}/private-mails', {
    params: { personId: person.id },
    query: { limit: 100 },
  });
  const outgoing = useOutgoing(id);
  const messages = thread?.items ?? none;
  const composer = useRef<ComposerHandle>(null);
  const wide = useMediaQuery('(min-width: 80rem)');
  const [infoWanted, setInfoWanted] = useState(() => readStored('info', true));
  const [infoSheet, setInfoSheet] = useState(false);
  const [tab, setTab] = useState<'messages' | 'timeline'>('messages');
  const [detailsOf, setDetailsOf] = useState<string | null>(null);
  const [imageOf, setImageOf] = useState<string | null>(null);
  const [retrying, setRetrying] = useState<Message | null>(null);
  const [dropping, setDropping] = useState(false);
  const [jump, setJump] = useState<JumpTarget>(null);
  const firstNewId = useFirstNew(conversation, thread ? messages : null);
  const onTyping = useMyPresence(id);
  const state = sendingState({ me, conversation, applicationId });
  const canWrite =
    state.kind === 'free' ||
    state.kind === 'templateOnly' ||
    (conversation.email !== null && me.permissions.send && state.kind !== 'fromTray');
  useReadMark(id, conversation.unread, messages.at(-1)?.id);

  const jumpTo = useCallback((target: string) => {
    setTab('messages');
    setJump((before) => ({ messageId: target, nonce: (before?.nonce ?? 0) + 1 }));
  }, []);
  const loaded = thread !== undefined;
  const answered = reply ? messages.find(({ id: each }) => each === messageId) : undefined;
  useEffect(() => {
    if (messageId && loaded) jumpTo(messageId);
    if (answered) composer.current?.reply(answered);
  }, [messageId, loaded, answered?.id, jumpTo]);

  const retry = useAction('POST /api/v1/messages/{messageId}/retry', {
    onSuccess: (message, { params }) => {
      showMessage(message);
      changeMessage(id, params.messageId, (before) => ({
        ...before,
        canRetry: false,
        retriedById: message.id,
      }));
      refresh('GET /api/v1/conversations/{conversationId}/messages', 'GET /api/v1/conversations');
    },
  });
  const { mutateAsync: retryNow } = retry;
  const myName = `${me.user.firstName} ${me.user.lastName}`;
  const actions = useMemo<Omit<MessageActions, 'activate'>>(
    () => ({
      reply: (message) => composer.current?.reply(message),
      react: (message, emoji) => {
        const before = message.reactions;
        const others = before.filter(({ by }) => by !== 'user');
        const reactions = emoji === '' ? others : [...others, { by: 'user' as const, name: myName, emoji }];
        changeMessage(id, message.id, (each) => ({ ...each, reactions }));
        call('PUT /api/v1/messages/{messageId}/reaction', {
          params: { messageId: message.id },
          body: { emoji },
        }).catch((error: unknown) => {
          changeMessage(id, message.id, (each) => ({ ...each, reactions: before }));
          toastError(error);
        });
      },
      // nobody knows whether it arrived: sending again is a decision
      retry: (message) =>
        message.state === 'unknown' || message.state === 'unconfirmed'
          ? setRetrying(message)
          : void retryNow({ params: { messageId: message.id } }).catch(toastError),
      details: setDetailsOf,
      jump: jumpTo,
      openImage: (message) => setImageOf(message.id),
    }),
    [id, myName, jumpTo, retryNow],
  );

  useShortcuts({ composer, onInfo: () => toggleInfo() });
  function toggleInfo() {
    if (!wide) return setInfoSheet(true);
    setInfoWanted(!infoWanted);
    store('info', !infoWanted);
  }

  function onDrop(event: DragEvent) {
    setDropping(false);
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    composer.current?.addFiles(event.dataTransfer.files);
  }

  const threadView =
    query.isPending || !thread ? (
      query.isError ? (
        <ErrorState className="flex-1" error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <ThreadLoading />
      )
    ) : (
      <Thread
        messages={messages}
        notes={notes.data?.items ?? noNotes}
        privateMails={privateMails.data?.items ?? noNotes}
        outgoing={outgoing}
        complete={thread.olderCursor === null}
        personName={person.name}
        firstNewId={firstNewId}
        canWrite={canWrite}
        actions={actions}
        jump={jump}
        loadOlder={loadOlder}
        loadingOlder={loadingOlder}
        olderError={olderError}
      />
    );

  return (
    <div className="flex h-full min-h-0">
      <section
        aria-label={words.label(person.name)}
        className="relative flex min-h-0 min-w-0 flex-1 flex-col"
        onDragOver={(event) => {
          if (state.kind !== 'free' || !event.dataTransfer.types.includes('Files')) return;
          event.preventDefault();
          setDropping(true);
        }}
        onDragLeave={(event) => {
          if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setDropping(false);
        }}
        onDrop={onDrop}
      >
        <ConversationHeader
          conversation={conversation}
          applicationId={applicationId}
          embedded={embedded}
          onBack={onBack}
          infoOpen={wide ? infoWanted : infoSheet}
          onToggleInfo={toggleInfo}
          tabs={
            !embedded && (
              <Tabs
                label={words.tabs}
                value={tab}
                onChange={setTab}
                panelId="conversation-panel"
                items={[
                  { value: 'messages', label: words.messages },
                  { value: 'timeline', label: words.timeline },
                ]}
                listClassName="border-b-0!"
              />
            )
          }
        />
        {conversation.heldMails > 0 && (
          <Suspense fallback={null}>
            <HeldMailNotice count={conversation.heldMails} personId={person.id} />
          </Suspense>
        )}
        {tab === 'messages' ? (
          <div id="conversation-panel" className="flex min-h-0 flex-1 flex-col">
            {threadView}
            <Composer
              ref={composer}
              conversation={conversation}
              applicationId={applicationId}
              messages={messages}
              onTyping={onTyping}
            />
          </div>
        ) : (
          <div id="conversation-panel" className="scroll-y min-h-0 flex-1">
            <Suspense fallback={<LoadingRows rows={6} />}>
              <Timeline personId={person.id} onViewMessage={({ id: target }) => jumpTo(target)} />
            </Suspense>
          </div>
        )}
        {dropping && (
          <div className="pointer-events-none absolute inset-2 z-30 flex items-center justify-center rounded-2xl border-2 border-dashed border-accent bg-accent-soft/90 font-display text-xl font-semibold text-accent-text">
            {words.dropHere}
          </div>
        )}
      </section>
      {wide && infoWanted && (
        <aside
          aria-label={text.info.title}
          className="scroll-y w-80 shrink-0 border-l border-line bg-surface px-5 py-4 print:hidden"
        >
          <div className="mb-2 flex items-center justify-between">
            <h2 className="font-display text-lg font-semibold">{text.info.title}</h2>
            <IconButton
              label={text.common.close}
              size="sm"
              icon={<X aria-hidden className="size-4" />}
              onClick={toggleInfo}
            />
          </div>
          <Suspense fallback={<LoadingRows rows={3} />}>
            <DetailsPanel conversation={conversation} />
          </Suspense>
        </aside>
      )}
      <Suspense fallback={null}>
        {!wide && infoSheet && (
          <DetailsSheet conversation={conversation} onClose={() => setInfoSheet(false)} />
        )}
        {detailsOf && <MessageDetails messageId={detailsOf} onClose={() => setDetailsOf(null)} />}
        {imageOf && (
          <Lightbox
            images={messages.filter(({ kind, media }) => kind === 'image' && media?.url)}
            messageId={imageOf}
            onChange={setImageOf}
          />
        )}
        {retrying && (
          <RetryDialog
            onConfirm={() => retryNow({ params: { messageId: retrying.id } })}
            onClose={() => setRetrying(null)}
          />
        )}
      </Suspense>
    </div>
  );
}

const none: Message[] = [];
const noNotes: never[] = [];

/** Where the unread messages begin, as it was on opening, and anew when one comes back to the tab. */
function useFirstNew(conversation: Conversation, messages: Message[] | null): string | null {
  const [firstNew, setFirstNew] = useState<string | null>(null);
  const decided = useRef(false);
  const latest = useRef({ conversation, messages });
  latest.current = { conversation, messages };
  if (!decided.current && messages) {
    decided.current = true;
    setFirstNew(firstUnread(messages, conversation.unread));
  }
  useEffect(() => {
    const onVisible = () => {
      const now = latest.current;
      if (!document.hidden && now.messages && now.conversation.unread > 0)
        setFirstNew(firstUnread(now.messages, now.conversation.unread));
    };
    document.addEventListener('visibilitychange', onVisible);
    return () => document.removeEventListener('visibilitychange', onVisible);
  }, []);
  return firstNew;
}

/** `r` or `c` to write, `n` for a note, `i` for the details; never while one is typing. */
function useShortcuts({
  composer,
  onInfo,
}: {
  composer: React.RefObject<ComposerHandle | null>;
  onInfo: () => void;
}) {
  const info = useRef(onInfo);
  info.current = onInfo;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (target.closest('input, textarea, select, [contenteditable], [role="dialog"], [role="menu"]'))
        return;
      if (event.key === 'c' || event.key === 'r') composer.current?.focus();
      else if (event.key === 'n') composer.current?.note();
      else if (event.key === 'i') info.current();
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [composer]);
}

function Loading() {
  return (
    <div className="flex h-full flex-col">
      <div
        role="status"
        aria-label={text.common.loading}
        className="flex items-center gap-3 border-b border-line px-4 py-3"
      >
        <Skeleton className="size-10 rounded-full" />
        <div className="space-y-2">
          <Skeleton className="h-4 w-40" />
          <Skeleton className="h-3 w-56" />
        </div>
      </div>
      <ThreadLoading />
    </div>
  );
}

function ThreadLoading() {
  return (
    <div
      role="status"
      aria-label={text.common.loading}
      className="flex flex-1 flex-col justify-end gap-3 bg-sunken p-6"
    >
      <Skeleton className="h-12 w-56 rounded-2xl" />
      <Skeleton className="h-16 w-72 self-end rounded-2xl" />
      <Skeleton className="h-10 w-48 rounded-2xl" />
      <Skeleton className="h-12 w-64 self-end rounded-2xl" />
    </div>
  );
}
