import { mailOutboxWorkflowId } from '../../domain/workflow-ids';
import type { Tx } from '../database';

type MailboxIds = { organizationId: string; userId: string };

/** Tells the open pages of this one user. */
export const noticeMailbox = (tx: Tx, organizationId: string, userId: string): void =>
  tx.notice({ type: 'mail', organizationId, userId });

/** Something of the user's waits to be sent. */
export const pokeMailOutbox = (tx: Tx, { organizationId, userId }: MailboxIds): Promise<void> =>
  tx.poke({
    organizationId,
    workflowType: 'mailOutbox',
    workflowId: mailOutboxWorkflowId(userId),
    payload: { organizationId, userId },
  });
