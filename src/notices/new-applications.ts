import {
  applicationsToMail,
  noteApplicationsMailed,
  type ApplicationsToMail,
} from '../data/vacancies/announce-application';
import type { Mail } from '../mailer';
import { mailEach, type NoticeDeps } from './mail-each';

/** R-MAIL-2: mails new applications to the vacancy's notification addresses. */
export async function mailNewApplications(deps: NoticeDeps): Promise<void> {
  await mailEach(deps, await applicationsToMail(deps.db), {
    mail: (about) =>
      about.addresses.length > 0 && about.count > 0 ? newApplicationsMail(deps.publicUrl, about) : null,
    note: noteApplicationsMailed,
    about: ({ organizationId, vacancyId }) => ({ organizationId, vacancyId }),
  });
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
