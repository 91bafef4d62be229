import {
  mailDomainsToMail,
  noteMailDomainMailed,
  type ChangedMailDomain,
} from '../data/channels/check-mail-domain';
import { whatIsWrong } from '../domain/mail-dns';
import type { Mail } from '../mailer';
import { mailEach, type NoticeDeps } from './mail-each';

/** Mails the Administrators when their own mail domain has come into use by itself, or out of it. */
export async function mailChangedMailDomains(deps: NoticeDeps, mailDomain: string | null): Promise<void> {
  await mailEach(deps, await mailDomainsToMail(deps.db, mailDomain), {
    mail: (changed) => mailDomainMail(deps.publicUrl, changed),
    note: noteMailDomainMailed,
    about: ({ organizationId }) => ({ organizationId }),
  });
}

function mailDomainMail(publicUrl: string, changed: ChangedMailDomain): Mail {
  const { organizationId, organization, administrators, domain, checks, changedAt, standard } = changed;
  const mx = checks.records.find(({ kind }) => kind === 'mx');
  return {
    to: administrators.join(', '),
    subject: checks.inUse
      ? `Parley: e-mails of ${organization} go under ${domain}`
      : `Parley: e-mails of ${organization} no longer go under ${domain}`,
    messageId: `mail-domain-${organizationId}-${changedAt.getTime()}`,
    text: [
      'Hello,',
      '',
      ...(checks.inUse
        ? [`The DNS records of ${domain} were found: e-mails of ${organization} go under it from now on.`]
        : [
            `E-mails of ${organization} no longer go under ${domain}: ${whatIsWrong(checks.records)}.`,
            `${standard === null ? 'Until it is back' : `They go under ${standard} until it is back`}; then ${domain} is used again by itself.`,
            ...(mx?.state === 'found'
              ? []
              : [`What people write to ${domain} does not reach Parley until its MX record is back.`]),
          ]),
      '',
      checks.inUse ? 'Its records, and when they were checked last:' : 'What to enter at your DNS provider:',
      `${publicUrl}/settings/channels`,
    ].join('\n'),
  };
}
