import {
  ArrowLeft,
  ArrowRightLeft,
  CircleCheck,
  Ellipsis,
  ExternalLink,
  Hand,
  Info,
  MessageSquareOff,
  Send,
  UserRound,
} from 'lucide-react';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import type { Conversation } from '../../../contracts/conversations';
import { useNow } from '../clock';
import { paths } from '../paths';
import { useViewers } from '../presence';
import { useAction, useMe } from '../queries';
import { SendDialog } from '../send';
import { text } from '../text';
import {
  Avatar,
  Badge,
  Button,
  Countdown,
  cx,
  IconButton,
  Menu,
  MenuItem,
  MenuLink,
  StatusDot,
  toast,
  toastError,
  WaitingTime,
} from '../ui';
import { useMediaQuery } from '../use-media-query';
import { showConversation } from './use-conversation';

const HandOverDialog = lazy(async () => ({ default: (await import('./hand-over-dialog')).HandOverDialog }));

const words = text.header;

/** Who this is, how the chat stands, who else is here, and what can be done with the chat. */
export function ConversationHeader({
  conversation,
  applicationId,
  embedded,
  onBack,
  infoOpen,
  onToggleInfo,
  tabs,
}: {
  conversation: Conversation;
  applicationId?: string;
  embedded: boolean;
  onBack?: () => void;
  infoOpen: boolean;
  onToggleInfo: () => void;
  tabs?: ReactNode;
}) {
  const { person } = conversation;
  // alone on a phone's screen it is the page's heading
  const beside = useMediaQuery('(min-width: 64rem)');
  return (
    <header className="shrink-0 border-b border-line bg-surface">
      <div className="flex items-center gap-2.5 px-2 pt-2 sm:px-4">
        {onBack && (
          <IconButton
            label={words.back}
            tooltip={false}
            icon={<ArrowLeft aria-hidden className="size-5" />}
            onClick={onBack}
            className="lg:hidden"
          />
        )}
        {!embedded && <Avatar name={person.name} />}
        <div className="min-w-0 flex-1">
          <div
            role="heading"
            aria-level={embedded || beside ? 2 : 1}
            className="flex min-w-0 items-center gap-2 font-display text-lg leading-tight font-semibold"
          >
            {embedded ? (
              <span className="truncate">{person.name}</span>
            ) : (
              <Link href={paths.person(person.id)} className="truncate rounded-sm hover:underline">
                {person.name}
              </Link>
            )}
          </div>
          <p className="flex flex-wrap items-center gap-x-2 text-[0.87rem] text-ink-2">
            <Owner conversation={conversation} />
            {person.employerName && <span className="max-sm:hidden">· {person.employerName}</span>}
            {person.toReview && <Badge tone="warn">{words.toReview}</Badge>}
          </p>
          {embedded && <ChatFacts conversation={conversation} embedded />}
        </div>
        <Commands conversation={conversation} applicationId={applicationId} embedded={embedded} />
        <IconButton
          label={infoOpen ? words.hideInfo : words.showInfo}
          aria-expanded={infoOpen}
          icon={<Info aria-hidden className="size-5" />}
          onClick={onToggleInfo}
          className={cx(infoOpen && 'bg-accent-soft! text-accent-text!')}
        />
      </div>
      {embedded ? (
        <div className="pb-2" />
      ) : (
        <div className="flex flex-wrap-reverse items-center justify-between gap-x-4 px-2 sm:px-3">
          {tabs}
          <ChatFacts conversation={conversation} />
        </div>
      )}
      <Presence conversationId={conversation.id} />
    </header>
  );
}

/** A second line on a phone. */
const aside = "sm:before:content-['·_']";

/** `● Active · you own it`, `● Open · last owner: Ana Ruiz`. */
function Owner({ conversation }: { conversation: Conversation }) {
  const me = useMe();
  const { status, owner, lastOwner } = conversation;
  const name = (user: { id: string; name: string }) => (user.id === me.user.id ? text.common.you : user.name);
  return (
    <>
      <StatusDot status={status} className="font-medium text-ink" />
      {status === 'active' && owner && <span className={aside}>{words.owner(name(owner))}</span>}
      {status !== 'active' && lastOwner && <span className={aside}>{words.lastOwner(name(lastOwner))}</span>}
    </>
  );
}

/** What runs out when: the chat's status and the window for free text; how long the person has been waiting. */
function ChatFacts({ conversation, embedded = false }: { conversation: Conversation; embedded?: boolean }) {
  const now = useNow('halfMinute');
  // one line on a phone
  const short = !useMediaQuery('(min-width: 40rem)');
  const { status, deadlineAt, windowUntil, unanswered, unansweredSince, whatsapp } = conversation;
  const windowOpen = windowUntil !== null && Date.parse(windowUntil) > now;
  return (
    <p
      className={cx(
        'flex flex-wrap items-center gap-x-3 text-[0.85rem] text-ink-2',
        !embedded && 'min-h-9 px-2 max-sm:min-h-7',
      )}
    >
      {unanswered && unansweredSince && (
        <span className="font-semibold text-warn">
          {words.waiting} <WaitingTime since={unansweredSince} short={short} />
        </span>
      )}
      {deadlineAt && (
        <span>
          {status === 'active' ? words.activeFor : words.openFor}{' '}
          <Countdown until={deadlineAt} over={words.over} short={short} />
        </span>
      )}
      {windowOpen ? (
        <span>
          {words.windowFor} <Countdown until={windowUntil} over={words.over} short={short} />
        </span>
      ) : (
        whatsapp && <span>{words.windowClosed}</span>
      )}
    </p>
  );
}

