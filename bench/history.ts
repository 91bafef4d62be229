import { Client, Connection } from '@temporalio/client';
import { conversationWorkflowId } from '../src/domain/workflow-ids';
import { requestJson } from './http';
import { until } from './sends';
import type { Company } from './company';
import type { Platform } from './platform';

export type Cost = { messages: number; events: number; transitions: number; billableActions: number };

/** What Temporal Cloud bills, by the event that each action leaves in the history. */
const billable: Record<string, true> = {
  workflowExecutionStartedEventAttributes: true,
  workflowExecutionSignaledEventAttributes: true,
  activityTaskScheduledEventAttributes: true,
  timerStartedEventAttributes: true,
  upsertWorkflowSearchAttributesEventAttributes: true,
  workflowPropertiesModifiedEventAttributes: true,
  markerRecordedEventAttributes: true,
};

/** A conversation of five messages in and five out, one after another, counted over all its runs until it is Closed. */
export async function conversationCost(platform: Platform, company: Company): Promise<Cost> {
  const { conversationId, waId } = company.people.at(-1)!;
  for (let index = 0; index < 5; index++) {
    await requestJson(platform.sandboxUrl, 'POST', `/sandbox/phones/${waId}/send`, {
      body: { text: `Question ${index}`, phoneNumberId: company.account.phoneNumberId },
    });
    await untilCount(platform, company, conversationId, 2 * index + 1);
    await requestJson(platform.apiUrl, 'POST', `/api/v1/conversations/${conversationId}/messages`, {
      apiKey: company.apiKey,
      body: { type: 'text', text: `Answer ${index}`, actingUserId: company.userId },
    });
    await untilCount(platform, company, conversationId, 2 * index + 2);
  }
  const connection = await Connection.connect({ address: platform.temporalAddress });
  const client = new Client({ connection });
  const query = `WorkflowId = '${conversationWorkflowId(conversationId)}'`;
  await until('the conversation is Closed', async () => {
    for await (const run of client.workflow.list({ query })) if (run.status.name === 'RUNNING') return false;
    return true;
  });
  const cost: Cost = { messages: 10, events: 0, transitions: 0, billableActions: 0 };
  for await (const run of client.workflow.list({ query })) {
    const handle = client.workflow.getHandle(run.workflowId, run.runId);
    const { events } = await handle.fetchHistory();
    const description = await handle.describe();
    cost.events += events?.length ?? 0;
    cost.transitions += Number(description.raw.workflowExecutionInfo?.stateTransitionCount ?? 0);
    cost.billableActions += (events ?? []).filter((event) =>
      Object.keys(billable).some((key) => key in event && event[key as never]),
    ).length;
  }
  await connection.close();
  return cost;
}

async function untilCount(
  platform: Platform,
  company: Company,
  conversationId: string,
  count: number,
): Promise<void> {
  await until(`message ${count} has settled`, async () => {
    const { items } = await requestJson<{ items: { state: string }[] }>(
      platform.apiUrl,
      'GET',
      `/api/v1/conversations/${conversationId}/messages`,
      { apiKey: company.apiKey },
    );
    return (
      items.length >= count &&
      items.every((message) => ['received', 'sent', 'delivered', 'read'].includes(message.state))
    );
  });
}
