import { lowBalancesToMail, noteLowBalanceMailed, type LowBalance } from '../data/credits/low-balance';
import type { Mail } from '../mailer';
import { mailEach, type NoticeDeps } from './mail-each';

/** R-CRED-2: mails the Administrators of who runs low on credits. */
export async function mailLowBalances(deps: NoticeDeps): Promise<void> {
  await mailEach(deps, await lowBalancesToMail(deps.db), {
    mail: (low) => lowBalanceMail(deps.publicUrl, low),
    note: (db, { organizationId }) => noteLowBalanceMailed(db, organizationId),
    about: ({ organizationId }) => ({ organizationId }),
  });
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
