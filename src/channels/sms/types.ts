import type { ReasonCode } from '../../contracts/reasons';
import type { ReceiptStatus } from '../../domain/receipts';
import type { ChannelErrorClass } from '../channel-error';

/** What messages come from: a number in E.164, a sender in letters (which cannot be answered), or a messaging service. */
export type SmsSender = { from: string } | { messagingServiceSid: string };

/** Credentials of one connected account, decrypted; never logged, never in a workflow. */
export type SmsAccount = { accountSid: string; authToken: string; sender: SmsSender };

export type OutboundSms = {
  /** E.164, with the plus. */
  to: string;
  body: string;
  /** Where the provider tells what became of it; holds our message id (`webhookPath.status`). None: nobody is told. */
  statusCallback?: string;
};

export type SmsSendResult = {
  providerId: string;
  /** As the provider counts them; ours where it does not say yet. */
  segments: number;
};

export type SmsError = {
  code: number;
  detail: string | undefined;
  reason: ReasonCode;
  errorClass: ChannelErrorClass;
};

/** A form post of the provider, read. It says nothing of when something happened: that is when it came in. */
export type SmsEvent =
  | {
      type: 'smsMessage';
      accountSid: string;
      providerId: string;
      /** Digits, without the plus; a sender in letters as it came. */
      from: string;
      to: string;
      body: string;
      /** Files that came along, which SMS itself does not know (MMS): only told, not fetched. */
      mediaCount: number;
      /** The provider answers STOP, START and HELP itself (Twilio's advanced opt-out), and has. */
      answered: boolean;
    }
  | {
      type: 'smsStatus';
      accountSid: string;
      providerId: string;
      status: ReceiptStatus;
      error: SmsError | undefined;
    }
  /** A step on the way (queued, sending) that says nothing of the end. */
  | { type: 'passing'; status: string }
  | { type: 'fault'; path: string; message: string };

export type SmsAccountInfo = { name: string };

/** Everything Parley asks of Programmable Messaging. Every call rejects with a `ChannelError` and nothing else. */
export interface SmsClient {
  send(account: SmsAccount, message: OutboundSms, options: { timeoutMs: number }): Promise<SmsSendResult>;
  /** Whether the credentials hold; harmless. */
  checkAccount(account: SmsAccount): Promise<SmsAccountInfo>;
  /**
   * Points the sender's incoming messages at `callbackUrl`, where it is a number of this account.
   *
   * @returns `notOurs` when the account has no such number; `manual` for a sender that has no such setting here
   */
  receiveAt(account: SmsAccount, callbackUrl: string): Promise<'set' | 'notOurs' | 'manual'>;
}
