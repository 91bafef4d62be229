import type { SendChannel } from '../../../domain/eligibility';

const channels: Record<SendChannel, string> = { email: 'E-mail', sms: 'SMS', whatsapp: 'WhatsApp' };

const n = (count: number) => count.toLocaleString('en');

/** Of a reason, without its remedy: among many it is a number, and each file has the whole. */
export const firstSentence = (text: string): string => text.split(/(?<=\.) /)[0] ?? text;

/** The Send message dialogue (R-SEND-1). */
export const sendText = {
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
  unknownVariable: (name: string) =>
    `There is no variable {{${name}}}. Insert variable shows which there are.`,
  channels: 'Send by',
  channelNames: channels,
  reach: (willSend: number, all: number) => `${n(willSend)} of ${n(all)} will get it`,
  counting: 'Counting who will get it…',
  credits: (count: number) => (count === 1 ? '1 credit' : `${n(count)} credits`),
  free: 'no credits',
  costsNothing: 'costs no credits',
  notAnswered: 'The sender is a name: it cannot be answered.',
  notFor: (count: number, reason: string) => `${n(count)} not: ${reason}`,
  previewFor: 'Preview for',
  preview: (name: string) => `What ${name} will read`,
  onWhatsApp: 'On WhatsApp',
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
  savedAsTemplate: (channel: string) => `Saved as template for ${channel}`,
  notForWhatsApp: 'WhatsApp takes only templates that it approved: write one in Settings → Templates.',
  parameterMissing: 'Fill this in.',
  titleMissing: 'An e-mail needs a title. Add one.',
};

/** The page of a send to many (R-SEND-6). */
export const sendsText = {
  title: 'Sends',
  confidential: 'Confidential e-mail',
  intro: 'Messages to many, newest first.',
  none: 'No message has been sent to many yet',
  noneHint:
    'Select candidates on a vacancy’s board, or people in the candidate base, then press Send message.',
  noneFound: 'No sends here',
  filter: 'Which sends',
  mine: 'Only mine',
  back: 'Sends',
  unnamed: (count: number) => (count === 1 ? 'To 1 recipient' : `To ${n(count)} recipients`),
  by: (name: string) => `by ${name}`,
  states: {
    scheduled: 'Scheduled',
    running: 'Running',
    paused: 'Paused',
    finished: 'Finished',
    cancelled: 'Cancelled',
  },
  outcomes: {
    waiting: 'Waiting',
    sent: 'Sent',
    unknown: 'Unknown',
    suppressed: 'Suppressed',
    failed: 'Failed',
    cancelled: 'Cancelled',
  },
  all: 'All',
  planned: (count: number) => `${n(count)} planned`,
  count: (count: number, outcome: string) => `${n(count)} ${outcome.toLowerCase()}`,
  progress: (done: number, planned: number) => `${n(done)} of ${n(planned)} done`,
  pace: (perMinute: number, left: string) => `${n(perMinute)} a minute, ${left}`,
  measuring: 'Measuring the pace…',
  stalled: 'Nothing has moved in the last half minute.',
  pausedNow: 'Paused: nobody who waits gets it until it is resumed.',
  outOfCredits: 'It goes on by itself once there are credits again.',
  holds: {
    scheduled: 'Scheduled: it begins',
    quiet_hours: 'Waiting for the end of the quiet hours. The first get it',
    channel_paused: 'Waiting for the channel, which is paused. Settings → Channels says why.',
    messaging_limit:
      'Waiting for WhatsApp’s limit of how many people your number may write to in 24 hours. It goes on',
  },
  pause: 'Pause',
  resume: 'Resume',
  cancel: 'Cancel',
  cancelTitle: 'Cancel this send?',
  cancelBody: 'What was not sent yet will not be sent, and its credits come back. What was sent stays sent.',
  recipients: 'Recipients',
  search: 'Search by name',
  reason: 'Reason',
  anyReason: 'Any reason',
  reasonCount: (reason: string, count: number) => `${reason} (${n(count)})`,
  download: 'Download CSV',
  noRecipients: 'Nobody here',
  viewMessage: 'View Message',
  notBefore: 'Not before',
};

/** When it goes (R-SEND-7). */
export const scheduleText = {
  when: 'When',
  later: 'Send later',
  laterHint:
    'What it will be is decided then: free text if the window is open, and whether it may still be sent. Credits are reserved then.',
  emailLaterHint: 'Whether it may still be sent is decided then.',
  templateLaterHint: 'Whether it may still be sent is decided then. Credits are reserved then.',
  date: 'Date',
  time: 'Time',
  zone: (zone: string) =>
    `On the clock of ${zone.replaceAll('_', ' ')}. Quiet hours of the person put it off.`,
  noTime: 'Give a date and a time.',
  past: 'This time has passed. Choose a later one.',
  otherwise: 'Template on WhatsApp, if the window is closed then',
  noOtherwise: 'Send nothing',
  asOfNow: 'As things are now:',
  schedule: 'Schedule',
  scheduleMany: (count: number) => (count === 1 ? 'Schedule 1 message' : `Schedule ${count} messages`),
  scheduled: (channel: string) => `Will be sent by ${channel}`,
  composerTitle: 'Send this later',
  planned: (count: number) =>
    count === 1 ? '1 message will be sent later' : `${count} messages will be sent later`,
  cancel: 'Cancel',
  cancelLabel: (what: string) => `Cancel ${what}`,
  cancelled: 'Cancelled',
};

/** What goes where WhatsApp does not deliver (R-SEND-9). */
export const fallbackText = {
  title: 'Fallback',
  label: 'If WhatsApp has not delivered it in time, send it by another channel',
  hint: 'At once where WhatsApp refuses it. It costs credits only then.',
  after: 'After',
  unit: 'Unit',
  units: { minutes: 'minutes', hours: 'hours', days: 'days' },
  by: 'By',
  channels: { sms: 'SMS', email: 'E-mail' },
  short: (channel: string, amount: number, unit: string) =>
    `by ${channel} if WhatsApp has not delivered it after ${amount} ${unit}`,
  fault: 'Give a whole number, at most 7 days.',
  next: (channel: string) => `Will be sent by ${channel} if not delivered`,
  went: (channel: string) => `Sent by ${channel} instead`,
  standsFor: (channel: string) => `In place of the message on ${channel}`,
  cancel: 'Do not send it',
  cancelled: 'It will not be sent by another channel.',
};
