import type { MailboxType } from '../contracts/mailboxes';
import { mailProviderIds, type MailProviderId } from './mail-providers';
import { idAt, idToBytes, readFacts, signFacts, type Hash } from './signed-token';

/** Who signs in to which mailbox; `id` is told apart from every other time. */
export type SignInState = {
  organizationId: string;
  userId: string;
  id: string;
  provider: MailProviderId;
  type: MailboxType;
  expiresAt: Date;
};

export const signInMs = 10 * 60_000;

const types: MailboxType[] = ['imap', 'pop'];
const sizes = { factBytes: 3 * 16 + 4 + 2, signatureBytes: 20 };
/** Nobody but the session that began it can end it. */
const purposeOf = (sessionId: string): string => `mailSignIn:${sessionId}`;

/** Goes to the provider and comes back with its answer (RFC 6749, `state`). */
export function signInState(hash: Hash, sessionId: string, state: SignInState): string {
  const rest = Buffer.alloc(6);
  rest.writeUInt32BE(Math.floor(state.expiresAt.getTime() / 1000));
  rest.writeUInt8(mailProviderIds.indexOf(state.provider), 4);
  rest.writeUInt8(types.indexOf(state.type), 5);
  const ids = [state.organizationId, state.userId, state.id].map(idToBytes);
  const facts = Buffer.concat([...ids, rest]);
  return signFacts(hash, purposeOf(sessionId), facts, sizes.signatureBytes).toString('base64url');
}

/** Undefined for whatever was not made here, for this session; and once it has expired. */
export function readSignInState(
  hash: Hash,
  sessionId: string,
  text: string,
  now: Date,
): SignInState | undefined {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) return undefined;
  const facts = readFacts(hash, purposeOf(sessionId), bytes, sizes);
  if (!facts) return undefined;
  const expiresAt = new Date(facts.readUInt32BE(48) * 1000);
  const provider = mailProviderIds[facts.readUInt8(52)];
  const type = types[facts.readUInt8(53)];
  if (expiresAt <= now || !provider || !type) return undefined;
  return {
    ...{ organizationId: idAt(facts, 0), userId: idAt(facts, 1), id: idAt(facts, 2) },
    ...{ provider, type, expiresAt },
  };
}

/** PKCE (RFC 7636): known to whoever made the state, and to nobody who sees it. */
export const codeVerifier = (hash: Hash, state: string): string =>
  Buffer.from(hash(`mailSignInVerifier:${state}`), 'hex').toString('base64url');
