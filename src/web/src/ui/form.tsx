import { useEffect, useRef, type ComponentProps } from 'react';
import type { ApiError } from '../api';

/** A form whose first field at fault gets the focus, whether the page or the server found it. */
export function Form({
  error,
  onSubmit,
  ...rest
}: { error?: ApiError | null; onSubmit: () => void } & Omit<ComponentProps<'form'>, 'onSubmit'>) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (error) focusFault(form.current);
  }, [error]);
  return (
    <form
      {...rest}
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
        setTimeout(() => focusFault(form.current));
      }}
    />
  );
}

function focusFault(form: HTMLFormElement | null): void {
  form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}