function Commands({
  conversation,
  applicationId,
  embedded,
}: {
  conversation: Conversation;
  applicationId?: string;
  embedded: boolean;
}) {
  const me = useMe();
  // beside a file it is a button of the file's
  const canSend = !embedded && me.permissions.send && !me.permissions.sendOnlyFromTray;
  const [sending, setSending] = useState(false);
  const { id: conversationId, can, unanswered } = conversation;
  // R-ROLE-3: an interviewer starts a chat from the tray
  const canStart = can.start && (!me.permissions.sendOnlyFromTray || applicationId !== undefined);
  const [handingOver, setHandingOver] = useState(false);
  const done = (title: string) => ({
    onSuccess: (next: Conversation) => {
      showConversation(next);
      toast({ tone: 'ok' as const, title });
    },
    onError: toastError,
  });
  const start = useAction('POST /api/v1/conversations/{conversationId}/start', done(words.started));
  const close = useAction('POST /api/v1/conversations/{conversationId}/close', done(words.closed));
  const dismiss = useAction('POST /api/v1/conversations/{conversationId}/dismiss', done(words.dismissed));
  const params = { conversationId };
  const doStart = () => start.mutate({ params, body: applicationId ? { applicationId } : {} });
  const doClose = () => close.mutate({ params, body: {} });
  const doDismiss = () => dismiss.mutate({ params });
  const icon = 'size-4';

  return (
    <>
      <div className="hidden items-center gap-2 md:flex">
        {canStart && (
          <Button
            size="sm"
            busy={start.isPending}
            icon={<Hand aria-hidden className={icon} />}
            onClick={doStart}
          >
            {words.start}
          </Button>
        )}
        {can.close && (
          <Button
            size="sm"
            busy={close.isPending}
            icon={<MessageSquareOff aria-hidden className={icon} />}
            onClick={doClose}
          >
            {words.close}
          </Button>
        )}
      </div>
      <Menu
        label={words.more}
        trigger={
          <IconButton label={words.more} tooltip={false} icon={<Ellipsis aria-hidden className="size-5" />} />
        }
      >
        {canSend && (
          <MenuItem icon={<Send aria-hidden className={icon} />} onSelect={() => setSending(true)}>
            {text.common.sendMessage}
          </MenuItem>
        )}
        {canStart && (
          <MenuItem icon={<Hand aria-hidden className={icon} />} onSelect={doStart}>
            {words.start}
          </MenuItem>
        )}
        {can.close && (
          <MenuItem icon={<MessageSquareOff aria-hidden className={icon} />} onSelect={doClose}>
            {words.close}
          </MenuItem>
        )}
        {can.handOver && (
          <MenuItem
            icon={<ArrowRightLeft aria-hidden className={icon} />}
            onSelect={() => setHandingOver(true)}
          >
            {words.handOver}
          </MenuItem>
        )}
        {can.dismiss && unanswered && (
          <MenuItem icon={<CircleCheck aria-hidden className={icon} />} onSelect={doDismiss}>
            {words.dismiss}
          </MenuItem>
        )}
        <MenuLink
          href={paths.person(conversation.person.id)}
          icon={<UserRound aria-hidden className={icon} />}
        >
          {text.info.openFile}
        </MenuLink>
        {conversation.workflowUrl && (
          <MenuLink
            href={conversation.workflowUrl}
            external
            icon={<ExternalLink aria-hidden className={icon} />}
          >
            {text.info.workflow}
          </MenuLink>
        )}
      </Menu>
      <Suspense fallback={null}>
        {sending && (
          <SendDialog
            to={{ kind: 'one', personId: conversation.person.id, conversationId }}
            who={conversation.person.name}
            onClose={() => setSending(false)}
          />
        )}
        {handingOver && <HandOverDialog conversation={conversation} open onOpenChange={setHandingOver} />}
      </Suspense>
    </>
  );
}

/** Colleagues who are here as well. */
function Presence({ conversationId }: { conversationId: string }) {
  const me = useMe();
  const viewers = useViewers(conversationId).filter(({ id }) => id !== me.user.id);
  const typing = viewers.filter((viewer) => viewer.typing).map(({ name }) => name);
  const viewing = viewers.filter((viewer) => !viewer.typing).map(({ name }) => name);
  return (
    <p
      role="status"
      title={[...typing, ...viewing].join(', ') || undefined}
      className={cx('text-[0.85rem] text-accent-text', viewers.length > 0 && 'bg-accent-soft px-4 py-1')}
    >
      {typing.length > 0 && words.typing(typing)} {viewing.length > 0 && words.viewing(viewing)}
    </p>
  );
}
