import { lowBalancesToMail, noteLowBalanceMailed, type LowBalance } from './data/low-balance';
import type { Database } from './data/database';
import type { Logger } from './logger';
import type { Mail, Mailer } from './mailer';

/** Mails what the sweep has found to the Administrators; what the mail server does not take is tried again at the next one. */
export async function mailLowBalances(facts: {
  db: Database;
  mailer: Mailer;
  logger: Logger;
  publicUrl: string;
}): Promise<void> {
  const { db, mailer, logger, publicUrl } = facts;
  for (const low of await lowBalancesToMail(db)) {
    try {
      await mailer.send(lowBalanceMail(publicUrl, low));
    } catch (error) {
      const { code } = error as { code?: string };
      logger.warn({ organizationId: low.organizationId, code }, 'the mail about a low balance was not taken');
      continue;
    }
    await noteLowBalanceMailed(db, low.organizationId);
  }
}

const lowBalanceMail = (publicUrl: string, { organization, balance, administrators }: LowBalance): Mail => ({
  to: administrators.join(', '),
  subject: `Parley: the credits of ${organization} run low`,
  text: [
    'Hello,',
    '',
    `${organization} has ${balance === 1 ? '1 credit' : `${balance} credits`} left. When none is left, WhatsApp and SMS messages are not sent.`,
    '',
    'You can request credits here:',
    `${publicUrl}/settings/credits`,
  ].join('\n'),
});
