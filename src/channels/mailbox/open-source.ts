import { AddressError, resolveHost } from '../webhook/address';
import { openImap } from './imap';
import { openPop } from './pop';
import { MailboxError, type MailServer, type MailSource, type MailSourceOptions } from './types';

/**
 * Connects to a user's mail server and signs in. Its host is resolved once and checked; the address found is the one connected to.
 *
 * @throws MailboxError
 */
export async function openMailSource(server: MailServer, options: MailSourceOptions): Promise<MailSource> {
  const { host, port } = server;
  const allowed = options.allow.includes(host) || options.allow.includes(`${host}:${port}`);
  const { address } = await resolveHost(host, allowed, options.resolve).catch((error: unknown) => {
    throw error instanceof AddressError
      ? new MailboxError(error.fault === 'host_not_found' ? 'host_not_found' : 'host_not_allowed')
      : error;
  });
  return server.type === 'pop' ? openPop(server, address, options) : openImap(server, address, options);
}
