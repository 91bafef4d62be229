import { htmlOf } from '../channels/email/body';
import type { Brand, Language } from '../contracts/common';
import type { CustomerRequestKind } from '../contracts/credits';
import { say } from '../domain/words';
import type { Mail } from '../mailer';

/** The page of the web inbox on which a link's password is set. */
const linkOf = (publicUrl: string, token: string): string => `${publicUrl}/set-password/${token}`;

export const invitationMail = (
  publicUrl: string,
  facts: { email: string; firstName: string; token: string; invitedBy: string | null },
): Mail => ({
  to: facts.email,
  subject: 'Your invitation to Parley',
  text: [
    `Hello ${facts.firstName},`,
    '',
    `${facts.invitedBy ?? 'Your organization'} has invited you to Parley. Choose your password here:`,
    linkOf(publicUrl, facts.token),
    '',
    'The link works once, within seven days.',
  ].join('\n'),
});

export const passwordResetMail = (
  publicUrl: string,
  facts: { email: string; firstName: string; token: string },
): Mail => ({
  to: facts.email,
  subject: 'A new password for Parley',
  text: [
    `Hello ${facts.firstName},`,
    '',
    'Somebody asked for a new password for your Parley account. If that was you, choose it here:',
    linkOf(publicUrl, facts.token),
    '',
    'The link works once, within two hours. If it was not you, nothing needs to be done.',
  ].join('\n'),
});

const asked: Record<CustomerRequestKind, { subject: string; sentence: string }> = {
  whatsapp: { subject: 'activation of WhatsApp', sentence: 'asks for WhatsApp to be added to the plan' },
  sms: { subject: 'activation of SMS', sentence: 'asks for SMS to be added to the plan' },
  credits: { subject: 'credits', sentence: 'asks for more credits' },
};

/** R-CRED-3: to Customer Success; an answer goes to whoever asked. */
export const customerRequestMail = (facts: {
  to: string;
  kind: CustomerRequestKind;
  organization: string;
  slug: string;
  balance: number;
  by: string;
  userEmail: string;
}): Mail => ({
  to: facts.to,
  subject: `${facts.organization} requests ${asked[facts.kind].subject}`,
  text: [
    `${facts.by} (${facts.userEmail}) of ${facts.organization} ${asked[facts.kind].sentence}.`,
    '',
    `Organization: ${facts.slug}`,
    `Balance: ${facts.balance}`,
  ].join('\n'),
});

/** To a candidate who asked anew for the links of their pages: as from the company, whose mail alone they know. */
export const newLinksMail = (facts: {
  to: string;
  companyName: string;
  brand: Brand;
  language: Language;
  pages: { vacancyTitle: string | null; url: string }[];
}): Mail => {
  const { to, language, companyName: company, brand, pages } = facts;
  const text = [
    say(language, 'newLinks.text', { company }),
    ...pages.map(({ vacancyTitle, url }) =>
      [vacancyTitle ?? say(language, 'newLinks.general'), url].join('\n'),
    ),
    say(language, 'newLinks.notYou'),
  ].join('\n\n');
  return {
    to,
    fromName: company,
    subject: say(language, 'newLinks.subject', { company }),
    text,
    html: htmlOf({
      company,
      brand,
      language,
      text,
      pageUrl: null,
      mayAnswerOnPage: false,
      unsubscribeUrl: null,
    }),
  };
};
