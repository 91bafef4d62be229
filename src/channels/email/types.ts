import type { Language } from '../../contracts/common';

export type OutboundEmail = {
  to: string;
  /** The company, as the sender's name. */
  fromName: string;
  /** Where an answer goes; the sender's own address. */
  replyTo: string | null;
  subject: string;
  text: string;
  /** Our message id: part of the Message-ID, by which a bounce or a reply names it. */
  clientReference: string;
  /** Sent by a machine, which no machine is to answer (RFC 3834). */
  automatic: boolean;
  /** Of what is not written by hand to one person: where they can say that they want no more (RFC 8058). */
  unsubscribeUrl: string | null;
  /** Of what stands beside that link. */
  language: Language;
};

/** Sends over SMTP. Every call rejects with a `ChannelError` and nothing else. */
export interface EmailClient {
  /** @returns the Message-ID */
  send(mail: OutboundEmail, options: { timeoutMs: number }): Promise<{ providerId: string }>;
  /** Whether the mail server lets us in; harmless. */
  works(options: { timeoutMs: number }): Promise<boolean>;
}
