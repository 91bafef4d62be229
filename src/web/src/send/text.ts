import type { SendChannel } from '../../../domain/eligibility';

const channels: Record<SendChannel, string> = { email: 'E-mail', sms: 'SMS', whatsapp: 'WhatsApp' };

const n = (count: number) => count.toLocaleString('en');

/** The Send message dialogue (R-SEND-1). */
export const sendText = {
  action: 'Send message',
  title: 'Send message',
  to: (who: string) => `To ${who}`,
  source: 'What to send',
  composed: 'Composed text',
  template: 'Template',
  chooseTemplate: 'Choose a template',
  noTemplates: 'There are no templates yet. Write one in Settings → Templates, or compose a text.',
  emailTitle: 'Title',
  emailTitleHint: 'An e-mail needs one. Variables work here too.',
  text: 'Text',
  variableHint: 'A fallback after | stands in where a value is missing: {{candidate.firstName|there}}',
  channels: 'Send by',
  channelNames: channels,
  reach: (willSend: number, all: number) => `${n(willSend)} of ${n(all)} will get it`,
  counting: 'Counting who will get it…',
  credits: (count: number) => (count === 1 ? '1 credit' : `${n(count)} credits`),
  free: 'no credits',
  notAnswered: 'The sender is a name: it cannot be answered.',
  notFor: (count: number, reason: string) => `${n(count)} not: ${reason}`,
  preview: (name: string) => `What ${name} will read`,
  carried: 'On WhatsApp, outside the 24 hours, within the carrier template',
  previewHint: 'Write something, or choose a template, to see it as it will arrive.',
  cost: (credits: string, balance: number) => `It will cost ${credits}; the balance is ${n(balance)}.`,
  send: 'Send',
  sendMany: (count: number) =>
    count === 0 ? 'Send' : count === 1 ? 'Send 1 message' : `Send ${n(count)} messages`,
  sent: (channel: string) => `Sent by ${channel}`,
  notSent: (channel: string) => `Not sent by ${channel}`,
  saveAsTemplate: 'Save as template',
  templateName: 'Name of the template',
  savedAsTemplate: 'Saved as template',
  titleMissing: 'An e-mail needs a title. Add one.',
};

/** The page of a send to many (R-SEND-6). */
export const sendsText = {
  title: 'Sends',
  intro: 'Messages to many, newest first.',
  none: 'No message has been sent to many yet',
  noneHint: 'Select candidates on a vacancy’s board, then press Send message.',
  back: 'Sends',
  unnamed: (count: number) => `To ${count} recipients`,
  by: (name: string) => `by ${name}`,
  states: { running: 'Running', paused: 'Paused', finished: 'Finished', cancelled: 'Cancelled' },
  outcomes: {
    waiting: 'Waiting',
    sent: 'Sent',
    unknown: 'Unknown',
    suppressed: 'Suppressed',
    failed: 'Failed',
    cancelled: 'Cancelled',
  },
  all: 'All',
  planned: (count: number) => `${count} planned`,
  progress: (done: number, planned: number) => `${done} of ${planned} done`,
  timeLeft: (perMinute: number, words: string) => `${perMinute} a minute, about ${words} left`,
  pause: 'Pause',
  resume: 'Resume',
  cancel: 'Cancel',
  cancelTitle: 'Cancel this send?',
  cancelBody: 'What was not sent yet will not be sent, and its credits come back. What was sent stays sent.',
  recipients: 'Recipients',
  noRecipients: 'Nobody here',
  viewMessage: 'View Message',
  notBefore: 'Quiet hours until',
  more: 'Show more',
};
