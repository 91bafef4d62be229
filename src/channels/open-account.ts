import type { WhatsAppAccount } from './whatsapp/types';

/** The credentials of a channel account as they stand in the database. */
export type SealedAccount = {
  id: string;
  phoneNumberId: string;
  wabaId: string;
  accessTokenSealed: Buffer;
  appSecretSealed: Buffer;
};

/** Opens them for one call; they are never kept. */
export type OpenAccount = (account: SealedAccount) => WhatsAppAccount;

/** What each credential is sealed for (`src/seal.ts`): moved to another row it cannot be opened. */
export const sealContext = {
  accessToken: (accountId: string): string => `channelAccount.accessToken:${accountId}`,
  appSecret: (accountId: string): string => `channelAccount.appSecret:${accountId}`,
  verifyToken: (accountId: string): string => `channelAccount.verifyToken:${accountId}`,
};

/** `open` is that of `src/seal.ts`, with the key. */
export function createOpenAccount(open: (sealed: Uint8Array, context: string) => string): OpenAccount {
  return (account) => ({
    phoneNumberId: account.phoneNumberId,
    wabaId: account.wabaId,
    accessToken: open(account.accessTokenSealed, sealContext.accessToken(account.id)),
    appSecret: open(account.appSecretSealed, sealContext.appSecret(account.id)),
  });
}
