import type { Clock } from '../../clock';
import { newKey } from '../ids';
import { misbehaviourOf } from '../misbehaviour';
import type { SandboxLogger, SmsPost } from '../model';
import type { WebhookPoster } from '../post-webhook';
import type { Store } from '../store';

export type NewSmsPost = Omit<SmsPost, 'id' | 'createdAt' | 'attempts'>;

/** The form posts to the company: kept until they are accepted, those of one message in their order. */
export type SmsPosts = {
  /** Notes posts so that they survive; they go out after `release`. */
  note(posts: NewSmsPost[]): SmsPost[];
  release(posts: SmsPost[]): void;
  send(posts: NewSmsPost[]): void;
  /** Releases, and waits until each was answered once. */
  deliverNow(posts: SmsPost[]): Promise<void>;
  retryNow(): void;
  /** A hold may have ended. */
  wake(): void;
  /** Resolves when nothing is under way: all accepted, dropped, held back, or waiting for a retry. */
  settled(): Promise<void>;
  forget(): void;
  resume(): void;
  close(): void;
};

const maxInFlight = 16;
const giveUpMs = 7 * 24 * 3_600_000;

export function createSmsPosts(deps: {
  store: Store;
  clock: Clock;
  poster: WebhookPoster;
  logger: SandboxLogger;
  retryBaseMs: number;
  retryMaxMs: number;
}): SmsPosts {
  const { store, clock, poster } = deps;
  let ready: SmsPost[] = [];
  const retries = new Map<SmsPost, NodeJS.Timeout>();
  const delays = new Set<NodeJS.Timeout>();
  /** Ids of messages with a post under way. */
  const busy = new Set<string>();
  let idleWaiters: (() => void)[] = [];
  let closed = false;

  const behaviourOf = ({ accountSid, waId }: NewSmsPost) =>
    misbehaviourOf(store, { phoneNumberId: accountSid, waId });
  const isHeld = (post: SmsPost): boolean => behaviourOf(post).value('holdWebhooks') === true;

  function note(posts: NewSmsPost[]): SmsPost[] {
    return posts.flatMap((post) => {
      const doubled = post.kind === 'status' && behaviourOf(post).value('duplicateStatuses') === true;
      return Array.from({ length: doubled ? 2 : 1 }, () => {
        const noted = { ...post, id: newKey(), createdAt: clock.now().getTime(), attempts: 0 };
        store.put('smsPost', noted);
        return noted;
      });
    });
  }

  function release(posts: SmsPost[]): void {
    const first = posts[0];
    if (!first) return;
    const ordered = behaviourOf(first).value('reorderWebhooks') === true ? [...posts].reverse() : posts;
    for (const post of ordered) {
      const behaviour = behaviourOf(post);
      if (behaviour.use('dropWebhooks') !== undefined) {
        store.remove('smsPost', post.id);
        continue;
      }
      const delayMs = behaviour.value('webhookDelayMs') ?? 0;
      if (delayMs === 0) ready.push(post);
      else {
        const timer = setTimeout(() => {
          delays.delete(timer);
          ready.push(post);
          pump();
        }, delayMs);
        delays.add(timer);
      }
    }
    pump();
  }

  function pump(): void {
    while (!closed && busy.size < maxInFlight) {
      const position = ready.findIndex((post) => !busy.has(post.messageId) && !isHeld(post));
      if (position < 0) break;
      const [post] = ready.splice(position, 1);
      void deliver(post!);
    }
    settle();
  }

  async function deliver(post: SmsPost): Promise<void> {
    busy.add(post.messageId);
    const authToken = store.tables.smsAccount.get(post.accountSid)?.authToken ?? '';
    const target = { url: post.url, authToken };
    const outcome = await poster.postForm(target, post.fields);
    const repeats = behaviourOf(post).value('repeatWebhooks') ?? 0;
    for (let copy = 0; copy < repeats && !closed; copy++) await poster.postForm(target, post.fields);
    busy.delete(post.messageId);
    if (closed) return;
    const accepted = outcome.status !== undefined && outcome.status >= 200 && outcome.status < 300;
    const forgotten = !store.tables.smsPost.has(post.id);
    if (accepted || forgotten || clock.now().getTime() - post.createdAt > giveUpMs) {
      store.remove('smsPost', post.id);
    } else {
      retryLater(post, outcome);
    }
    pump();
  }

  function retryLater(
    post: SmsPost,
    outcome: { status: number | undefined; error: string | undefined },
  ): void {
    post.attempts++;
    store.put('smsPost', post);
    deps.logger.warn(
      { post: post.id, attempts: post.attempts, status: outcome.status, error: outcome.error },
      'SMS post not accepted',
    );
    const delayMs = Math.min(deps.retryMaxMs, deps.retryBaseMs * 2 ** (post.attempts - 1));
    retries.set(
      post,
      setTimeout(() => retry(post), delayMs),
    );
  }

  function retry(post: SmsPost): void {
    clearTimeout(retries.get(post));
    retries.delete(post);
    ready.push(post);
    pump();
  }

  function settle(): void {
    const idle = delays.size === 0 && busy.size === 0 && ready.every(isHeld);
    if (idle) for (const resolve of idleWaiters.splice(0)) resolve();
  }

  return {
    note,
    release,
    send: (posts) => release(note(posts)),
    async deliverNow(posts) {
      for (const post of posts) await deliver(post);
    },
    retryNow() {
      for (const post of [...retries.keys()]) retry(post);
    },
    wake: pump,
    settled: () =>
      new Promise((resolve) => {
        idleWaiters.push(resolve);
        setImmediate(pump);
      }),
    forget() {
      for (const timer of [...retries.values(), ...delays]) clearTimeout(timer);
      retries.clear();
      delays.clear();
      ready = [];
      for (const id of [...store.tables.smsPost.keys()]) store.remove('smsPost', id);
      settle();
    },
    resume() {
      ready.push(...store.tables.smsPost.values());
      pump();
    },
    close() {
      closed = true;
      for (const timer of [...retries.values(), ...delays]) clearTimeout(timer);
      for (const resolve of idleWaiters) resolve();
      idleWaiters = [];
    },
  };
}
