import type { EventDelivery, WebhookEndpoint } from '../../../../contracts/webhook-endpoints';

/** The words of Settings → Webhooks. */
export const webhooksText = {
  intro:
    'Every message and chat event is posted to your own systems: signed, in order for each conversation, and tried again until it is taken.',
  reference: 'Event catalogue',
  add: 'Add endpoint',
  none: 'No webhook endpoints yet',
  noneHint:
    'Add the address of your system, such as an ATS. Programs can also read the feed at /api/v1/events.',
  states: { active: 'Active', failing: 'Failing', paused: 'Paused', disabled: 'Stopped' } satisfies Record<
    WebhookEndpoint['state'],
    string
  >,
  every: 'Every event',
  waiting: (count: number) => (count === 1 ? '1 event waits' : `${count} events wait`),
  failing: 'Events do not get through since',
  failingHint: 'They are kept and tried again. The log says why.',
  pausedHint: 'What happens meanwhile is posted once you resume.',
  disabledHint:
    'It took no event for 7 days, so Parley has stopped asking it. The log says why. What it has not got is posted once you resume.',
  missed: (count: number) =>
    `${count === 1 ? '1 event was' : `${count.toLocaleString('en')} events were`} not taken in time, and ${count === 1 ? 'is' : 'are'} no longer kept.`,
  oldSecret: 'Events are signed with the old secret, too, until',
  test: 'Send test event',
  tested: 'Test event sent. The log shows how it went.',
  pause: 'Pause',
  resume: 'Resume',
  change: 'Change',
  rotate: 'New secret',
  remove: 'Remove',
  of: (command: string, name: string) => `${command}: ${name}`,
  removed: 'Endpoint removed',
  removeTitle: (name: string) => `Remove ${name}?`,
  removeText: 'Nothing more is posted there, and its log goes too. The event feed keeps all events.',
  form: {
    addTitle: 'Add endpoint',
    changeTitle: 'Change endpoint',
    name: 'Name',
    nameHint: 'For example: ATS',
    url: 'Address',
    urlHint: 'Begins with https://',
    missing: 'Fill this in.',
    events: 'Events',
    every: 'Every event, also kinds to come',
    noEvent: 'Choose at least one event.',
    submit: 'Add endpoint',
  },
  secret: {
    title: 'The secret of the endpoint',
    text: 'Copy it now: it is shown this once. With it your system checks that events are from Parley.',
    label: 'Secret',
    done: 'I have copied it',
    rotateTitle: (name: string) => `A new secret for ${name}?`,
    rotateText: 'It is shown once, on the next page.',
    rotateSubmit: 'Make new secret',
    keepOld: 'Sign with the old secret, too, for 24 hours',
    keepOldHint:
      'So no event is refused while you bring the new one to your system. Untick it when the old one has become known to others.',
  },
  log: {
    show: 'Log',
    state: 'State',
    type: 'Event',
    all: 'All',
    none: 'Nothing posted yet',
    noneFiltered: 'Nothing with these filters',
    states: { waiting: 'Waiting', failing: 'Failing', delivered: 'Delivered' } satisfies Record<
      EventDelivery['state'],
      string
    >,
    answer: (code: number) => `Answer ${code}`,
    attempts: (count: number) => (count === 1 ? '1 attempt' : `${count} attempts`),
    milliseconds: (ms: number) => `${ms} ms`,
    next: 'next',
    again: 'Send again',
    sentAgain: 'Sent again',
    more: 'Show more',
  },
  verify: {
    title: 'How to verify a signature',
    text: 'Events are signed after',
    standard: 'Standard Webhooks',
    by: 'Its libraries check that; by hand, in Node:',
    snippet: `import { createHmac, timingSafeEqual } from 'node:crypto';

/** secret: whsec_…; headers and the raw body as they came. */
export function isFromParley(secret, headers, body) {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return false;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const expected = createHmac('sha256', key).update(\`\${id}.\${timestamp}.\${body}\`).digest();
  return headers['webhook-signature'].split(' ').some((signature) => {
    const given = Buffer.from(signature.replace('v1,', ''), 'base64');
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}`,
    hint: 'Answer with 2xx within 10 seconds, and do the work afterwards. The same webhook-id may come twice: take it once.',
  },
} as const;
