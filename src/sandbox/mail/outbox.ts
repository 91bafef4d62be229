import { createTransport } from 'nodemailer';
import { newKey } from '../ids';
import type { MailDelivery, SandboxLogger } from '../model';
import type { Store } from '../store';
import type { Clock } from '../../clock';
import type { Live } from '../live';
import type { Mails } from './mails';

/** What a mail server says when it does not take a mail. */
export type Refusal = { code: number; text: string };

/** Mails on their way: each waits until it is taken or turned away for good, over a restart too. */
export type Outbox = {
  add(mailId: string, recipients: string[], options?: { afterMs?: number }): void;
  deliveriesOf(mailId: string): (MailDelivery & { nextAttemptAt: number | undefined })[];
  /** Whatever waits is tried now. */
  retryNow(): void;
  /** Resolves when nothing is under way: all taken, turned away, or waiting for another attempt. */
  settled(): Promise<void>;
  forget(mailIds: ReadonlySet<string>): void;
  resume(): void;
  close(): void;
};

export type OutboxDeps = {
  store: Store;
  clock: Clock;
  live: Live;
  mails: Mails;
  logger: SandboxLogger;
  retryBaseMs: number;
  retryMaxMs: number;
  /** Hands the mail over; a refusal where it is not taken. */
  attempt(delivery: MailDelivery): Promise<Refusal | undefined>;
  /** It was turned away for good. */
  onRefused(delivery: MailDelivery, refusal: Refusal): Promise<void>;
};

export function createOutbox(deps: OutboxDeps): Outbox {
  const { store, clock, live, logger } = deps;
  const { mailDelivery: deliveries } = store.tables;
  /** When each that waits is due, in the machine's time. */
  const due = new Map<string, number>();
  const byMail = new Map<string, MailDelivery[]>();
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  function note(delivery: MailDelivery): void {
    const list = byMail.get(delivery.mailId);
    if (list) list.push(delivery);
    else byMail.set(delivery.mailId, [delivery]);
  }

  /** One after the other keeps the order; all of them go to the same few servers. */
  async function run(): Promise<void> {
    for (;;) {
      const [id] = [...due].find(([, at]) => at <= performance.now()) ?? [];
      const delivery = id === undefined ? undefined : deliveries.get(id);
      if (id !== undefined && !delivery) due.delete(id);
      if (id === undefined || closed) return;
      if (delivery) await attempt(delivery);
    }
  }

  async function attempt(delivery: MailDelivery): Promise<void> {
    const refusal = await deps
      .attempt(delivery)
      .catch((error: Error): Refusal => ({ code: 451, text: error.message }));
    if (closed || !deliveries.has(delivery.id)) return void due.delete(delivery.id);
    delivery.attempts += 1;
    delivery.reason = refusal && `${refusal.code} ${refusal.text}`;
    if (refusal && refusal.code < 500) {
      const waitMs = Math.min(deps.retryBaseMs * 2 ** (delivery.attempts - 1), deps.retryMaxMs);
      due.set(delivery.id, performance.now() + waitMs);
      logger.info({ attempts: delivery.attempts, code: refusal.code }, 'a mail waits');
    } else {
      due.delete(delivery.id);
      delivery.state = refusal ? 'refused' : 'delivered';
      if (refusal) await deps.onRefused(delivery, refusal);
    }
    store.put('mailDelivery', delivery);
    store.flush();
    live.emit({ type: 'mail' });
  }

  function schedule(): void {
    clearTimeout(timer);
    if (closed || running || due.size === 0) return;
    const waitMs = Math.max(0, Math.min(...due.values()) - performance.now());
    timer = setTimeout(() => {
      running = run().finally(() => {
        running = undefined;
        schedule();
      });
    }, waitMs);
  }

  return {
    add(mailId, recipients, { afterMs = 0 } = {}) {
      for (const to of recipients) {
        const delivery: MailDelivery = {
          ...{ id: newKey(), mailId, to, createdAt: clock.now().getTime() },
          ...{ state: 'waiting', attempts: 0 },
        };
        store.put('mailDelivery', delivery);
        note(delivery);
        due.set(delivery.id, performance.now() + afterMs);
      }
      schedule();
    },
    deliveriesOf: (mailId) =>
      (byMail.get(mailId) ?? []).map((delivery) => {
        const at = due.get(delivery.id);
        return {
          ...delivery,
          nextAttemptAt: at && Math.round(Date.now() + Math.max(0, at - performance.now())),
        };
      }),
    retryNow() {
      for (const id of due.keys()) due.set(id, performance.now());
      schedule();
    },
    async settled() {
      for (;;) {
        const isFresh = [...due.keys()].some((id) => deliveries.get(id)?.attempts === 0);
        if (!running && !isFresh) return;
        await (running ?? new Promise((resolve) => setTimeout(resolve, 5)));
      }
    },
    forget(mailIds) {
      for (const mailId of mailIds) {
        for (const { id } of byMail.get(mailId) ?? []) {
          due.delete(id);
          store.remove('mailDelivery', id);
        }
        byMail.delete(mailId);
      }
    },
    resume() {
      for (const delivery of deliveries.values()) {
        note(delivery);
        if (delivery.state === 'waiting') due.set(delivery.id, performance.now());
      }
      schedule();
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

/** Hands a mail to another server, as mail servers do among each other: encrypted where it can be, whatever the certificate. */
export async function handOver(
  url: string,
  mail: { from: string; to: string; raw: Buffer },
): Promise<Refusal | undefined> {
  const timeoutMs = 30_000;
  const transport = createTransport({
    url,
    name: 'sandbox.example',
    tls: { rejectUnauthorized: false },
    ...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs },
  });
  try {
    await transport.sendMail({ envelope: { from: mail.from, to: [mail.to] }, raw: mail.raw });
    return undefined;
  } catch (error) {
    const { responseCode, response, message } = error as Error & { responseCode?: number; response?: string };
    return { code: responseCode ?? 451, text: (response ?? message).replace(/^\d{3}[ -]/, '') };
  } finally {
    transport.close();
  }
}
