import { Context } from '@temporalio/activity';
import type { WhatsAppClient } from '../src/channels/whatsapp/types';
import { settleConversation, type ConversationIds } from '../src/data/conversations/conversation-store';
import type { Database } from '../src/data/database';
import type { AccessToken } from '../src/data/mailboxes/access-token';
import { createLimits } from '../src/data/limits/dispatch-limits';
import type { DispatchResult } from '../src/domain/dispatch';
import type { ChatSnapshot } from '../src/domain/snapshot';
import type { Logger } from '../src/logger';
import { createKeyHash, open } from '../src/seal';
import type { EmailClient } from '../src/channels/email/types';
import type { UserMailClient } from '../src/channels/email/user-mail';
import {
  createOpenAccount,
  createOpenDkim,
  createOpenSmsAccount,
  sealContext,
} from '../src/channels/open-account';
import type { SmsClient } from '../src/channels/sms/types';
import { beating } from './beating';
import { dispatchQueued } from './dispatch-next';
import { deliverEvents } from './deliver-events';
import { sendMails } from './send-mails';
import { runBulkSend } from './run-bulk-send';
import { runScheduledSend } from './run-scheduled-send';
import { runStageMove } from './run-stage-move';

/** Everything workflows can have done. Arguments and results are ids, codes and instants (ISO 8601) only. */
export type Activities = {
  /** Sends what is queued in the conversation, for some seconds at most. */
  dispatchNext(ids: ConversationIds): Promise<DispatchResult>;
  /** Writes down what has run out (R-CHAT-4, R-CHAT-5). */
  settleConversation(ids: ConversationIds): Promise<ChatSnapshot>;
  /** Fires what is due of a move's automatic actions; says when the next is due (ISO 8601), null when none is left. */
  runStageMove(move: { organizationId: string; moveId: string }): Promise<{ nextDueAt: string | null }>;
  /** Sends to those of a message to many who are due; says when the next is (ISO 8601), null when there is nothing left to do. */
  runBulkSend(send: { organizationId: string; bulkSendId: string }): Promise<{ nextDueAt: string | null }>;
  /** Fires what is due of a batch of scheduled messages and fallbacks; says when the next is due (ISO 8601), null when none is left. */
  runScheduledSend(batch: { organizationId: string; batchId: string }): Promise<{ nextDueAt: string | null }>;
  /** Sends what one user has written in their mailbox; says when there is something to do again (ISO 8601), null when nothing waits. */
  sendMails(outbox: { organizationId: string; userId: string }): Promise<{ nextDueAt: string | null }>;
  /** Posts what is due to a webhook endpoint; says when there is something to do again (ISO 8601), null when nothing waits. */
  deliverEvents(endpoint: {
    organizationId: string;
    endpointId: string;
  }): Promise<{ nextDueAt: string | null }>;
};

export type ActivityDeps = {
  db: Database;
  logger: Logger;
  whatsApp: WhatsAppClient;
  sms: SmsClient;
  email: EmailClient;
  userMail: UserMailClient;
  /** Absent: users sign in to their mail servers with passwords alone. */
  accessToken?: AccessToken;
  /** Where providers reach us; no trailing slash. */
  publicUrl: string;
  secretKey: Buffer;
  /** Under which opt-outs are kept, and links and reply addresses signed. */
  hashKey: Buffer;
  dayMs: number;
  /** Hard deadline of one call to the provider. */
  callTimeoutMs: number;
  /** Organizations without a mail domain of their own receive under <slug>.<mailDomain>. */
  mailDomain: string | null;
  /** Hosts of webhook endpoints that may be private, and called over http. */
  webhookAllow?: readonly string[];
};

/** A turn ends with the message that is under way by then: several that wait cost Temporal no more than one. */
const turnMs = 2000;

/** What is left waits for the next turn: many endpoints take turns. */
const webhookTurnMs = 30_000;

/** Then the next turn goes on. */
const mailTurnMs = 60_000;

export function createActivities(deps: ActivityDeps): Activities {
  const unseal = (sealed: Uint8Array, context: string) => open(deps.secretKey, sealed, context);
  const dispatchDeps = {
    ...deps,
    openAccount: createOpenAccount(unseal),
    openSmsAccount: createOpenSmsAccount(unseal),
    openDkim: createOpenDkim(unseal),
    hashKey: createKeyHash(deps.hashKey),
    limits: createLimits(deps),
  };
  const sendMailsDeps = {
    ...deps,
    openDkim: dispatchDeps.openDkim,
    openSmtpPassword: (userId: string, sealed: Buffer) =>
      unseal(sealed, sealContext.mailboxSmtpPassword(userId)),
  };
  return {
    dispatchNext: (ids) => {
      const endsAt = performance.now() + turnMs;
      return beating(() => dispatchQueued(dispatchDeps, ids, () => performance.now() < endsAt));
    },
    settleConversation: (ids) => settleConversation(deps.db, ids, deps.dayMs),
    runBulkSend: (send) => beating(() => runBulkSend(dispatchDeps, send, stopWhenCancelled)),
    runScheduledSend: (batch) => beating(() => runScheduledSend(dispatchDeps, batch, stopWhenCancelled)),
    runStageMove: (move) => beating(() => runStageMove(dispatchDeps, move, stopWhenCancelled)),
    sendMails: (outbox) => {
      const endsAt = performance.now() + mailTurnMs;
      return beating(() => sendMails(sendMailsDeps, outbox, () => performance.now() < endsAt));
    },
    deliverEvents: (endpoint) => {
      const { cancellationSignal } = Context.current();
      const endsAt = performance.now() + webhookTurnMs;
      const goOn = () => !cancellationSignal.aborted && performance.now() < endsAt;
      return beating(() => deliverEvents(deps, endpoint, goOn));
    },
  };
}

/** Between two messages a worker that shuts down lets go; another takes up the rest. */
function stopWhenCancelled(): void {
  const { cancellationSignal } = Context.current();
  if (cancellationSignal.aborted) throw cancellationSignal.reason;
}
