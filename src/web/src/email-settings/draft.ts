import type { Mailbox, MailboxInput, MailSecurity } from '../../../contracts/mailboxes';
import { incomingPort, outgoingPort } from '../../../domain/mail-ports';
import { emailSettingsText as words } from './text';

export type ServerDraft = {
  host: string;
  username: string;
  password: string;
  security: MailSecurity;
  port: string;
};

export type Draft = {
  fromAddress: string;
  signature: string;
  fetch: boolean;
  incoming: ServerDraft;
  ownServer: boolean;
  outgoing: ServerDraft;
};

const emptyServer: ServerDraft = { host: '', username: '', password: '', security: 'tls', port: '' };

export function draftOf({ fromAddress, signature, fetch, incoming, outgoing }: Mailbox): Draft {
  return {
    fromAddress: fromAddress ?? '',
    signature: signature ?? '',
    fetch,
    incoming: incoming ? serverDraft(incoming, incomingPort) : emptyServer,
    ownServer: outgoing !== null,
    outgoing: outgoing ? serverDraft(outgoing, outgoingPort) : emptyServer,
  };
}

type Server = { host: string; port: number; security: MailSecurity; username: string | null };

/** A port that is the usual one follows the security. */
function serverDraft({ host, port, security, username }: Server, usual: (security: MailSecurity) => number) {
  return {
    host,
    security,
    username: username ?? '',
    password: '',
    port: port === usual(security) ? '' : String(port),
  };
}

/** Whether the stored password is for this server. */
export function passwordKept(
  draft: ServerDraft,
  stored: (Server & { hasPassword: boolean }) | null,
  usual: (security: MailSecurity) => number,
): boolean {
  return (
    stored !== null &&
    stored.hasPassword &&
    stored.host === draft.host.trim().toLowerCase() &&
    stored.port === (Number(draft.port) || usual(draft.security)) &&
    stored.security === draft.security &&
    stored.username === draft.username.trim()
  );
}

/** By the name under which the server would find fault with them. */
export function faultsOf(draft: Draft, mailbox: Mailbox): Record<string, string | undefined> {
  const { incoming, outgoing, ownServer } = draft;
  const wanted = draft.fetch || isFilled(incoming);
  return {
    ...(wanted && {
      'incoming.host': incoming.host.trim() ? undefined : words.missing,
      'incoming.username': incoming.username.trim() ? undefined : words.missing,
      'incoming.password':
        incoming.password || passwordKept(incoming, mailbox.incoming, incomingPort)
          ? undefined
          : words.missing,
      'incoming.port': portFault(incoming.port),
    }),
    ...(ownServer && {
      'outgoing.host': outgoing.host.trim() ? undefined : words.missing,
      'outgoing.password':
        !outgoing.username.trim() ||
        outgoing.password ||
        passwordKept(outgoing, mailbox.outgoing, outgoingPort)
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

export function inputOf(draft: Draft): MailboxInput {
  return {
    fromAddress: draft.fromAddress.trim() || null,
    signature: draft.signature.trim() || null,
    fetch: draft.fetch,
    incoming: isFilled(draft.incoming) ? incomingOf(draft.incoming) : null,
    outgoing: draft.ownServer
      ? { ...common(draft.outgoing), username: draft.outgoing.username.trim() || null }
      : null,
  };
}

export function incomingOf(draft: ServerDraft): NonNullable<MailboxInput['incoming']> {
  return { type: 'imap', ...common(draft), username: draft.username.trim() };
}

const common = ({ host, port, security, password }: ServerDraft) => ({
  host: host.trim(),
  security,
  ...(port.trim() !== '' && { port: Number(port) }),
  ...(password !== '' && { password }),
});
