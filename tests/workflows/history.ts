import fs from 'node:fs';
import path from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { temporal } from '@temporalio/proto';

const { EventType } = temporal.api.enums.v1;

export const historiesFolder = path.resolve(__dirname, '../histories');

/** The names of a run's events, e.g. `TIMER_STARTED`. */
export async function eventsOf(handle: WorkflowHandle): Promise<string[]> {
  const { events } = await handle.fetchHistory();
  return events!.map((event) => EventType[event.eventType!].replace('EVENT_TYPE_', ''));
}

/** What Temporal Cloud bills: a start, each signal, timer, search attribute update and activity attempt. */
export function billableActions(events: string[]): number {
  const billed = [
    'WORKFLOW_EXECUTION_STARTED',
    'WORKFLOW_EXECUTION_SIGNALED',
    'TIMER_STARTED',
    'UPSERT_WORKFLOW_SEARCH_ATTRIBUTES',
    'ACTIVITY_TASK_STARTED',
    'MARKER_RECORDED',
  ];
  return events.filter((event) => billed.includes(event)).length;
}

/** Keeps a finished run for the replay test; only `npm run histories` writes (scripts/record-histories.mjs). */
export async function keepHistory(name: string, handle: WorkflowHandle): Promise<void> {
  if (!process.env.PARLEY_RECORD_HISTORIES) return;
  const json = historyToJSON(await handle.fetchHistory());
  fs.mkdirSync(historiesFolder, { recursive: true });
  fs.writeFileSync(path.join(historiesFolder, `${name}.json`), `${JSON.stringify(json, null, 1)}\n`);
}
