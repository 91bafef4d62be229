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
} & MailLogin;

/** The token is one of the provider's (OAuth 2, XOAUTH2). */
export type MailLogin = { password: string } | { accessToken: string };

/** A mail's name in its folder: <UIDVALIDITY>:<UID>, or a UIDL, where there is no number that only goes up. */
export type ServerId = { id: string; uid: number | null };

export type ServerMail = ServerId & {
  raw: Buffer;
  /** It is larger than `maxBytes`, and `raw` only its beginning. */
  cut: boolean;
  /** Null: the protocol does not say (POP). */
  seen: boolean | null;
};

/** What has changed of mails that stay where they are, by their ids. */
export type ServerChanges = { seen: Map<string, boolean>; gone: string[] };

/** `more`: something else has as well, and the server does not say of which mail. */
export type ToldChanges = ServerChanges & { more: boolean };

/** A connection to a user's mail server, by whatever protocol. Every call rejects with a `MailboxError` and nothing else. */
export interface MailSource {
  folders(): Promise<ServerFolder[]>;
  /** The calls below are about the folder that was opened last. Undefined: there is no such folder (any more). */
  open(path: string): Promise<OpenedFolder | undefined>;
  /** Oldest first; those after this UID. */
  ids(afterUid: number): Promise<ServerId[]>;
  /** One by one: no more than one is held in memory. Those that are gone meanwhile are left out. */
  read(ids: ServerId[]): AsyncIterable<ServerMail>;
  /** Puts a mail there unless one of this Message-ID is there; undefined: the server does not say under which name. */
  append(path: string, mail: { messageId: string; raw: Buffer }): Promise<ServerId | undefined>;
  /** Those that are not read. Not there, like the next two, where mails have no flags (POP). */
  unseen?(): Promise<Set<string>>;
  /**
   * What has changed since `modSeq`. Of a server that does not count its changes (CONDSTORE), and does not tell what has gone (QRESYNC), it is
   * what it has told by itself meanwhile.
   */
  changes?(modSeq: string | null): Promise<ToldChanges>;
  /** Marks mails of a folder as read or unread, and leaves that folder open. False: the server does not take it. */
  setSeen?(path: string, ids: string[], seen: boolean): Promise<boolean>;
  /**
   * Moves mails of a folder into another, and leaves one of them open. Returns under which names they stand there, by those that they had: null
   * where the server does not say. Undefined: nothing can be moved there.
   */
  move?(path: string, ids: string[], to: string): Promise<Map<string, string | null> | undefined>;
  /**
   * Takes mails off the server, and ends the connection with it: they are gone once this resolves. Not there where everything stays on the
   * server (IMAP).
   */
  remove?(ids: string[]): Promise<void>;
  close(): Promise<void>;
}

/** `modSeq`: how far the server has counted changes; null: it does not. */
type OpenedFolder = { validity: number | null; modSeq: string | null };

export type MailSourceOptions = {
  /** Of `mailTrust`. */
  trust?: SecureContext | undefined;
  /** Hosts (`host` or `host:port`) that may be private. */
  allow: readonly string[];
  timeoutMs?: number;
  maxBytes?: number;
  /** Told of what comes and changes in the opened folder, and when the connection ends by itself. */
  watch?: { onChange: () => void; onEnd: () => void };
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
