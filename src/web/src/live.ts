import { useEffect, useSyncExternalStore } from 'react';
import type { LiveEvent } from '../../contracts/conversations';
import type { GetKey } from './api';
import { serverNow } from './clock';
import { notePresence } from './presence';
import { queryClient } from './queries';

/*
 * Live events. One tab of the browser holds the stream (whoever has the lock) and passes the events on to the others; ids come
 * in, and what is shown is read again. After a pause of the stream everything is read again.
 */

type Listener = (event: LiveEvent) => void;
export type LiveState = 'connecting' | 'live' | 'broken';

const listeners = new Set<Listener>();
const channelName = 'parley-live';
const eventTypes: LiveEvent['type'][] = [
  'conversation',
  'board',
  'notification',
  'presence',
  'mail',
  'settings',
  'reset',
];
let state: LiveState = 'connecting';
const stateListeners = new Set<() => void>();
/** Until when this tab has heard all: as yet nothing since the page began, as `performance.now()` counts. */
let heardUntil = 0;
/** The clocks may differ by so much. */
const clockSlackMs = 3000;
/** Whether this tab holds the stream; such a tab alone makes sounds and browser notifications. */
let leading = false;

export const isLeadingTab = (): boolean => leading;

/** Hands every live event to a listener, e.g. for notifications. */
export function onLiveEvent(listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (listener) => {
      stateListeners.add(listener);
      return () => void stateListeners.delete(listener);
    },
    () => state,
  );
}

/** Keeps this tab live for as long as the caller is mounted. */
export function useLive(): void {
  useEffect(() => start(), []);
}

type Shared = { event: LiveEvent } | { state: LiveState } | { ask: true };

function start(): () => void {
  const stopped = new AbortController();
  const others = typeof BroadcastChannel === 'function' ? new BroadcastChannel(channelName) : null;
  const shared = others !== null && navigator.locks !== undefined;

  const lead = (): Promise<void> => {
    leading = true;
    const close = openStream(
      (event) => {
        receive(event);
        others?.postMessage({ event } satisfies Shared);
      },
      (next) => {
        setState(next);
        others?.postMessage({ state: next } satisfies Shared);
      },
    );
    return new Promise((resolve) => {
      stopped.signal.addEventListener('abort', () => {
        close();
        leading = false;
        resolve();
      });
    });
  };

  if (others) {
    others.onmessage = ({ data }: MessageEvent<Shared>) => {
      if ('event' in data || ('state' in data && data.state === 'live')) heardUntil = performance.now();
      if ('event' in data) receive(data.event);
      else if ('state' in data) setState(data.state);
      else if (leading) others.postMessage({ state } satisfies Shared);
    };
    others.postMessage({ ask: true } satisfies Shared);
  }
  if (shared) {
    navigator.locks
      .request(channelName, { signal: stopped.signal }, () => (stopped.signal.aborted ? undefined : lead()))
      .catch(() => undefined);
  } else {
    void lead();
  }
  return () => {
    stopped.abort();
    others?.close();
  };
}

function openStream(onEvent: Listener, onState: (state: LiveState) => void): () => void {
  let source: EventSource | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let opened = false;
  let failures = 0;

  const connect = () => {
    // what happened between the first look at the page, or the last word of the tab that listened before, and now
    const since = new Date(serverNow() - (performance.now() - heardUntil) - clockSlackMs).toISOString();
    source = new EventSource(`/api/v1/live?since=${since}`);
    source.onopen = () => {
      failures = 0;
      // what happened while nobody listened is not told again
      if (opened) onEvent({ type: 'reset' });
      opened = true;
      onState('live');
    };
    const take = (message: MessageEvent<string>) => {
      const event = parse(message.data);
      if (event) onEvent(event);
    };
    source.onmessage = take;
    for (const type of eventTypes) source.addEventListener(type, take as (event: Event) => void);
    source.onerror = () => {
      failures += 1;
      if (failures > 1) onState('broken');
      if (source?.readyState !== EventSource.CLOSED) return;
      clearTimeout(retry);
      retry = setTimeout(connect, Math.min(15_000, 1000 * 2 ** Math.min(failures, 4)));
    };
  };
  // a network that went away need not end the stream: the browser knows sooner
  const onOffline = () => onState('broken');
  const onOnline = () => {
    clearTimeout(retry);
    source?.close();
    connect();
  };
  window.addEventListener('offline', onOffline);
  window.addEventListener('online', onOnline);
  connect();
  return () => {
    window.removeEventListener('offline', onOffline);
    window.removeEventListener('online', onOnline);
    clearTimeout(retry);
    source?.close();
  };
}

function parse(data: string): LiveEvent | null {
  try {
    const event = JSON.parse(data) as LiveEvent;
    return eventTypes.includes(event.type) ? event : null;
  } catch {
    return null;
  }
}

function setState(next: LiveState): void {
  if (next === state) return;
  state = next;
  for (const listener of stateListeners) listener();
}

let waiting: LiveEvent[] = [];
let flushTimer: ReturnType<typeof setTimeout> | undefined;
let lastFlush = 0;

