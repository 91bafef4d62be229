import type { MailboxFault } from '../../contracts/mailboxes';

const timeouts = ['ETIMEDOUT', 'CONNECT_TIMEOUT', 'GREETING_TIMEOUT', 'UPGRADE_TIMEOUT', 'ETIMEOUT'];
const unreachable = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH'];
const lost = ['ECONNRESET', 'EPIPE', 'EConnectionClosed', 'NoConnection'];
const tls = /^(ERR_SSL|ERR_TLS|EPROTO|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_)/;

/** What an error of the connection itself means; undefined: it is of another kind. */
export function connectionFault(code: string): MailboxFault | undefined {
  if (tls.test(code)) return 'tls_failed';
  if (timeouts.includes(code)) return 'timeout';
  if (unreachable.includes(code)) return 'refused';
  if (lost.includes(code)) return 'disconnected';
  return undefined;
}
