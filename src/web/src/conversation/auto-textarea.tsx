import { useLayoutEffect, type ComponentProps, type RefObject } from 'react';
import { cx } from '../ui';

/** Grows with its text, up to a third of the screen. */
export function AutoTextarea({
  inputRef,
  className,
  ...rest
}: ComponentProps<'textarea'> & { inputRef: RefObject<HTMLTextAreaElement | null> }) {
  useLayoutEffect(() => {
    const area = inputRef.current;
    if (!area) return;
    area.style.height = 'auto';
    area.style.height = `${area.scrollHeight + 2}px`;
  }, [inputRef, rest.value]);
  return (
    <textarea
      rows={1}
      dir="auto"
      {...rest}
      ref={inputRef}
      className={cx(
        'scroll-y block max-h-[33dvh] min-h-10 w-full resize-none bg-transparent px-2 py-2 outline-none',
        className,
      )}
    />
  );
}
