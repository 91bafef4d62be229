import { useSyncExternalStore } from 'react';
import type { SendInput } from '../../../contracts/messages';
import { ApiError, call, newIntent } from '../api';
import { serverNow } from '../clock';
import { refresh } from '../queries';
import { refreshConversation } from './use-conversation';
import { showMessage } from './use-messages';

/*
 * What was sent from this browser and is not committed yet. It is shown at once; each has one intent, which every attempt
 * repeats, so that a lost answer never sends twice. Messages of one conversation go one after the other, in order.
 */

export type Outgoing = {
  intent: string;
  conversationId: string;
  input: Sendable;
  /** What the bubble shows. */
  body: string | null;
  filename: string | null;
  at: string;
  state: 'sending' | 'refused' | 'unreached';
  error: ApiError | null;
};
type Now<T> = T extends unknown ? Omit<T, 'channel' | 'sendAt'> & { channel?: 'email' } : never;
/** Over WhatsApp, unless it says otherwise. */
export type Sendable = Now<SendInput>;

const attempts = 4;
const none: Outgoing[] = [];
let all = new Map<string, Outgoing[]>();
const listeners = new Set<() => void>();
const lanes = new Map<string, Promise<unknown>>();

export function useOutgoing(conversationId: string): Outgoing[] {
  return useSyncExternalStore(subscribe, () => all.get(conversationId) ?? none);
}

export function send(
  conversationId: string,
  input: Sendable,
  shown: { body: string | null; filename?: string | null },
): Promise<boolean> {
  const entry: Outgoing = {
    intent: newIntent(),
    conversationId,
    input,
    body: shown.body,
    filename: shown.filename ?? null,
    at: new Date(serverNow()).toISOString(),
    state: 'sending',
    error: null,
  };
  change(conversationId, (entries) => [...entries, entry]);
  return enqueue(entry);
}

export function sendAgain(entry: Outgoing): Promise<boolean> {
  update(entry, { state: 'sending', error: null });
  return enqueue(entry);
}

export function discard(entry: Outgoing): void {
  change(entry.conversationId, (entries) => entries.filter(({ intent }) => intent !== entry.intent));
}

function enqueue(entry: Outgoing): Promise<boolean> {
  const before = lanes.get(entry.conversationId) ?? Promise.resolve();
  const mine = before.then(() => deliver(entry));
  lanes.set(entry.conversationId, mine);
  return mine;
}

async function deliver(entry: Outgoing): Promise<boolean> {
  const { conversationId, input, intent } = entry;
  for (let attempt = 1; ; attempt++) {
    try {
      const message = await call(
        'POST /api/v1/conversations/{conversationId}/messages',
        { params: { conversationId }, body: input },
        { idempotencyKey: intent },
      );
      if ('position' in message) showMessage(message);
      discard(entry);
      refreshConversation();
      refresh('GET /api/v1/conversations', 'GET /api/v1/conversations/counts');
      return true;
    } catch (problem) {
      const error = problem instanceof ApiError ? problem : new ApiError(0, {});
      // without a network no attempt counts
      if (error.status === 0 && !navigator.onLine) {
        await new Promise((resolve) => window.addEventListener('online', resolve, { once: true }));
        attempt = 0;
        continue;
      }
      const unreached = error.status === 0 || error.status >= 500 || error.status === 429;
      if (unreached && attempt < attempts) {
        await new Promise((resolve) => setTimeout(resolve, 700 * 2 ** attempt));
        continue;
      }
      update(entry, { state: unreached ? 'unreached' : 'refused', error });
      refreshConversation();
      return false;
    }
  }
}

function update(entry: Outgoing, next: Partial<Outgoing>): void {
  change(entry.conversationId, (entries) =>
    entries.map((each) => (each.intent === entry.intent ? { ...each, ...next } : each)),
  );
}

function change(conversationId: string, next: (entries: Outgoing[]) => Outgoing[]): void {
  all = new Map(all).set(conversationId, next(all.get(conversationId) ?? none));
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
