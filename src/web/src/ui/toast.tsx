import { CircleAlert, CircleCheck, MessageCircle, X } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { ApiError } from '../api';
import { text } from '../text';
import { cx } from './cx';

type Toast = {
  id: number;
  title: string;
  body?: string;
  /** More than a passing word: each a paragraph, all of it shown. */
  lines?: string[];
  tone: 'neutral' | 'ok' | 'danger';
  action?: { label: string; onPress: () => void };
};

let toasts: Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

/** Says something in passing. It goes by itself; a refusal stays longer. */
export function toast({
  tone = 'neutral',
  ...rest
}: Omit<Toast, 'id' | 'tone'> & { tone?: Toast['tone'] }): void {
  const id = ++lastId;
  change([...toasts.slice(-3), { id, tone, ...rest }]);
  setTimeout(() => dismiss(id), tone === 'danger' || rest.action || rest.lines ? 10_000 : 5_000);
}

export function toastError(error: unknown): void {
  if (!(error instanceof ApiError)) return toast({ tone: 'danger', title: text.errors.unexpected });
  // what is wrong with fields that are not on the screen
  const lines = error.errors.slice(0, 3).map(({ message }) => message);
  toast({ tone: 'danger', title: error.detail, ...(lines.length > 0 ? { lines } : {}) });
}

function dismiss(id: number): void {
  change(toasts.filter((entry) => entry.id !== id));
}

function change(next: Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

const icons = { neutral: MessageCircle, ok: CircleCheck, danger: CircleAlert };

/** Where the toasts appear; once, in the shell. */
export function Toaster() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <div
      role="status"
      aria-live="polite"
      className="pointer-events-none fixed inset-x-3 top-3 z-60 flex flex-col items-end gap-2 sm:top-auto sm:right-4 sm:bottom-36 sm:left-auto sm:w-96"
    >
      {shown.map(({ id, title, body, lines, tone, action }) => {
        const Icon = icons[tone];
        return (
          <div
            key={id}
            className="slide-up pointer-events-auto flex w-full items-start gap-3 rounded-xl border border-line bg-surface p-3 shadow-pop"
          >
            <Icon
              aria-hidden
              className={cx(
                'mt-0.5 size-5 shrink-0',
                tone === 'danger' ? 'text-danger' : tone === 'ok' ? 'text-ok' : 'text-accent-text',
              )}
            />
            <div className="min-w-0 flex-1">
              <p className="font-medium break-words">{title}</p>
              {body && <p className="line-clamp-2 text-ink-2">{body}</p>}
              {lines?.map((line) => (
                <p key={line} className="mt-0.5 text-[0.93rem] text-ink-2">
                  {line}
                </p>
              ))}
              {action && (
                <button
                  type="button"
                  className="mt-1 rounded-sm font-medium text-accent-text underline underline-offset-3"
                  onClick={() => {
                    dismiss(id);
                    action.onPress();
                  }}
                >
                  {action.label}
                </button>
              )}
            </div>
            <button
              type="button"
              aria-label={text.common.dismiss}
              onClick={() => dismiss(id)}
              className="-m-1 flex size-7 items-center justify-center rounded-md text-ink-2 hover:bg-hover"
            >
              <X aria-hidden className="size-4" />
            </button>
          </div>
        );
      })}
    </div>
  );
}
