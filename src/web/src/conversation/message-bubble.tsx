import { Bot, RotateCcw, TriangleAlert } from 'lucide-react';
import { lazy, memo, Suspense } from 'react';
import type { Message } from '../../../contracts/messages';
import { splitSignature } from '../../../domain/signature';
import { clockTime, exactTime } from '../format';
import { text } from '../text';
import { Button, ChannelIcon, cx, MessageTicks } from '../ui';
import { MessageContacts, MessageLocation, MessageMedia } from './media';
import { RichText } from './rich-text';
import { messageSummary } from './summary';

/** What can be done with a message; stable, so that bubbles are drawn again only when they change. */
export type MessageActions = {
  activate: (messageId: string) => void;
  reply: (message: Message) => void;
  react: (message: Message, emoji: string) => void;
  retry: (message: Message) => void;
  details: (messageId: string) => void;
  jump: (messageId: string) => void;
  openImage: (message: Message) => void;
};

const words = text.message;

const MessageToolbar = lazy(async () => ({ default: (await import('./message-toolbar')).MessageToolbar }));
const CopiedTo = lazy(async () => ({ default: (await import('./copied-to')).CopiedTo }));
const MailParts = lazy(async () => ({ default: (await import('./mail-parts')).MailParts }));

export const MessageBubble = memo(function MessageBubble({
  message,
  personName,
  joined,
  reachable,
  active,
  highlighted,
  canWrite,
  actions,
}: {
  message: Message;
  personName: string;
  /** Goes on from the message above: the author is not repeated. */
  joined: boolean;
  reachable: boolean;
  active: boolean;
  highlighted: boolean;
  canWrite: boolean;
  actions: MessageActions;
}) {
  const out = message.direction === 'out';
  const automatic = out && message.origin !== 'manual';
  const broken = message.reason !== null && isBroken(message);
  const bare = message.kind === 'sticker';

  return (
    <article
      data-entry={message.id}
      tabIndex={reachable ? 0 : -1}
      aria-label={label(message, personName)}
      onPointerEnter={() => actions.activate(message.id)}
      onFocus={() => actions.activate(message.id)}
      onClick={() => actions.activate(message.id)}
      className={cx(
        'group relative flex px-3 sm:px-6',
        joined ? 'pt-1' : 'pt-3',
        // a box that goes on over the page
        'print:block',
        out ? 'justify-end' : 'justify-start',
      )}
    >
      <div
        className={cx(
          'flex max-w-[85%] flex-col sm:max-w-[70%] print:block print:w-fit',
          out ? 'items-end print:ml-auto' : 'items-start',
        )}
      >
        {!joined && <Author message={message} personName={personName} />}
        <div className="relative max-w-full">
          <div
            className={cx(
              'min-w-0 rounded-2xl',
              !bare && 'border px-3 pt-2 pb-1.5',
              !bare &&
                (out
                  ? 'rounded-br-md border-transparent print:border-line-strong'
                  : 'rounded-bl-md border-line bg-bubble-in'),
              !bare && out && (automatic ? 'bg-auto-soft' : 'bg-bubble-out'),
              broken && 'border-danger! bg-danger-soft!',
              highlighted && 'ring-3 ring-accent',
            )}
          >
            {message.replyTo && <Quote message={message} personName={personName} onJump={actions.jump} />}
            <Content message={message} actions={actions} />
            <Footer message={message} onDetails={actions.details} />
          </div>
          {active && (
            <Suspense fallback={null}>
              <MessageToolbar message={message} canWrite={canWrite} actions={actions} />
            </Suspense>
          )}
        </div>
        <Reactions message={message} canWrite={canWrite} actions={actions} />
        {isBroken(message) && <Failure message={message} canWrite={canWrite} actions={actions} />}
        {(message.reason === 'email_delayed' || message.reason === 'copies_refused') &&
          !isBroken(message) && (
            <p className="mt-1 max-w-md px-1 text-right text-[0.87rem] text-warn">
              {message.reasonText} {message.reason === 'copies_refused' && message.reasonDetail}
            </p>
          )}
      </div>
    </article>
  );
});

function isBroken({ state }: Message): boolean {
  return (
    state === 'failed' ||
    state === 'suppressed' ||
    state === 'unknown' ||
    state === 'unconfirmed' ||
    state === 'cancelled'
  );
}

function Author({ message, personName }: { message: Message; personName: string }) {
  const out = message.direction === 'out';
  return (
    <p className="mb-0.5 flex max-w-full flex-wrap items-center gap-x-1.5 px-1 text-[0.82rem] text-ink-2">
      {out && message.origin !== 'manual' && (
        <span className="inline-flex items-center gap-1 font-medium text-auto">
          <Bot aria-hidden className="size-3.5" />
          {words.origins[message.origin]}
        </span>
      )}
      <span>{out ? senderOf(message) : personName}</span>
      {message.template && <span>· {words.template(message.template.name)}</span>}
    </p>
  );
}

/** A user; or the notification address that answered by mail (R-MAIL-2). */
const senderOf = ({ sender, mail }: Message) => sender?.name ?? mail?.from.address;

