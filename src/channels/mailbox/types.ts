import type { SecureContext } from 'node:tls';
import type { MailboxFault, MailboxType, MailSecurity, ServerFolder } from '../../contracts/mailboxes';

/** Larger mails are cut: what the user's server takes is mostly less. */
export const maxBytesOfOne = 40 * 1024 * 1024;

/** A user's account on their own mail server. */
export type MailServer = {
  type: MailboxType;
  host: string;
  port: number;
  security: MailSecurity;
  username: string;
  password: string;
};

/** A mail's name in its folder: <UIDVALIDITY>:<UID>, or a UIDL, where there is no number that only goes up. */
export type ServerId = { id: string; uid: number | null };

export type ServerMail = ServerId & {
  raw: Buffer;
  /** It is larger than `maxBytes`, and `raw` only its beginning. */
  cut: boolean;
  seen: boolean;
};

/** A connection to a user's mail server, by whatever protocol. Every call rejects with a `MailboxError` and nothing else. */
export interface MailSource {
  folders(): Promise<ServerFolder[]>;
  /** The calls below are about the folder that was opened last. Undefined: there is no such folder (any more). */
  open(path: string): Promise<{ validity: number | null } | undefined>;
  /** Oldest first; those after this UID. */
  ids(afterUid: number): Promise<ServerId[]>;
  /** One by one: no more than one is held in memory. Those that are gone meanwhile are left out. */
  read(ids: ServerId[]): AsyncIterable<ServerMail>;
  /** Puts a mail there unless one of this Message-ID is there; undefined: the server does not say under which name. */
  append(path: string, mail: { messageId: string; raw: Buffer }): Promise<ServerId | undefined>;
  /**
   * Takes mails off the server, and ends the connection with it: they are gone once this resolves. Not there where everything stays on the
   * server (IMAP).
   */
  remove?(ids: string[]): Promise<void>;
  close(): Promise<void>;
}

export type MailSourceOptions = {
  /** Of `mailTrust`. */
  trust?: SecureContext | undefined;
  /** Hosts (`host` or `host:port`) that may be private. */
  allow: readonly string[];
  timeoutMs?: number;
  maxBytes?: number;
  /** Told of new mail in the opened folder as it comes, and when the connection ends by itself. */
  watch?: { onNew: () => void; onEnd: () => void };
  resolve?: (host: string) => Promise<{ address: string; family: number }[]>;
};

export class MailboxError extends Error {
  override readonly name = 'MailboxError';
  /** `detail`: the server's own words. */
  constructor(
    readonly fault: MailboxFault,
    readonly detail: string | null = null,
  ) {
    super(fault);
  }
}
