import { useId, type ReactNode } from 'react';
import type { ApiError } from '../api';
import { text } from '../text';
import { Button } from './button';
import { Dialog, type DialogSize } from './dialog';
import { FormError } from './form-error';
import { Form } from './form';

/** A form in a dialogue: its fields, the server's refusal below them, Cancel and the button that sends it. */
export function FormDialog({
  title,
  description,
  size,
  error,
  shown,
  busy,
  submitLabel,
  disabled,
  danger = false,
  autoComplete,
  onSubmit,
  onClose,
  children,
}: {
  title: ReactNode;
  description?: ReactNode;
  size?: DialogSize;
  error: ApiError | null;
  /** The fields that show their own faults. */
  shown?: string[];
  busy: boolean;
  /** Without one there is nothing to send yet. */
  submitLabel?: string;
  disabled?: boolean;
  danger?: boolean;
  autoComplete?: 'off';
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={title}
      description={description}
      size={size}
      footer={
        <>
          <Button onClick={onClose}>{text.common.cancel}</Button>
          {submitLabel && (
            <Button
              type="submit"
              form={id}
              variant={danger ? 'danger' : 'primary'}
              busy={busy}
              disabled={disabled}
            >
              {submitLabel}
            </Button>
          )}
        </>
      }
    >
      <Form id={id} error={error} autoComplete={autoComplete} onSubmit={onSubmit} className="space-y-4">
        {children}
        <FormError error={error} shown={shown} />
      </Form>
    </Dialog>
  );
}
