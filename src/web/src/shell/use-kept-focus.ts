import { useEffect, useRef, type RefObject } from 'react';

/** After a dialogue has closed and given the focus back. */
const pauseMs = 100;

/** What had the focus may go away, such as the card of somebody who was rejected: then the page has it, not nothing. */
export function useKeptFocus(): RefObject<HTMLElement | null> {
  const page = useRef<HTMLElement>(null);
  useEffect(() => {
    let last: EventTarget | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const isLost = () =>
      last instanceof HTMLElement && !last.isConnected && document.activeElement === document.body;
    const remember = ({ target }: FocusEvent) => {
      last = target;
    };
    const observer = new MutationObserver(() => {
      if (!isLost()) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (isLost()) page.current?.focus({ preventScroll: true });
      }, pauseMs);
    });
    document.addEventListener('focusin', remember);
    observer.observe(document.body, { childList: true, subtree: true });
    return () => {
      document.removeEventListener('focusin', remember);
      observer.disconnect();
      clearTimeout(timer);
    };
  }, []);
  return page;
}
