import type { Clock } from '../../clock';
import type { Zone } from '../dns/zone';
import type { Live } from '../live';
import type { Mail, MailDelivery, SandboxLogger } from '../model';
import type { Store } from '../store';
import { composeMail, type MailWish } from './compose';
import { createMailboxes, inbox, type Mailboxes, sent } from './mailboxes';
import { createMails, type Envelope, type Mails } from './mails';
import { createOutbox, handOver, type Outbox, type Refusal } from './outbox';
import { statusReport, vacationAnswer } from './reports';

/** Where mail to one domain and those below it goes, and to each that has an MX record. */
export type MailExchange = { domain: string; url: string };

/** Takes mail in, hands it on, and reports what became of it. */
export type PostOffice = {
  mails: Mails;
  mailboxes: Mailboxes;
  outbox: Outbox;
  /** What the address says to a mail before it is handed over. */
  refusalOf(address: string): Refusal | undefined;
  /** A mail that came by SMTP. Kept, with all that follows from it, when this resolves. */
  receive(raw: Buffer, envelope: Envelope): Promise<Mail>;
  /** Writes a mail and sends it; it stands in its sender's *Sent*. */
  send(wish: MailWish): Promise<Mail>;
  forget(mailIds: string[]): void;
  /** What was done so far survives the process. */
  flush(): void;
  /** Nobody has any mail, or any mailbox. */
  reset(): void;
};

/** Reports and automatic answers come after the one that they answer. */
const afterwardsMs = 300;

export function createPostOffice(deps: {
  store: Store;
  clock: Clock;
  live: Live;
  logger: SandboxLogger;
  retryBaseMs: number;
  retryMaxMs: number;
  exchange: MailExchange | undefined;
  zone: Zone;
}): PostOffice {
  const { store, clock, live, exchange, zone } = deps;
  const mails = createMails({ store, clock });
  const mailboxes = createMailboxes({ store, clock, live });
  const outbox = createOutbox({ ...deps, mails, attempt, onRefused });

  function isElsewhere(address: string): boolean {
    const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
    if (exchange === undefined) return false;
    const isOfParley = domain === exchange.domain || domain.endsWith(`.${exchange.domain}`);
    return isOfParley || (zone.find('MX', domain) ?? []).length > 0;
  }

  function refusalOf(address: string): Refusal | undefined {
    if (isElsewhere(address)) return undefined;
    const behaviour = mailboxes.behaviourOf(address);
    if (behaviour === 'refuse') return { code: 550, text: `5.1.1 <${address}>: nobody has this address` };
    return behaviour === 'busy' ? { code: 451, text: `4.2.1 <${address}>: come again later` } : undefined;
  }

  async function attempt({ mailId, to }: MailDelivery): Promise<Refusal | undefined> {
    const mail = mails.find(mailId);
    const refusal = refusalOf(to);
    if (!mail || refusal) return refusal;
    const raw = await mails.raw(mailId);
    if (exchange && isElsewhere(to)) return handOver(exchange.url, { from: mail.envelopeFrom, to, raw });
    await deliver(mail, raw, to);
    return undefined;
  }

  async function onRefused({ mailId, to }: MailDelivery, { code, text }: Refusal): Promise<void> {
    const mail = mails.find(mailId);
    const status = /\b5\.\d{1,3}\.\d{1,3}\b/.exec(text)?.[0] ?? '5.0.0';
    if (mail)
      await report(mail, await mails.raw(mailId), {
        ...{ recipient: to, status, action: 'failed' },
        diagnostic: `${code} ${text}`,
      });
  }

  /** Into the mailbox of somebody here, with what the address does of itself. */
  async function deliver(mail: Mail, raw: Buffer, address: string): Promise<void> {
    const behaviour = mailboxes.behaviourOf(address);
    if (behaviour === 'bounce') {
      return report(mail, raw, {
        ...{ recipient: address, status: '5.1.1', action: 'failed' },
        diagnostic: `550 5.1.1 <${address}>: Recipient address rejected: User unknown`,
      });
    }
    mailboxes.add({ address, folder: inbox }, { mailId: mail.id, at: mail.at });
    if (behaviour === 'delay')
      await report(mail, raw, {
        ...{ recipient: address, status: '4.4.1', action: 'delayed' },
        diagnostic: `451 4.4.1 <${address}>: the server does not answer`,
      });
    if (behaviour === 'outofoffice') {
      const { name } = mailboxes.open(address);
      const answer = await vacationAnswer({
        ...{ at: clock.now(), from: { name, address }, to: mail.envelopeFrom, original: raw },
      });
      if (answer) await sendReport(answer, mail.envelopeFrom);
    }
  }

  async function report(
    mail: Mail,
    original: Buffer,
    facts: Pick<Parameters<typeof statusReport>[0], 'recipient' | 'status' | 'action' | 'diagnostic'>,
  ): Promise<void> {
    if (mail.envelopeFrom === '') return;
    const raw = statusReport({ ...facts, at: clock.now(), to: mail.envelopeFrom, original });
    await sendReport(raw, mail.envelopeFrom);
  }

  /** From nobody, so that nobody answers it. */
  async function sendReport(raw: Buffer, to: string): Promise<void> {
    const { id } = await mails.keep(raw, { from: '', to: [to] });
    outbox.add(id, [to], { afterMs: afterwardsMs });
  }

  function forget(mailIds: string[]): void {
    const gone = new Set(mailIds);
    outbox.forget(gone);
    mailboxes.forget(gone);
    mails.forget(gone);
    store.flush();
    live.emit({ type: 'mail' });
  }

  return {
    mails,
    mailboxes,
    outbox,
    refusalOf,
    async receive(raw, envelope) {
      const mail = await mails.keep(raw, envelope);
      outbox.add(mail.id, envelope.to.filter(isElsewhere));
      for (const address of envelope.to) if (!isElsewhere(address)) await deliver(mail, raw, address);
      store.flush();
      live.emit({ type: 'mail' });
      return mail;
    },
    async send(wish) {
      const nameOf = (address: string) => mailboxes.open(address).name;
      const { raw, ...envelope } = await composeMail(wish, { at: clock.now(), nameOf });
      const mail = await mails.keep(raw, { ...envelope, at: wish.date });
      mailboxes.add(
        { address: envelope.from, folder: sent },
        { mailId: mail.id, at: mail.at, flags: ['\\Seen'] },
      );
      outbox.add(mail.id, envelope.to);
      store.flush();
      live.emit({ type: 'mail' });
      return mail;
    },
    forget,
    flush: () => store.flush(),
    reset() {
      forget([...store.tables.mail.keys()]);
      mailboxes.close();
    },
  };
}
