import { openMailSource } from '../../channels/mailbox/open-source';
import {
  MailboxError,
  type MailServer,
  type MailSource,
  type MailSourceOptions,
} from '../../channels/mailbox/types';
import type { AccessToken } from './access-token';
import type { MailboxIds } from './mailboxes';

/** A user's server, and how they sign in: with a password, or with a provider's token. */
export type UserServer = Pick<MailServer, 'type' | 'host' | 'port' | 'security' | 'username'> &
  ({ password: string } | { signedIn: true });

/**
 * Connects to a user's mail server and signs in.
 *
 * @throws MailboxError
 */
export async function connectMailbox(
  accessToken: AccessToken | undefined,
  ids: MailboxIds,
  server: UserServer,
  options: MailSourceOptions,
): Promise<MailSource> {
  if ('password' in server) return openMailSource(server, options);
  if (!accessToken) throw new MailboxError('sign_in_not_set_up');
  const token = await accessToken(ids);
  try {
    return await openMailSource({ ...server, accessToken: token }, options);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    // it may have been taken back before its time
    const another = await accessToken(ids, token);
    try {
      return await openMailSource({ ...server, accessToken: another }, options);
    } catch (refusal) {
      throw isRefusal(refusal) ? new MailboxError('sign_in_refused', refusal.detail) : refusal;
    }
  }
}

const isRefusal = (error: unknown): error is MailboxError =>
  error instanceof MailboxError && error.fault === 'wrong_credentials';
