import type { WhatsAppAccount } from '../src/channels/whatsapp/types';
import type { SealedAccount } from '../src/data/dispatch';

/** Opens the credentials of a channel account for one call; they are never kept. */
export type OpenAccount = (account: SealedAccount) => WhatsAppAccount;

/** `open` is `src/seal.ts` with the key; the contexts are those under which `data/channel-accounts` sealed. */
export function createOpenAccount(open: (sealed: Uint8Array, context: string) => string): OpenAccount {
  return (account) => ({
    phoneNumberId: account.phoneNumberId,
    wabaId: account.wabaId,
    accessToken: open(account.accessTokenSealed, `channelAccount.accessToken:${account.id}`),
    appSecret: open(account.appSecretSealed, `channelAccount.appSecret:${account.id}`),
  });
}
