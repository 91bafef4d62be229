import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { useState, type ReactNode } from 'react';
import { ApiError } from '../api';
import { text } from '../text';
import { Button, IconButton } from './button';
import { cx } from './cx';
import { FormError } from './form-error';
import { useOpener } from './use-opener';

export type DialogSize = 'sm' | 'md' | 'lg' | 'xl';
const widths: Record<DialogSize, string> = {
  sm: 'sm:max-w-sm',
  md: 'sm:max-w-lg',
  lg: 'sm:max-w-2xl',
  xl: 'sm:max-w-4xl',
};

/** A dialogue over the page; a sheet from below on phones. */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  children,
  footer,
  size = 'md',
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  children?: ReactNode;
  footer?: ReactNode;
  size?: DialogSize;
}) {
  const giveFocusBack = useOpener(open);
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-overlay" />
        <Radix.Content
          {...(description ? {} : { 'aria-describedby': undefined })}
          onOpenAutoFocus={focusFirstControl}
          onEscapeKeyDown={closeSuggestionsFirst}
          onCloseAutoFocus={giveFocusBack}
          className={cx(
            'slide-up fixed inset-x-0 bottom-0 z-50 flex max-h-[92dvh] flex-col rounded-t-2xl bg-surface shadow-pop',
            'sm:inset-auto sm:top-1/2 sm:left-1/2 sm:w-[calc(100vw-2rem)] sm:-translate-x-1/2 sm:-translate-y-1/2 sm:rounded-2xl',
            widths[size],
          )}
        >
          <header className="flex items-start gap-3 px-5 pt-4 pb-3">
            <div className="min-w-0 flex-1">
              <Radix.Title className="font-display text-xl leading-snug font-semibold">{title}</Radix.Title>
              {description && (
                <Radix.Description className="mt-1 text-ink-2">{description}</Radix.Description>
              )}
            </div>
            <Radix.Close asChild>
              <IconButton
                label={text.common.close}
                icon={<X aria-hidden className="size-5" />}
                size="sm"
                tooltip={false}
              />
            </Radix.Close>
          </header>
          {children && (
            <div data-dialog-body className="scroll-y min-h-0 flex-1 px-5 pt-1 pb-4">
              {children}
            </div>
          )}
          {footer && (
            <footer className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3 pb-[max(0.75rem,env(safe-area-inset-bottom))]">
              {footer}
            </footer>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Escape closes a list that a field has open, not the dialogue with all that was written in it. */
function closeSuggestionsFirst(event: KeyboardEvent): void {
  const field = event.target as HTMLElement;
  if (field.matches('[aria-autocomplete=list][aria-activedescendant]')) event.preventDefault();
}

/** The first control of the body, else the first button below it; not the cross. */
function focusFirstControl(event: Event): void {
  const dialog = event.target as HTMLElement;
  const control =
    dialog.querySelector<HTMLElement>(
      '[data-dialog-body] :is(input, select, textarea, button, a[href]):not(:disabled)',
    ) ?? dialog.querySelector<HTMLElement>('footer button:not(:disabled)');
  if (!control) return;
  event.preventDefault();
  control.focus();
}

/** Asks before something that cannot be taken back. Stays open with the reason when it was refused. */
export function ConfirmDialog({
  open,
  onOpenChange,
  title,
  body,
  confirmLabel,
  danger = false,
  onConfirm,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  body: ReactNode;
  confirmLabel: string;
  danger?: boolean;
  onConfirm: () => unknown;
}) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);

  async function confirm() {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      onOpenChange(false);
    } catch (problem) {
      setError(problem instanceof ApiError ? problem : new ApiError(0, { detail: text.errors.unexpected }));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        setError(null);
        onOpenChange(next);
      }}
      title={title}
      description={body}
      size="sm"
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>{text.common.cancel}</Button>
          <Button variant={danger ? 'danger' : 'primary'} busy={busy} onClick={() => void confirm()}>
            {confirmLabel}
          </Button>
        </>
      }
    >
      {error && <FormError error={error} />}
    </Dialog>
  );
}
