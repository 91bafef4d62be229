import { useLayoutEffect, useRef } from 'react';

// The entries of a menu are gone once they were chosen: what counts is the button that opened it.
let focused: HTMLElement | null = null;
document.addEventListener('focusin', ({ target }) => {
  if (!(target instanceof HTMLElement)) return;
  const menu = target.closest('[role="menu"]');
  focused = menu ? document.getElementById(menu.getAttribute('aria-labelledby') ?? '') : target;
});

/** Gives the focus back, on closing, to what had it on opening; not when something else has taken it meanwhile. */
export function useOpener(open: boolean): (event: Event) => void {
  const opener = useRef<HTMLElement | null>(null);
  useLayoutEffect(() => {
    // loaded only now, it has seen no focus move yet
    if (open) opener.current = focused ?? (document.activeElement as HTMLElement | null);
  }, [open]);
  return (event) => {
    event.preventDefault();
    if (document.activeElement === null || document.activeElement === document.body) opener.current?.focus();
  };
}
