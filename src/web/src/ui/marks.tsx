import {
  Ban,
  Check,
  CheckCheck,
  CircleHelp,
  Clock,
  Globe,
  Mail,
  MessageSquareText,
  OctagonAlert,
} from 'lucide-react';
import { memo, type ReactNode } from 'react';
import type { Channel } from '../../../contracts/common';
import type { ChatStatus } from '../../../contracts/conversations';
import type { MessageState } from '../../../contracts/messages';
import { initials } from '../format';
import { text } from '../text';
import { cx } from './cx';

const hues = [12, 45, 84, 140, 175, 205, 238, 275, 320];

/** Initials on a colour that belongs to the name. Decorative: the name itself always stands beside it. */
export const Avatar = memo(function Avatar({
  name,
  size = 'md',
}: {
  name: string;
  size?: 'sm' | 'md' | 'lg';
}) {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)!) % 997;
  const hue = hues[sum % hues.length]!;
  return (
    <span
      aria-hidden
      style={{
        backgroundColor: `light-dark(oklch(0.91 0.045 ${hue}), oklch(0.34 0.05 ${hue}))`,
        color: `light-dark(oklch(0.36 0.07 ${hue}), oklch(0.9 0.05 ${hue}))`,
      }}
      className={cx(
        'inline-flex shrink-0 items-center justify-center rounded-full font-semibold select-none',
        size === 'sm' && 'size-7 text-[0.72rem]',
        size === 'md' && 'size-10 text-[0.85rem]',
        size === 'lg' && 'size-14 text-lg',
      )}
    >
      {initials(name)}
    </span>
  );
});

const dots: Record<ChatStatus, string> = {
  active: 'bg-dot-active',
  open: 'bg-dot-open',
  closed: 'bg-dot-closed',
};

/** R-CHAT-10: green, grey, red, and always the word. */
export function StatusDot({ status, className }: { status: ChatStatus; className?: string }) {
  return (
    <span className={cx('inline-flex items-center gap-1.5 whitespace-nowrap', className)}>
      <span aria-hidden className={cx('size-2 shrink-0 rounded-full', dots[status])} />
      {text.status[status]}
    </span>
  );
}

type Tone = 'neutral' | 'accent' | 'warn' | 'danger' | 'ok' | 'auto' | 'note';
const tones: Record<Tone, string> = {
  neutral: 'bg-hover text-ink-2',
  accent: 'bg-accent-soft text-accent-text',
  warn: 'bg-warn-soft text-warn',
  danger: 'bg-danger-soft text-danger',
  ok: 'bg-ok-soft text-ok',
  auto: 'bg-auto-soft text-auto',
  note: 'bg-note-soft text-note',
};

export function Badge({
  tone = 'neutral',
  icon,
  children,
}: {
  tone?: Tone;
  icon?: ReactNode;
  children: ReactNode;
}) {
  return (
    <span
      className={cx(
        'inline-flex items-center gap-1 rounded-md px-1.5 py-0.5 text-[0.8rem] leading-snug font-medium whitespace-nowrap',
        tones[tone],
      )}
    >
      {icon}
      {children}
    </span>
  );
}

/** A number on something; `label` says what is counted. Nothing at zero. */
export function CountBadge({
  count,
  label,
  className,
}: {
  count: number;
  label: string;
  className?: string;
}) {
  if (count <= 0) return null;
  return (
    <span
      className={cx(
        'inline-flex min-w-5 items-center justify-center rounded-full bg-warn px-1.5 text-[0.76rem] leading-5 font-semibold text-surface tabular-nums',
        className,
      )}
    >
      <span aria-hidden>{count > 99 ? '99+' : count}</span>
      <span className="sr-only">
        {count} {label}
      </span>
    </span>
  );
}

export function ChannelIcon({ channel, className = 'size-4' }: { channel: Channel; className?: string }) {
  const label = text.channels[channel];
  if (channel === 'whatsapp') return <WhatsAppMark label={label} className={className} />;
  const Icon = channel === 'email' ? Mail : channel === 'sms' ? MessageSquareText : Globe;
  return <Icon role="img" aria-label={label} className={cx('shrink-0', className)} />;
}

function WhatsAppMark({ label, className }: { label: string; className: string }) {
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.9"
      className={cx('shrink-0', className)}
    >
      <path d="M3.4 20.6 4.7 16a8.8 8.8 0 1 1 3.4 3.3z" strokeLinejoin="round" />
      <path
        d="M8.9 8c.3-.5.9-.5 1.1 0l.6 1.4c.2.4-.6 1.1-.4 1.5a6 6 0 0 0 2.8 2.7c.4.2 1-.8 1.5-.6l1.4.7c.5.3.5.9 0 1.3-2.5 2-8.9-3.7-7-7z"
        fill="currentColor"
        stroke="none"
      />
    </svg>
  );
}

/** How far an outgoing message came; a word for those who do not see the ticks. */
export const MessageTicks = memo(function MessageTicks({
  state,
  className,
}: {
  state: MessageState;
  className?: string;
}) {
  const size = cx('size-4 shrink-0', className);
  const label = text.messageStates[state];
  const common = { role: 'img', 'aria-label': label } as const;
  switch (state) {
    case 'received':
      return null;
    case 'scheduled':
    case 'queued':
    case 'dispatching':
      return <Clock {...common} className={cx(size, 'text-ink-3')} />;
    case 'sent':
      return <Check {...common} className={cx(size, 'text-ink-3')} />;
    case 'delivered':
      return <CheckCheck {...common} className={cx(size, 'text-ink-3')} />;
    case 'read':
      return <CheckCheck {...common} className={cx(size, 'text-accent-text')} strokeWidth={2.6} />;
    case 'unknown':
    case 'unconfirmed':
      return <CircleHelp {...common} className={cx(size, 'text-warn')} />;
    case 'failed':
      return <OctagonAlert {...common} className={cx(size, 'text-danger')} />;
    case 'suppressed':
    case 'cancelled':
      return <Ban {...common} className={cx(size, 'text-danger')} />;
  }
});

/** How far an upload is, 0 to 1, along the foot of its file. Decorative: the words beside it say that it is under way. */
export function UploadBar({ progress }: { progress: number }) {
  return (
    <span
      aria-hidden
      className="absolute bottom-0 left-0 h-0.5 bg-accent transition-[width]"
      style={{ width: `${progress * 100}%` }}
    />
  );
}
