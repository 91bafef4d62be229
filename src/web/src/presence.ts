import { useEffect, useRef, useSyncExternalStore } from 'react';
import type { LiveEvent } from '../../contracts/conversations';
import { call } from './api';

// Who else is looking at a conversation or typing in it. It fades by itself when nothing more is heard.

type Presence = Extract<LiveEvent, { type: 'presence' }>;
export type Viewer = Presence['viewers'][number];

const repeatMs = 10_000;
const fadeMs = 25_000;
const nobody: Viewer[] = [];
const seen = new Map<string, Viewer[]>();
const fading = new Map<string, ReturnType<typeof setTimeout>>();
const listeners = new Set<() => void>();

export function notePresence({ conversationId, viewers }: Presence): void {
  clearTimeout(fading.get(conversationId));
  seen.set(conversationId, viewers);
  fading.set(
    conversationId,
    setTimeout(() => {
      seen.delete(conversationId);
      tell();
    }, fadeMs),
  );
  tell();
}

export function useViewers(conversationId: string | undefined): Viewer[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => (conversationId ? (seen.get(conversationId) ?? nobody) : nobody),
  );
}

/** Tells colleagues that I look at a conversation; the answer is to be called on every keystroke. */
export function useMyPresence(conversationId: string | undefined): () => void {
  const typingUntil = useRef(0);
  const lastTold = useRef<{ state: string; at: number }>({ state: '', at: 0 });
  const tellState = useRef<(force?: boolean) => void>(() => undefined);

  useEffect(() => {
    if (!conversationId) return;
    const say = (state: 'viewing' | 'typing' | 'gone') => {
      lastTold.current = { state, at: Date.now() };
      call('PUT /api/v1/conversations/{conversationId}/presence', {
        params: { conversationId },
        body: { state },
      }).catch(() => undefined);
    };
    tellState.current = (force = false) => {
      const next = document.hidden ? 'gone' : Date.now() < typingUntil.current ? 'typing' : 'viewing';
      const told = lastTold.current;
      if (!force && next === told.state && (next === 'gone' || Date.now() - told.at < repeatMs - 500)) return;
      say(next);
    };
    const check = () => tellState.current();
    // not on passing by with the arrow keys
    const first = setTimeout(() => tellState.current(true), 400);
    const timer = setInterval(check, 2500);
    document.addEventListener('visibilitychange', check);
    return () => {
      clearTimeout(first);
      clearInterval(timer);
      document.removeEventListener('visibilitychange', check);
      tellState.current = () => undefined;
      if (lastTold.current.state !== '' && lastTold.current.state !== 'gone') say('gone');
      lastTold.current = { state: '', at: 0 };
      typingUntil.current = 0;
    };
  }, [conversationId]);

  return useRef(() => {
    typingUntil.current = Date.now() + 4000;
    tellState.current();
  }).current;
}

function tell(): void {
  for (const listener of listeners) listener();
}
