import type { SmsAccount, SmsSender } from './sms/types';
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
  /** SMS: the auth token. */
  secret: (accountId: string): string => `channelAccount.secret:${accountId}`,
  /** The private key of an organization's mail domain. */
  dkim: (organizationId: string): string => `mailDomain.dkim:${organizationId}`,
  /** A user's passwords for their own mail server: for reading, and for sending. */
  mailboxPassword: (userId: string): string => `mailbox.password:${userId}`,
  mailboxSmtpPassword: (userId: string): string => `mailbox.smtpPassword:${userId}`,
  /** The tokens of a sign-in with a provider. */
  mailboxTokens: (userId: string): string => `mailbox.tokens:${userId}`,
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

/** What stands in `channel_accounts.settings` of an SMS account. */
export type SmsSettings = { accountSid: string; sender: SmsSender };

export type SealedSmsAccount = { id: string; settings: SmsSettings; secretSealed: Buffer };

/** The same for SMS. */
export function createOpenSmsAccount(
  open: (sealed: Uint8Array, context: string) => string,
): (account: SealedSmsAccount) => SmsAccount {
  return ({ id, settings, secretSealed }) => ({
    ...settings,
    authToken: open(secretSealed, sealContext.secret(id)),
  });
}

/** The key with which an organization signs its own mail domain's mail (DKIM); null where it cannot be opened: the mail goes unsigned. */
export function createOpenDkim(open: (sealed: Uint8Array, context: string) => string) {
  return (
    organizationId: string,
    { domain, selector, keySealed }: { domain: string; selector: string; keySealed: Buffer },
  ): { domainName: string; keySelector: string; privateKey: string } | null => {
    try {
      return {
        domainName: domain,
        keySelector: selector,
        privateKey: open(keySealed, sealContext.dkim(organizationId)),
      };
    } catch {
      return null;
    }
  };
}
