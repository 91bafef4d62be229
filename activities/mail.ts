import { Context } from '@temporalio/activity';
import { syncMailbox, type SyncDeps } from '../src/mail/sync-mailbox';
import { beating } from './beating';

/** What the mail process does for workflows. Arguments and results are ids, instants (ISO 8601) and codes only. */
export type MailActivities = {
  /** Reads what is new in a user's mailbox on their server; says when to look again, null when nothing is to be fetched, and what is wrong. */
  syncMailbox(mailbox: {
    organizationId: string;
    userId: string;
  }): Promise<{ nextDueAt: string | null; fault?: string }>;
};

/** A large import takes turns with the mailboxes of others. */
const turnMs = 60_000;

export function createMailActivities(deps: SyncDeps): MailActivities {
  return {
    syncMailbox: (mailbox) => {
      const { cancellationSignal } = Context.current();
      const endsAt = performance.now() + turnMs;
      const goOn = () => !cancellationSignal.aborted && performance.now() < endsAt;
      return beating(() => syncMailbox(deps, mailbox, goOn));
    },
  };
}
