import type { Clock } from '../clock';
import { newKey } from './ids';
import type { Live } from './live';
import { misbehaviourOf } from './misbehaviour';
import type { SandboxLogger, WebhookElement } from './model';
import type { PostOutcome, WebhookPoster } from './post-webhook';
import type { Store } from './store';
import { webhookBody } from './webhook-payloads';

type DeliveryState = 'sending' | 'delivered' | 'waiting' | 'dropped' | 'gaveUp' | 'noSubscriber';

/** One webhook body and what became of it, for the console and `GET /sandbox/webhooks`. */
export type Delivery = {
  id: string;
  wabaId: string;
  at: number;
  url: string | undefined;
  state: DeliveryState;
  summary: string[];
  elements: number;
  attempts: (PostOutcome & { at: number })[];
  /** When the next attempt is due, in real time. */
  nextAttemptAt?: number;
  body: string;
};

export type NewElement = Omit<WebhookElement, 'id' | 'createdAt' | 'attempts'>;

export type Webhooks = {
  /** Notes elements so that they survive; they go out after `release`. */
  note(elements: NewElement[]): WebhookElement[];
  release(elements: WebhookElement[]): void;
  send(elements: NewElement[]): void;
  /** Releases, and waits until the endpoint has answered once. */
  deliverNow(elements: WebhookElement[]): Promise<void>;
  /** Tries everything that waits for a retry now, and what is held back. */
  retryNow(): void;
  /** Something about hold, subscription or address has changed. */
  wake(): void;
  /** Resolves when nothing is under way: all delivered, dropped, held back, or waiting for a retry. */
  settled(): Promise<void>;
  deliveries(): Delivery[];
  /** Forgets everything that waits, and the log. */
  forget(): void;
  clearLog(): void;
  resume(): void;
  close(): void;
};

type Batch = { delivery: Delivery; elements: WebhookElement[]; timer?: NodeJS.Timeout; kickable: boolean };
type Lane = {
  ready: WebhookElement[];
  /** What is under way, and since when. */
  inFlight: Map<object, number>;
  waiting: Set<Batch>;
  pumping: boolean;
  timer?: NodeJS.Timeout;
};

const maxElementsPerBody = 100;
/** A slow endpoint does not hold up the rest for longer than this. */
const patienceMs = 200;
const maxInFlight = 8;
const logLength = 300;
/** Meta tries for seven days. */
const giveUpMs = 7 * 24 * 3_600_000;

