import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { SearchAttributePair } from '@temporalio/common';
import type { conversation, stageMove } from '../../workflows';
import type {
  BulkSendInput,
  ConversationPoke,
  MailboxWorkflowInput,
  MailOutboxInput,
  ScheduledSendInput,
  StageMoveInput,
  WebhookEndpointInput,
} from '../../workflows/messages';
import type { Delivery } from './coalesce';
import { searchAttributes as keys } from './search-attributes';
import { taskQueues } from './task-queues';

/** Starts or signals the workflow of a delivery. A move that was started before is woken. */
export async function deliver(client: Client, delivery: Delivery, publicUrl: string): Promise<void> {
  if (delivery.workflowType === 'conversation') return pokeConversation(client, delivery, publicUrl);
  if (delivery.workflowType === 'stageMove') return startStageMove(client, delivery);
  if (delivery.workflowType === 'bulkSend') {
    const { bulkSendId } = delivery.payload as BulkSendInput;
    return wake(client, delivery, `Send to many ${bulkSendId}`);
  }
  if (delivery.workflowType === 'scheduledSend') {
    const { batchId } = delivery.payload as ScheduledSendInput;
    return wake(client, delivery, `Scheduled messages ${batchId}`);
  }
  if (delivery.workflowType === 'webhookEndpoint') {
    const { endpointId } = delivery.payload as WebhookEndpointInput;
    return wake(client, delivery, `Events for endpoint ${endpointId}`);
  }
  if (delivery.workflowType === 'mailOutbox') {
    const { userId } = delivery.payload as MailOutboxInput;
    return wake(client, delivery, `Mail of user ${userId}`);
  }
  if (delivery.workflowType === 'mailbox') {
    const { userId } = delivery.payload as MailboxWorkflowInput;
    return wake(client, delivery, `Mailbox of user ${userId}`);
  }
  throw new Error(`no workflow of type ${delivery.workflowType}`);
}

async function pokeConversation(
  client: Client,
  { workflowId, payload }: Delivery,
  publicUrl: string,
): Promise<void> {
  const poke = payload as ConversationPoke;
  const { organizationId, conversationId, snapshot } = poke;
  const link = `${publicUrl}/inbox/${conversationId}`;
  // By name: neither the api nor the relay loads the workflows' code.
  await client.workflow.signalWithStart<typeof conversation, [ConversationPoke]>('conversation', {
    workflowId,
    taskQueue: taskQueues.interactive,
    args: [{ organizationId, conversationId, snapshot }],
    signal: 'poke',
    signalArgs: [poke],
    memo: { link },
    staticSummary: `Conversation ${conversationId}`,
    staticDetails: `[Open in Parley](${link})`,
    typedSearchAttributes: [
      { key: keys.organization, value: organizationId },
      { key: keys.person, value: snapshot.personId },
      { key: keys.chatStatus, value: snapshot.status },
      ...(snapshot.ownerId ? [{ key: keys.owner, value: snapshot.ownerId }] : []),
      ...(snapshot.deadlineAt ? [{ key: keys.nextDeadline, value: new Date(snapshot.deadlineAt) }] : []),
    ] satisfies SearchAttributePair[],
  });
}

/** Wakes a workflow that looks for itself what there is to do; it is started where it does not run. */
async function wake(
  client: Client,
  { workflowType, workflowId, payload }: Delivery,
  staticSummary: string,
): Promise<void> {
  await client.workflow.signalWithStart(workflowType, {
    workflowId,
    taskQueue: taskQueues.interactive,
    args: [payload],
    signal: 'wake',
    staticSummary,
    typedSearchAttributes: [{ key: keys.organization, value: payload.organizationId as string }],
  });
}

async function startStageMove(client: Client, { workflowId, payload }: Delivery): Promise<void> {
  const { organizationId, moveId } = payload as StageMoveInput;
  try {
    await client.workflow.start<typeof stageMove>('stageMove', {
      workflowId,
      taskQueue: taskQueues.interactive,
      args: [{ organizationId, moveId }],
      // Once done stays done; one that was terminated may be taken up again by the sweep.
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      workflowIdConflictPolicy: 'FAIL',
      staticSummary: `Automatic actions of move ${moveId}`,
      typedSearchAttributes: [{ key: keys.organization, value: organizationId }],
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    // what it waits for may have another instant now; one that has ended waits for nothing
    await client.workflow
      .getHandle(workflowId)
      .signal('wake')
      .catch((fault: unknown) => {
        if (!(fault instanceof WorkflowNotFoundError)) throw fault;
      });
  }
}