function Content({ message, actions }: { message: Message; actions: MessageActions }) {
  const { kind, title, body, media, location, contacts, buttons, mail, attachments, copies } = message;
  // WhatsApp's projection repeats the name of a place or a contact as the text
  const told = location?.name ?? contacts?.map(({ name }) => name).join(', ');
  const said = mail && body !== null ? splitSignature(body).text : body;
  const shownBody = said !== null && said !== told ? said : null;
  const nothing = !body && !media && !location && !contacts && !title && !attachments[0];
  return (
    <>
      {media && <MessageMedia message={message} onOpenImage={actions.openImage} />}
      {location && <MessageLocation location={location} />}
      {contacts && <MessageContacts contacts={contacts} />}
      {title && <p className="font-semibold break-words">{title}</p>}
      {copies && (
        <Suspense fallback={null}>
          <CopiedTo copies={copies} />
        </Suspense>
      )}
      {shownBody && (
        <p className={media ? 'mt-1.5' : undefined}>
          <RichText text={shownBody} />
        </p>
      )}
      {(mail ?? attachments[0]) && (
        <Suspense fallback={null}>
          <MailParts message={message} />
        </Suspense>
      )}
      {nothing && (
        <p className="text-ink-2 italic">{kind === 'unsupported' ? words.unsupported : text.kinds[kind]}</p>
      )}
      {buttons.length > 0 && (
        <ul aria-label={words.buttons} className="mt-2 space-y-1 border-t border-line-strong/40 pt-1.5">
          {buttons.map((button) => (
            <li key={button.text} className="text-center text-[0.9rem] font-medium text-accent-text">
              {button.text}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Footer({ message, onDetails }: { message: Message; onDetails: (messageId: string) => void }) {
  const time = clockTime(message.occurredAt);
  // R-LOG-2: only once the provider accepted it
  const accepted = message.direction === 'in' || message.sentAt !== null;
  return (
    <button
      type="button"
      tabIndex={-1}
      title={exactTime(message.occurredAt)}
      aria-label={words.showDetails(
        accepted ? text.channels[message.channel] : null,
        time,
        text.messageStates[message.state],
      )}
      onClick={() => onDetails(message.id)}
      className="mt-0.5 ml-auto flex min-h-6 items-center gap-1 rounded text-[0.78rem] text-ink-2 hover:underline"
    >
      {accepted && <ChannelIcon channel={message.channel} className="size-3" />}
      <time dateTime={message.occurredAt}>{time}</time>
      <MessageTicks state={message.state} />
    </button>
  );
}

function Quote({
  message,
  personName,
  onJump,
}: {
  message: Message;
  personName: string;
  onJump: (messageId: string) => void;
}) {
  const replyTo = message.replyTo!;
  return (
    <button
      type="button"
      tabIndex={-1}
      onClick={() => onJump(replyTo.id)}
      aria-label={words.jumpToQuoted}
      className="mb-1.5 block w-full min-w-0 rounded-lg border-l-4 border-accent bg-[color-mix(in_oklab,var(--ink)_6%,transparent)] px-2 py-1 text-left text-[0.87rem]"
    >
      <span className="block font-medium text-accent-text">
        {replyTo.direction === 'in' ? personName : words.us}
      </span>
      <span className="line-clamp-2 break-words text-ink-2">{messageSummary(replyTo)}</span>
    </button>
  );
}

function Reactions({
  message,
  canWrite,
  actions,
}: {
  message: Message;
  canWrite: boolean;
  actions: MessageActions;
}) {
  if (message.reactions.length === 0) return null;
  return (
    <ul aria-label={words.reactions} className="z-10 -mt-1.5 flex gap-1 px-2">
      {message.reactions.map(({ by, name, emoji }) => {
        const look = 'inline-flex h-7 items-center rounded-full border border-line bg-surface px-2 text-sm';
        return (
          <li key={by + name}>
            {by === 'user' && canWrite ? (
              <button
                type="button"
                className={cx(look, 'hover:bg-hover')}
                aria-label={words.takeBack(emoji)}
                onClick={() => actions.react(message, '')}
              >
                {emoji}
              </button>
            ) : (
              <span className={look} title={name}>
                <span className="sr-only">{name}: </span>
                {emoji}
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** Why a message did not arrive, what to do about it, and another try where that makes sense. */
function Failure({
  message,
  canWrite,
  actions,
}: {
  message: Message;
  canWrite: boolean;
  actions: MessageActions;
}) {
  const doubtful = message.state === 'unknown';
  return (
    <div
      className={cx(
        'mt-1 flex max-w-md flex-col items-end gap-1 px-1 text-[0.87rem]',
        doubtful ? 'text-warn' : 'text-danger',
      )}
    >
      <p className="flex items-start gap-1.5">
        <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
        <span>
          <strong className="font-semibold">{text.messageStates[message.state]}.</strong>{' '}
          {doubtful ? words.unknownHint : (message.reasonText ?? '')}
        </span>
      </p>
      {message.retriedById ? (
        <button
          type="button"
          className="rounded underline underline-offset-2"
          onClick={() => actions.jump(message.retriedById!)}
        >
          {words.retried}
        </button>
      ) : (
        message.canRetry &&
        canWrite && (
          <Button
            size="sm"
            icon={<RotateCcw aria-hidden className="size-3.5" />}
            onClick={() => actions.retry(message)}
          >
            {text.errors.retry}
          </Button>
        )
      )}
    </div>
  );
}

function label(message: Message, personName: string): string {
  const who =
    message.direction === 'in'
      ? personName
      : (senderOf(message) ?? words.origins[message.origin === 'person' ? 'manual' : message.origin]);
  return `${who}, ${clockTime(message.occurredAt)}: ${messageSummary(message)}`;
}
