import type { Mailbox, MailboxInput, MailboxType, MailSecurity } from '../../../contracts/mailboxes';
import { incomingPort, outgoingPort } from '../../../domain/mail-ports';
import { emailSettingsText as words } from './text';

export type ServerDraft = {
  host: string;
  username: string;
  password: string;
  security: MailSecurity;
  port: string;
};

export type IncomingDraft = ServerDraft & {
  type: MailboxType;
  keepCopy: boolean;
  /** Remove from server after so many days. */
  remove: boolean;
  removeAfterDays: string;
};

export type Draft = {
  /** Also of a mailbox that is signed in with a provider: a password is to take its place. */
  byPassword: boolean;
  fromAddress: string;
  signature: string;
  fetch: boolean;
  incoming: IncomingDraft;
  ownServer: boolean;
  outgoing: ServerDraft;
};

const emptyServer: ServerDraft = { host: '', username: '', password: '', security: 'tls', port: '' };
const usualDays = 7;
const emptyIncoming: IncomingDraft = {
  ...emptyServer,
  ...{ type: 'imap', keepCopy: true, remove: false, removeAfterDays: String(usualDays) },
};

export function draftOf({ fromAddress, signature, fetch, incoming, outgoing, signIn }: Mailbox): Draft {
  return {
    byPassword: signIn === null,
    fromAddress: fromAddress ?? '',
    signature: signature ?? '',
    fetch,
    incoming: incoming ? incomingDraft(incoming) : emptyIncoming,
    ownServer: outgoing !== null,
    outgoing: outgoing ? serverDraft(outgoing, outgoingPort(outgoing.security)) : emptyServer,
  };
}

type Server = { host: string; port: number; security: MailSecurity; username: string | null };

const incomingDraft = (incoming: NonNullable<Mailbox['incoming']>): IncomingDraft => ({
  ...serverDraft(incoming, incomingPort(incoming.type, incoming.security)),
  type: incoming.type,
  keepCopy: incoming.keepCopy,
  remove: incoming.removeAfterDays !== null,
  removeAfterDays: String(incoming.removeAfterDays ?? usualDays),
});

/** A port that is the usual one follows the type and the security. */
function serverDraft({ host, port, security, username }: Server, usual: number): ServerDraft {
  return {
    host,
    security,
    username: username ?? '',
    password: '',
    port: port === usual ? '' : String(port),
  };
}

/** Whether the stored password is for this server. */
function passwordKept(
  draft: ServerDraft,
  stored: (Server & { hasPassword: boolean }) | null,
  usual: number,
): boolean {
  return (
    stored !== null &&
    stored.hasPassword &&
    stored.host === draft.host.trim().toLowerCase() &&
    stored.port === (Number(draft.port) || usual) &&
    stored.security === draft.security &&
    stored.username === draft.username.trim()
  );
}

export const incomingKept = (draft: IncomingDraft, stored: Mailbox['incoming']): boolean =>
  stored?.type === draft.type && passwordKept(draft, stored, incomingPort(draft.type, draft.security));

/** The provider's server for sending, with the same sign-in; null: not signed in, or the user has one of their own. */
export function providerServer(draft: Draft, { signIn, incoming, outgoing }: Mailbox): Server | null {
  if (draft.byPassword || !signIn?.outgoing || !incoming) return null;
  const own = outgoing !== null && (outgoing.hasPassword || outgoing.host !== signIn.outgoing.host);
  return own ? null : { ...signIn.outgoing, username: incoming.username };
}

export const outgoingKept = (draft: ServerDraft, stored: Mailbox['outgoing']): boolean =>
  passwordKept(draft, stored, outgoingPort(draft.security));

/** By the name under which the server would find fault with them. */
export function faultsOf(draft: Draft, mailbox: Mailbox): Record<string, string | undefined> {
  const { incoming, outgoing, ownServer } = draft;
  const wanted = draft.fetch || isFilled(incoming);
  return {
    ...(wanted && {
      'incoming.host': incoming.host.trim() ? undefined : words.missing,
      'incoming.username': incoming.username.trim() ? undefined : words.missing,
      'incoming.password':
        !draft.byPassword || incoming.password || incomingKept(incoming, mailbox.incoming)
          ? undefined
          : words.missing,
      'incoming.port': portFault(incoming.port),
      'incoming.removeAfterDays': removesLater(incoming) ? daysFault(incoming.removeAfterDays) : undefined,
    }),
    ...(ownServer &&
      !providerServer(draft, mailbox) && {
        'outgoing.host': outgoing.host.trim() ? undefined : words.missing,
        'outgoing.password':
          !outgoing.username.trim() || outgoing.password || outgoingKept(outgoing, mailbox.outgoing)
            ? undefined
            : words.missing,
        'outgoing.port': portFault(outgoing.port),
      }),
  };
}

export const isFilled = ({ host, username, password }: ServerDraft): boolean =>
  `${host}${username}${password}`.trim() !== '';

const portFault = (port: string): string | undefined =>
  port.trim() === '' || (/^\d{1,5}$/.test(port.trim()) && Number(port) > 0 && Number(port) < 65_536)
    ? undefined
    : words.wrongPort;

export const removesLater = ({ type, keepCopy, remove }: IncomingDraft): boolean =>
  type === 'pop' && keepCopy && remove;

const daysFault = (days: string): string | undefined =>
  /^\d{1,4}$/.test(days.trim()) && Number(days) > 0 && Number(days) <= 3650 ? undefined : words.wrongDays;

export function inputOf(draft: Draft, mailbox: Mailbox): MailboxInput {
  const outgoing = providerServer(draft, mailbox) ?? {
    ...common(draft.outgoing),
    username: draft.outgoing.username.trim() || null,
  };
  return {
    fromAddress: draft.fromAddress.trim() || null,
    signature: draft.signature.trim() || null,
    fetch: draft.fetch,
    incoming: isFilled(draft.incoming) ? incomingOf(draft.incoming) : null,
    outgoing: draft.ownServer ? outgoing : null,
  };
}

export function incomingOf(draft: IncomingDraft): NonNullable<MailboxInput['incoming']> {
  const { type, keepCopy, removeAfterDays } = draft;
  return {
    ...common(draft),
    type,
    username: draft.username.trim(),
    keepCopy: type === 'imap' || keepCopy,
    removeAfterDays: removesLater(draft) ? Number(removeAfterDays) : null,
  };
}

const common = ({ host, port, security, password }: ServerDraft) => ({
  host: host.trim(),
  security,
  ...(port.trim() !== '' && { port: Number(port) }),
  ...(password !== '' && { password }),
});