/** Many events at once cost one round of reading. */
function receive(event: LiveEvent): void {
  if (event.type === 'presence') return notePresence(event);
  for (const listener of listeners) listener(event);
  waiting.push(event);
  if (flushTimer !== undefined) return;
  const pauseMs = Math.max(30, 300 - (performance.now() - lastFlush));
  flushTimer = setTimeout(flush, pauseMs);
}

function flush(): void {
  const events = waiting;
  waiting = [];
  flushTimer = undefined;
  lastFlush = performance.now();
  if (events.some(({ type }) => type === 'reset')) {
    void queryClient.invalidateQueries();
    return;
  }
  const conversations = new Set<string>();
  const people = new Set<string>();
  const vacancies = new Set<string>();
  let notifications = false;
  let settings = false;
  let mails = false;
  for (const event of events) {
    if (event.type === 'conversation') {
      conversations.add(event.conversationId);
      people.add(event.personId);
    } else if (event.type === 'board') vacancies.add(event.vacancyId);
    else if (event.type === 'notification') notifications = true;
    else if (event.type === 'settings') settings = true;
    else if (event.type === 'mail') mails = true;
  }
  void queryClient.invalidateQueries({
    predicate: ({ queryKey, state: { data } }) => {
      const key = queryKey[0] as GetKey;
      const params = (queryKey[1] as { params?: Record<string, string> } | undefined)?.params ?? {};
      if (settings && settingsKeys.has(key)) return true;
      if (mails && (/\/(private-)?mail(s|-threads)/.test(key) || key === 'GET /api/v1/me/mailbox'))
        return true;
      if (
        notifications &&
        (key === 'GET /api/v1/notifications' || key === 'GET /api/v1/conversations/counts')
      )
        return true;
      if (vacancies.size > 0 && isOfVacancy(key, data, vacancies)) return true;
      if (conversations.size === 0) return false;
      if (
        key === 'GET /api/v1/conversations' ||
        key === 'GET /api/v1/conversations/counts' ||
        key === 'GET /api/v1/held-mails' ||
        key === 'GET /api/v1/employers/{employerId}/messages'
      )
        return true;
      if (params.conversationId !== undefined) return conversations.has(params.conversationId);
      if (params.personId !== undefined) {
        const id = (data as { id?: string; person?: { id: string } } | undefined)?.person?.id;
        return people.has(params.personId) || (id !== undefined && people.has(id));
      }
      if (key === 'GET /api/v1/messages/{messageId}') {
        return conversations.has((data as { conversationId?: string } | undefined)?.conversationId ?? '');
      }
      if (key === 'GET /api/v1/applications/{applicationId}/planned') return true;
      return key === 'GET /api/v1/vacancies/{vacancyId}/board' && showsOne(data, conversations);
    },
  });
}

const settingsKeys = new Set<GetKey>([
  'GET /api/v1/me',
  'GET /api/v1/users',
  'GET /api/v1/me/mailbox',
  'GET /api/v1/users/{userId}/mailbox',
  'GET /api/v1/templates',
  'GET /api/v1/templates/folders',
  'GET /api/v1/templates/{templateId}',
  'GET /api/v1/channels',
  'GET /api/v1/channels/sms',
  'GET /api/v1/channels/email',
  'GET /api/v1/channels/email/domain',
  'GET /api/v1/credits',
  'GET /api/v1/plan',
  'GET /api/v1/webhook-endpoints',
  'GET /api/v1/quiet-hours',
  'GET /api/v1/organization',
  'GET /api/v1/vacancies',
  'GET /api/v1/vacancies/{vacancyId}',
  'GET /api/v1/stages/{stageId}/actions',
  'GET /api/v1/conversations/{conversationId}',
  'GET /api/v1/people/{personId}/conversation',
]);

function isOfVacancy(key: GetKey, data: unknown, vacancies: Set<string>): boolean {
  switch (key) {
    case 'GET /api/v1/vacancies':
    case 'GET /api/v1/people/{personId}/planned':
    case 'GET /api/v1/applications/{applicationId}/planned':
    case 'GET /api/v1/vacancies/{vacancyId}/ended':
      return true;
    case 'GET /api/v1/vacancies/{vacancyId}/board':
      return vacancies.has((data as { vacancy?: { id: string } } | undefined)?.vacancy?.id ?? '');
    case 'GET /api/v1/vacancies/{vacancyId}':
      return vacancies.has((data as { id?: string } | undefined)?.id ?? '');
    case 'GET /api/v1/applications/{applicationId}':
      return vacancies.has((data as { vacancyId?: string } | undefined)?.vacancyId ?? '');
    case 'GET /api/v1/people/{personId}':
      return (
        (data as { applications?: { vacancyId: string }[] } | undefined)?.applications?.some(
          ({ vacancyId }) => vacancies.has(vacancyId),
        ) ?? false
      );
    default:
      return false;
  }
}

/** Whether one of the cards on a board belongs to these conversations. */
function showsOne(data: unknown, conversations: Set<string>): boolean {
  const columns =
    (data as { columns?: { cards: { conversationId: string }[] }[] } | undefined)?.columns ?? [];
  return columns.some(({ cards }) => cards.some(({ conversationId }) => conversations.has(conversationId)));
}
