import {
  applicationsToMail,
  noteApplicationsMailed,
  type ApplicationsToMail,
} from './data/announce-application';
import type { Database } from './data/database';
import type { Logger } from './logger';
import type { Mail, Mailer } from './mailer';

/**
 * R-MAIL-2: mails new applications to the vacancy's notification addresses. What the mail server cannot take now is tried again; what it
 * refuses for good is not.
 */
export async function mailNewApplications(facts: {
  db: Database;
  mailer: Mailer;
  logger: Logger;
  publicUrl: string;
}): Promise<void> {
  const { db, mailer, logger, publicUrl } = facts;
  for (const about of await applicationsToMail(db)) {
    const { organizationId, vacancyId } = about;
    try {
      if (about.addresses.length > 0 && about.count > 0)
        await mailer.send(newApplicationsMail(publicUrl, about));
    } catch (error) {
      const { code, responseCode } = error as { code?: string; responseCode?: number };
      logger.warn(
        { organizationId, vacancyId, code, responseCode },
        'the mail about new applications was not taken',
      );
      if (responseCode === undefined || responseCode < 500) continue;
    }
    await noteApplicationsMailed(db, about);
  }
}

function newApplicationsMail(publicUrl: string, about: ApplicationsToMail): Mail {
  const { vacancyId, vacancyTitle, addresses, noticeIds, count, applications } = about;
  const single = count === 1 ? applications[0] : undefined;
  const more = count - applications.length;
  return {
    to: addresses.join(', '),
    subject: single ? `New application for ${vacancyTitle}` : `${count} new applications for ${vacancyTitle}`,
    messageId: `applications-${noticeIds[0]}`,
    text: single
      ? [
          `${single.name} has applied for ${vacancyTitle}.`,
          '',
          `${publicUrl}/applications/${single.id}`,
        ].join('\n')
      : [
          `${count} candidates have applied for ${vacancyTitle}:`,
          '',
          ...applications.map(({ name }) => `- ${name}`),
          ...(more > 0 ? [`and ${more} more`] : []),
          '',
          `${publicUrl}/vacancies/${vacancyId}`,
        ].join('\n'),
  };
}
