import type { Clock } from '../../clock';
import { newKey } from '../ids';
import { headerOf, parseMail } from '../mime';
import type { Mail } from '../model';
import type { Store } from '../store';

export type Envelope = {
  from: string;
  to: string[];
  /** Left out: now. */
  at?: Date | undefined;
};

/** The mails themselves, each kept once, whoever has it in whichever folder. */
export type Mails = {
  /** On disk with its bytes after the next `store.flush`. */
  keep(raw: Buffer, envelope: Envelope): Promise<Mail>;
  raw(mailId: string): Promise<Buffer>;
  find(mailId: string): Mail | undefined;
  /** In order of arrival. */
  all(): Mail[];
  /** By its Message-ID, with angle brackets. */
  findByMessageId(messageId: string): Mail | undefined;
  forget(mailIds: Iterable<string>): void;
};

export function createMails({ store, clock }: { store: Store; clock: Clock }): Mails {
  const { mail: mails } = store.tables;
  let seq = 0;
  for (const mail of mails.values()) seq = Math.max(seq, mail.seq);
  const blobOf = (mailId: string) => `mail-${mailId}`;
  return {
    async keep(raw, envelope) {
      const parsed = parseMail(raw);
      const id = newKey();
      // first the bytes: a record without them would be a mail that nobody can open
      await store.writeBlob(blobOf(id), raw);
      const mail: Mail = {
        id,
        seq: ++seq,
        at: (envelope.at ?? clock.now()).getTime(),
        from: headerOf(parsed.headers, 'from') || envelope.from,
        envelopeFrom: envelope.from,
        to: envelope.to,
        subject: headerOf(parsed.headers, 'subject'),
        size: raw.length,
        ...parsed,
      };
      store.put('mail', mail);
      return mail;
    },
    raw: async (mailId) => (await store.readBlob(blobOf(mailId))) ?? Buffer.alloc(0),
    find: (mailId) => mails.get(mailId),
    all: () => [...mails.values()].sort((a, b) => a.seq - b.seq),
    findByMessageId: (messageId) =>
      [...mails.values()].find(({ headers }) => headerOf(headers, 'message-id') === messageId),
    forget(mailIds) {
      for (const id of mailIds) {
        store.remove('mail', id);
        void store.removeBlob(blobOf(id));
      }
    },
  };
}
