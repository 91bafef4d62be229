import { useCallback, useEffect, useRef, useState, type PointerEvent, type RefObject } from 'react';

const mouseThresholdPx = 6;
/** A finger that rests this long picks the card up; one that moves sooner scrolls. */
const touchHoldMs = 280;
const touchSlackPx = 10;
const edgePx = 56;
const scrollStepPx = 14;

export type Drag = {
  applicationId: string;
  /** Where the ghost's top left corner is, in the viewport. */
  x: number;
  y: number;
  width: number;
  overStageId: string | null;
};

type Start = {
  applicationId: string;
  pointerId: number;
  pointerType: string;
  startX: number;
  startY: number;
  offsetX: number;
  offsetY: number;
  width: number;
};

/**
 * Dragging cards by mouse, pen or finger: columns are elements with `data-stage-id` inside `scroller`, which scrolls by itself
 * when the pointer comes near its edges. Escape lets go without a move.
 */
export function useCardDrag(
  scroller: RefObject<HTMLElement | null>,
  onDrop: (applicationId: string, stageId: string) => void,
) {
  const [drag, setDrag] = useState<Drag | null>(null);
  const start = useRef<Start | null>(null);
  const active = useRef(false);
  const pointer = useRef({ x: 0, y: 0 });
  const holdTimer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const justDropped = useRef(false);
  const drop = useRef(onDrop);
  useEffect(() => {
    drop.current = onDrop;
  });

  const follow = useCallback(() => {
    const from = start.current;
    if (!from || !active.current) return;
    const { x, y } = pointer.current;
    setDrag({
      applicationId: from.applicationId,
      x: x - from.offsetX,
      y: y - from.offsetY,
      width: from.width,
      overStageId: stageAt(x, y),
    });
  }, []);

  const end = useCallback((stageId: string | null) => {
    clearTimeout(holdTimer.current);
    const from = start.current;
    const wasActive = active.current;
    start.current = null;
    active.current = false;
    setDrag(null);
    if (!from || !wasActive) return;
    // The click that follows the release belongs to the drag, not to the link under it.
    justDropped.current = true;
    setTimeout(() => (justDropped.current = false), 0);
    if (stageId) drop.current(from.applicationId, stageId);
  }, []);

  const pickUp = useCallback(() => {
    active.current = true;
    window.getSelection()?.removeAllRanges();
    follow();
  }, [follow]);

  useEffect(() => {
    const move = (event: globalThis.PointerEvent) => {
      const from = start.current;
      if (!from || event.pointerId !== from.pointerId) return;
      pointer.current = { x: event.clientX, y: event.clientY };
      if (active.current) {
        follow();
        return;
      }
      const distance = Math.hypot(event.clientX - from.startX, event.clientY - from.startY);
      if (from.pointerType === 'touch') {
        if (distance > touchSlackPx) end(null);
      } else if (distance > mouseThresholdPx) {
        pickUp();
      }
    };
    const up = (event: globalThis.PointerEvent) => {
      if (start.current?.pointerId !== event.pointerId) return;
      end(active.current ? stageAt(event.clientX, event.clientY) : null);
    };
    const cancel = (event: globalThis.PointerEvent) => {
      if (start.current?.pointerId === event.pointerId) end(null);
    };
    const escape = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || !active.current) return;
      event.stopPropagation();
      end(null);
    };
    // A browser that has begun to scroll takes the pointer away; it asks touchmove first, and only a listener that was there
    // from the beginning may refuse.
    const touch = (event: TouchEvent) => {
      if (active.current) event.preventDefault();
    };
    const click = (event: MouseEvent) => {
      if (!justDropped.current) return;
      event.preventDefault();
      event.stopPropagation();
    };
    const menu = (event: MouseEvent) => {
      if (active.current) event.preventDefault();
    };
    window.addEventListener('pointermove', move);
    window.addEventListener('pointerup', up);
    window.addEventListener('pointercancel', cancel);
    window.addEventListener('keydown', escape, true);
    window.addEventListener('touchmove', touch, { passive: false });
    window.addEventListener('click', click, true);
    window.addEventListener('contextmenu', menu);
    return () => {
      clearTimeout(holdTimer.current);
      window.removeEventListener('pointermove', move);
      window.removeEventListener('pointerup', up);
      window.removeEventListener('pointercancel', cancel);
      window.removeEventListener('keydown', escape, true);
      window.removeEventListener('touchmove', touch);
      window.removeEventListener('click', click, true);
      window.removeEventListener('contextmenu', menu);
    };
  }, [end, follow, pickUp]);

  const dragging = drag !== null;
  useEffect(() => {
    if (!dragging) return undefined;
    const scroll = () => {
      const box = scroller.current?.getBoundingClientRect();
      const { x, y } = pointer.current;
      if (box && scroller.current) {
        scroller.current.scrollLeft += push(x, box.left, box.right);
        const list = document
          .elementFromPoint(x, y)
          ?.closest('[data-stage-id]')
          ?.querySelector('[data-stage-cards]');
        if (list) {
          const listBox = list.getBoundingClientRect();
          list.scrollTop += push(y, listBox.top, listBox.bottom);
        }
        follow();
      }
      frame = requestAnimationFrame(scroll);
    };
    let frame = requestAnimationFrame(scroll);
    return () => cancelAnimationFrame(frame);
  }, [dragging, follow, scroller]);

  /** For each card: the element that is picked up. */
  const onPointerDown = useCallback(
    (applicationId: string, event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0 || (event.target as Element).closest('button, input, label')) return;
      const box = event.currentTarget.getBoundingClientRect();
      pointer.current = { x: event.clientX, y: event.clientY };
      start.current = {
        applicationId,
        pointerId: event.pointerId,
        pointerType: event.pointerType,
        startX: event.clientX,
        startY: event.clientY,
        offsetX: event.clientX - box.left,
        offsetY: event.clientY - box.top,
        width: box.width,
      };
      clearTimeout(holdTimer.current);
      if (event.pointerType === 'touch') holdTimer.current = setTimeout(pickUp, touchHoldMs);
    },
    [pickUp],
  );

  return { drag, onPointerDown };
}

function stageAt(x: number, y: number): string | null {
  const column = document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-stage-id]');
  return column?.dataset.stageId ?? null;
}

function push(at: number, from: number, to: number): number {
  if (at < from + edgePx) return -scrollStepPx;
  if (at > to - edgePx) return scrollStepPx;
  return 0;
}
