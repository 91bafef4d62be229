import { useLayoutEffect, useRef } from 'react';

// The entries of a menu are gone once they were chosen: what counts is the button that opened it.
let focused: HTMLElement | null = null;
document.addEventListener('focusin', ({ target }) => {
  if (!(target instanceof HTMLElement)) return;
  const menu = target.closest('[role="menu"]');
  focused = menu ? document.getElementById(menu.getAttribute('aria-labelledby') ?? '') : target;
});

// A dialogue may be opened by one that is gone by then: what opened that one counts.
let earlier: HTMLElement | null = null;

/** Gives the focus back, on closing, to what had it on opening; not when something else has taken it meanwhile. */
export function useOpener(open: boolean): (event: Event) => void {
  const openers = useRef<(HTMLElement | null)[]>([]);
  useLayoutEffect(() => {
    if (!open) return;
    // loaded only now, it has seen no focus move yet
    const opener = focused ?? (document.activeElement as HTMLElement | null);
    openers.current = [opener, earlier];
    earlier = opener;
  }, [open]);
  return (event) => {
    event.preventDefault();
    if (document.activeElement === null || document.activeElement === document.body)
      openers.current.find((opener) => opener?.isConnected)?.focus();
  };
}
