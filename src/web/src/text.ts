// Every English word of the shell, the sign-in, the inbox and the conversation. The other pages keep theirs in pages/text.ts.
import type { Channel, Role } from '../../contracts/common';
import type { ChatStatus } from '../../contracts/conversations';
import type { MessageState } from '../../contracts/messages';

export const text = {
  product: 'Parley',
  errors: {
    network: 'Parley cannot be reached. Check your connection; nothing you wrote is lost.',
    server: 'Something went wrong on our side. Try again in a moment.',
    unexpected: 'Something went wrong.',
    notFound: 'This does not exist, or you may not see it.',
    forbidden: 'Your role does not allow this.',
    retry: 'Try again',
    title: 'This could not be loaded',
    pageTitle: 'This page stopped working',
    pageBody: 'Reload it. What you were writing has been kept.',
    reload: 'Reload',
  },
  common: {
    close: 'Close',
    cancel: 'Cancel',
    save: 'Save',
    loading: 'Loading…',
    loadMore: 'Load more',
    search: 'Search',
    clear: 'Clear',
    noMatches: 'No matches',
    none: 'None',
    you: 'you',
    back: 'Back',
    more: 'More',
    dismiss: 'Dismiss',
    required: 'required',
    selectPlaceholder: 'Choose…',
    unnamed: 'Unnamed',
    notFoundTitle: 'Not found',
    notFoundBody: 'There is nothing at this address, or you may not see it.',
    toInbox: 'Go to the inbox',
  },
  roles: {
    administrator: 'Administrator',
    supervisor: 'Supervisor',
    recruiter: 'Recruiter',
    interviewer: 'Interviewer',
    collaborator: 'Collaborator',
    requisitioner: 'Requisitioner',
    reviewer: 'Reviewer',
  } satisfies Record<Role, string>,
  channels: { whatsapp: 'WhatsApp', sms: 'SMS', email: 'E-mail', page: 'Candidate page' } satisfies Record<
    Channel,
    string
  >,
  status: { active: 'Active', open: 'Open', closed: 'Closed' } satisfies Record<ChatStatus, string>,
  messageStates: {
    scheduled: 'Scheduled',
    queued: 'Queued',
    dispatching: 'Sending',
    unknown: 'Unknown: it may have arrived',
    sent: 'Sent',
    delivered: 'Delivered',
    read: 'Read',
    failed: 'Failed',
    suppressed: 'Not sent',
    cancelled: 'Cancelled',
    unconfirmed: 'Never confirmed',
    received: 'Received',
  } satisfies Record<MessageState, string>,
} as const;
