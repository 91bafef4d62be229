import type { Database } from '../data/database';
import type { Logger } from '../logger';
import type { Mail, Mailer } from '../mailer';

export type NoticeDeps = { db: Database; mailer: Mailer; logger: Logger; publicUrl: string };

/**
 * Mails one thing after another, and notes each that was mailed. What the mail server cannot take now is tried again at the next round;
 * what it refuses for good is noted as well. A worker that dies between mail and note sends again, under the same Message-ID.
 */
export async function mailEach<T>(
  { db, mailer, logger }: NoticeDeps,
  items: T[],
  notice: {
    /** Null: there is nothing to say any more. */
    mail: (item: T) => Mail | null | Promise<Mail>;
    note: (db: Database, item: T) => Promise<unknown>;
    /** What it is about, by ids, for the log. */
    about: (item: T) => Record<string, string>;
  },
): Promise<void> {
  for (const item of items) {
    const mail = await notice.mail(item);
    try {
      if (mail) await mailer.send(mail);
    } catch (error) {
      const { code, responseCode } = error as { code?: string; responseCode?: number };
      logger.warn({ ...notice.about(item), code, responseCode }, 'a mail to the organization was not taken');
      if (!isForGood(code, responseCode)) continue;
    }
    await notice.note(db, item);
  }
}

/** The addresses or the mail were refused, not the way it was handed over (530: credentials are missing). */
const isForGood = (code: string | undefined, responseCode = 0): boolean =>
  (code === 'EENVELOPE' || code === 'EMESSAGE') && responseCode >= 500 && responseCode !== 530;
