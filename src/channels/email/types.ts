import type { Brand, Language } from '../../contracts/common';
import type { MailAddress } from './parse-mail';

export type OutboundEmail = {
  to: string;
  /** The company: the sender's name, and the head of the mail. */
  company: string;
  /** Its look; the logo's address is absolute. */
  brand: Brand;
  /** The organization's mail domain, from which it is sent; null: from the installation's own address. */
  mailDomain: string | null;
  /** Where an answer goes; null: to the sender's address. */
  replyTo: string | null;
  /** Where what bounces goes; null: to the sender's address. */
  envelopeFrom: string | null;
  subject: string;
  text: string;
  /** Our message id: part of the Message-ID, by which a bounce or a reply names it. */
  clientReference: string;
  /** Message-IDs of the thread that it continues, oldest first. */
  references: string[];
  /** The candidate's page: *See message* leads there. */
  pageUrl: string | null;
  /** False: a rejected candidate reads there, and cannot write (R-MAIL-3). */
  mayAnswerOnPage: boolean;
  /** Sent by a machine, which no machine is to answer (RFC 3834). */
  automatic: boolean;
  /** Of what is not written by hand to one person: where they can say that they want no more (RFC 8058). */
  unsubscribeUrl: string | null;
  /** Of what stands in it beside the text. */
  language: Language;
  /** Signs for the organization's own domain. */
  dkim: { domainName: string; keySelector: string; privateKey: string } | null;
  /** Who gets it as well, without what is the person's alone: the page and the unsubscribe link. */
  copies?: { cc: MailAddress[]; bcc: MailAddress[] } | undefined;
  attachments?: { filename: string; contentType: string; content: Buffer }[];
};

/** Sends over SMTP. Every call rejects with a `ChannelError` and nothing else. */
export interface EmailClient {
  /** @returns the Message-ID, and the addresses that were not given their copy */
  send(
    mail: OutboundEmail,
    options: { timeoutMs: number },
  ): Promise<{ providerId: string; copiesRefused?: string[] }>;
  /** Whether the mail server lets us in; harmless. */
  works(options: { timeoutMs: number }): Promise<boolean>;
}
