import type { Mailboxes } from './mailboxes';

/** Whoever signs in is let in: there is nothing to protect. One password is refused, so that this can be tried too. */
export const isRefused = (password: string): boolean => password === 'wrong';

/** The address of the mailbox, made on the fly; undefined: refused. */
export function signIn(mailboxes: Mailboxes, address: string, password: string): string | undefined {
  return isRefused(password) || !address.includes('@') ? undefined : mailboxes.open(address).id;
}

/** SASL PLAIN (RFC 4616). */
export function readPlain(base64: string): { user: string; password: string } {
  const [, user = '', password = ''] = Buffer.from(base64, 'base64').toString('utf8').split('\u0000');
  return { user, password };
}