export function createWebhooks(deps: {
  store: Store;
  clock: Clock;
  live: Live;
  poster: WebhookPoster;
  logger: SandboxLogger;
  retryBaseMs: number;
  retryMaxMs: number;
  onDelivered: (elements: WebhookElement[]) => void;
}): Webhooks {
  const { store, clock, live, poster } = deps;
  const lanes = new Map<string, Lane>();
  const delays = new Set<NodeJS.Timeout>();
  const log: Delivery[] = [];
  let idleWaiters: (() => void)[] = [];
  let closed = false;

  function laneOf(wabaId: string): Lane {
    let lane = lanes.get(wabaId);
    if (!lane) {
      lane = { ready: [], inFlight: new Map(), waiting: new Set(), pumping: false };
      lanes.set(wabaId, lane);
    }
    return lane;
  }

  function note(elements: NewElement[]): WebhookElement[] {
    return elements.flatMap((element) => {
      const copies = isDoubled(element) ? 2 : 1;
      return Array.from({ length: copies }, () => {
        const noted = { ...element, id: newKey(), createdAt: clock.now().getTime(), attempts: 0 };
        store.put('element', noted);
        return noted;
      });
    });
  }

  function isDoubled(element: NewElement): boolean {
    return (
      element.part === 'status' && misbehaviourOf(store, scopeOf(element)).value('duplicateStatuses') === true
    );
  }

  function release(elements: WebhookElement[]): void {
    for (const element of elements) {
      const misbehaviour = misbehaviourOf(store, scopeOf(element));
      if (misbehaviour.use('dropWebhooks') !== undefined) {
        store.remove('element', element.id);
        record([element], undefined, 'dropped');
        continue;
      }
      const delayMs = misbehaviour.value('webhookDelayMs') ?? 0;
      if (delayMs === 0) enqueue(element);
      else {
        const timer = setTimeout(() => {
          delays.delete(timer);
          enqueue(element);
        }, delayMs);
        delays.add(timer);
      }
    }
  }

  function enqueue(element: WebhookElement): void {
    const lane = laneOf(element.wabaId);
    lane.ready.push(element);
    schedule(lane);
  }

  function schedule(lane: Lane): void {
    if (lane.pumping || closed) return;
    lane.pumping = true;
    setImmediate(() => {
      lane.pumping = false;
      pump(lane);
    });
  }

  function pump(lane: Lane): void {
    if (closed) return;
    const held = lane.ready.filter(isHeld);
    const free = held.length === 0 ? lane.ready : lane.ready.filter((element) => !held.includes(element));
    if (free.length === 0) return settle();
    if (!mayStart(lane)) return;
    const head = free[0]!;
    if (misbehaviourOf(store, scopeOf(head)).value('reorderWebhooks') === true) {
      lane.ready = held;
      void deliverReversed(lane, free);
      return;
    }
    const url = targetOf(head);
    const batch: WebhookElement[] = [];
    const rest: WebhookElement[] = [];
    for (const element of free) {
      const fits = batch.length < maxElementsPerBody && targetOf(element) === url;
      (fits ? batch : rest).push(element);
    }
    lane.ready = [...held, ...rest];
    void deliver(lane, newBatch(batch, url));
    if (rest.length > 0) schedule(lane);
  }

  /** One body at a time keeps the order; a slow answer lets the next one overtake. */
  function mayStart(lane: Lane): boolean {
    if (lane.inFlight.size === 0) return true;
    if (lane.inFlight.size >= maxInFlight) return false;
    const newest = Math.max(...lane.inFlight.values());
    const waitMs = patienceMs - (performance.now() - newest);
    if (waitMs <= 0) return true;
    lane.timer ??= setTimeout(() => {
      lane.timer = undefined;
      schedule(lane);
    }, waitMs);
    return false;
  }

  /** Waits for a moment without new elements, then sends each by itself, the last first. */
  async function deliverReversed(lane: Lane, first: WebhookElement[]): Promise<void> {
    const gathering = {};
    lane.inFlight.set(gathering, performance.now());
    await new Promise((resolve) => setTimeout(resolve, 50));
    lane.inFlight.delete(gathering);
    const elements = [...first, ...lane.ready.splice(0)].reverse();
    for (const element of elements) await deliver(lane, newBatch([element], targetOf(element)));
  }

  function newBatch(elements: WebhookElement[], url: string | undefined): Batch {
    return { delivery: record(elements, url, 'sending'), elements, kickable: false };
  }

  function record(elements: WebhookElement[], url: string | undefined, state: DeliveryState): Delivery {
    const delivery: Delivery = {
      id: newKey(),
      wabaId: elements[0]?.wabaId ?? '',
      at: clock.now().getTime(),
      url,
      state,
      summary: summaryOf(elements),
      elements: elements.length,
      attempts: [],
      body: '',
    };
    log.push(delivery);
    if (log.length > logLength) log.shift();
    live.emit({ type: 'webhook' });
    return delivery;
  }

  async function deliver(lane: Lane, batch: Batch): Promise<void> {
    const { delivery, elements } = batch;
    const secret = [...store.tables.account.values()].find(
      (account) => account.wabaId === delivery.wabaId,
    )?.appSecret;
    if (delivery.url === undefined || secret === undefined) {
      finish(lane, batch, 'noSubscriber');
      return;
    }
    lane.inFlight.set(batch, performance.now());
    delivery.state = 'sending';
    delete delivery.nextAttemptAt;
    const body = webhookBody(elements, {
      account: (id) => store.tables.account.get(id),
      now: clock.now().getTime(),
    });
    delivery.body = body.toString('latin1');
    const outcome = await poster.post({ url: delivery.url, appSecret: secret }, body);
    const repeats = Math.max(
      0,
      ...elements.map((e) => misbehaviourOf(store, scopeOf(e)).value('repeatWebhooks') ?? 0),
    );
    for (let copy = 0; copy < repeats && !closed; copy++) {
      const again = await poster.post({ url: delivery.url, appSecret: secret }, body);
      delivery.attempts.push({ ...again, at: clock.now().getTime() });
    }
    if (closed) return;
    delivery.attempts.push({ ...outcome, at: clock.now().getTime() });
    if (outcome.status === 200) {
      deps.onDelivered(elements);
      finish(lane, batch, 'delivered');
      kick(lane);
      return;
    }
    retryLater(lane, batch, outcome);
  }

  function finish(lane: Lane, batch: Batch, state: DeliveryState): void {
    batch.delivery.state = state;
    for (const element of batch.elements) store.remove('element', element.id);
    lane.inFlight.delete(batch);
    live.emit({ type: 'webhook' });
    schedule(lane);
  }

  function retryLater(lane: Lane, batch: Batch, outcome: PostOutcome): void {
    const { delivery, elements } = batch;
    const attempts = Math.max(...elements.map((element) => element.attempts)) + 1;
    deps.logger.warn(
      { delivery: delivery.id, attempts, status: outcome.status, error: outcome.error },
      'webhook not accepted',
    );
    const forgotten = elements.every((element) => !store.tables.element.has(element.id));
    if (forgotten || clock.now().getTime() - elements[0]!.createdAt > giveUpMs) {
      finish(lane, batch, 'gaveUp');
      return;
    }
    for (const element of elements) store.put('element', Object.assign(element, { attempts }));
    const delayMs = Math.min(deps.retryMaxMs, deps.retryBaseMs * 2 ** (attempts - 1));
    delivery.state = 'waiting';
    delivery.nextAttemptAt = clock.now().getTime() + delayMs;
    // When nobody was there at all, the first body that gets through brings the others with it.
    batch.kickable = outcome.status === undefined;
    lane.inFlight.delete(batch);
    lane.waiting.add(batch);
    batch.timer = setTimeout(() => retry(lane, batch), delayMs);
    live.emit({ type: 'webhook' });
    schedule(lane);
  }

  function retry(lane: Lane, batch: Batch): void {
    clearTimeout(batch.timer);
    if (!lane.waiting.delete(batch) || closed) return;
    // The address may have changed since.
    batch.delivery.url = targetOf(batch.elements[0]!);
    void deliver(lane, batch);
  }

  function kick(lane: Lane): void {
    for (const batch of [...lane.waiting]) if (batch.kickable) retry(lane, batch);
  }

  function targetOf(element: WebhookElement): string | undefined {
    const subscription = store.tables.subscription.get(element.wabaId);
    if (!subscription?.subscribed) return undefined;
    // Template and account events do not follow the override at Meta; without an address of the app they do here.
    return element.field === 'messages'
      ? (subscription.overrideCallbackUrl ?? subscription.appCallbackUrl)
      : (subscription.appCallbackUrl ?? subscription.overrideCallbackUrl);
  }

  function isHeld(element: WebhookElement): boolean {
    return misbehaviourOf(store, scopeOf(element)).value('holdWebhooks') === true;
  }

  function isIdle(): boolean {
    if (delays.size > 0) return false;
    return [...lanes.values()].every(
      (lane) => !lane.pumping && lane.inFlight.size === 0 && lane.ready.every(isHeld),
    );
  }

  function settle(): void {
    if (!isIdle()) return;
    for (const resolve of idleWaiters.splice(0)) resolve();
  }

  return {
    note,
    release,
    send: (elements) => release(note(elements)),
    async deliverNow(elements) {
      const first = elements[0];
      if (!first) return;
      const lane = laneOf(first.wabaId);
      await deliver(lane, newBatch(elements, targetOf(first)));
    },
    retryNow() {
      for (const lane of lanes.values()) for (const batch of [...lane.waiting]) retry(lane, batch);
    },
    wake() {
      for (const lane of lanes.values()) schedule(lane);
    },
    async settled() {
      await new Promise<void>((resolve) => {
        idleWaiters.push(resolve);
        setImmediate(settle);
      });
    },
    deliveries: () => [...log].reverse(),
    forget() {
      for (const lane of lanes.values()) {
        lane.ready = [];
        for (const batch of lane.waiting) clearTimeout(batch.timer);
        lane.waiting.clear();
      }
      for (const timer of delays) clearTimeout(timer);
      delays.clear();
      for (const id of [...store.tables.element.keys()]) store.remove('element', id);
      log.length = 0;
      settle();
    },
    clearLog() {
      log.length = 0;
      live.emit({ type: 'webhook' });
    },
    resume() {
      for (const element of store.tables.element.values()) enqueue(element);
    },
    close() {
      closed = true;
      for (const timer of delays) clearTimeout(timer);
      for (const lane of lanes.values()) {
        clearTimeout(lane.timer);
        for (const batch of lane.waiting) clearTimeout(batch.timer);
      }
      for (const resolve of idleWaiters) resolve();
      idleWaiters = [];
    },
  };
}

function scopeOf(element: NewElement): { phoneNumberId: string | undefined; waId: string | undefined } {
  return { phoneNumberId: element.phoneNumberId, waId: element.waId };
}

/** `status delivered ×3`, `message text` … for the log. */
function summaryOf(elements: WebhookElement[]): string[] {
  const counts = new Map<string, number>();
  for (const { part, field, value } of elements) {
    const facts = value as { status?: string; type?: string; event?: string };
    const label =
      part === 'status'
        ? `status ${facts.status}`
        : part === 'message'
          ? `message ${facts.type}`
          : `${field} ${facts.event ?? ''}`;
    counts.set(label.trim(), (counts.get(label.trim()) ?? 0) + 1);
  }
  return [...counts].map(([label, count]) => (count === 1 ? label : `${label} ×${count}`));
}
