import type { SendChannel } from './eligibility';

/** For people. */
export const channelNames: Record<SendChannel, string> = {
  whatsapp: 'WhatsApp',
  sms: 'SMS',
  email: 'E-mail',
};

/** Why a channel paused itself (R-AUTO-6), as a sentence; `reason` is the account's `state_reason`. */
export function troubleOf(channel: SendChannel, reason: string | null): string {
  if (channel === 'email') return emailTrouble(reason);
  const provider = channel === 'whatsapp' ? 'WhatsApp' : 'The SMS provider';
  switch (reason) {
    case 'token':
      return `${provider} no longer accepts the token: it has run out, was withdrawn or was replaced.`;
    case 'permission':
      return `${provider} no longer allows this token to send.`;
    case 'payment':
      return `${provider} waits for a payment.`;
    case 'account':
      return `${provider} has restricted the account, or does not know the sender any more.`;
    default:
      return `${provider} refuses this account.`;
  }
}

function emailTrouble(reason: string | null): string {
  switch (reason) {
    case 'token':
      return 'The mail server does not accept Parley’s user name and password.';
    case 'unreachable':
      return 'The mail server cannot be reached.';
    default:
      return 'The mail server could not be reached, or did not let Parley in.';
  }
}
