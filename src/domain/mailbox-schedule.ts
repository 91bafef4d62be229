import type { MailboxFault, MailboxType } from '../contracts/mailboxes';

const minute = 60_000;

/** What does not come by IDLE (other folders than the inbox, servers without it) is looked for so often. */
const lookEveryMs = 10 * minute;

/** Nothing is told of new mail by POP. */
const lookByPopEveryMs = 5 * minute;

/** Every mail on the server is compared with what is stored so often. */
export const reconcileEveryMs = 60 * minute;

const waitsMs = [1, 2, 5, 15, 30, 60].map((minutes) => minutes * minute);

export type MailboxFacts = {
  type: MailboxType;
  state: 'off' | 'connecting' | 'importing' | 'ready' | 'failing';
  fault: MailboxFault | null;
  /** Attempts in a row. */
  failures: number;
  /** The last one that failed. */
  failedAt: Date | null;
  fetchedAt: Date | null;
};

/** When a mailbox is to be looked at again; null: not at all. */
export function nextLookAt(
  { type, state, fault, failures, failedAt, fetchedAt }: MailboxFacts,
  now: Date,
): Date | null {
  switch (state) {
    case 'off':
      return null;
    case 'connecting':
    case 'importing':
      return now;
    case 'ready':
      return fetchedAt === null
        ? now
        : new Date(fetchedAt.getTime() + (type === 'pop' ? lookByPopEveryMs : lookEveryMs));
    case 'failing':
      // nothing helps but that the user signs in again
      if (fault === 'sign_in_ended') return null;
      return new Date((failedAt ?? now).getTime() + waitMs(fault, failures));
  }
}

const rarely: readonly (MailboxFault | null)[] = [
  'wrong_credentials',
  'sign_in_refused',
  'sign_in_not_set_up',
];

/** A wrong password is not tried often: servers lock accounts for it. */
function waitMs(fault: MailboxFault | null, failures: number): number {
  if (rarely.includes(fault)) return waitsMs.at(-1)!;
  return waitsMs[Math.min(Math.max(failures, 1), waitsMs.length) - 1]!;
}
