import fs from 'node:fs';
import path from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

export const historiesFolder = path.resolve(__dirname, '../histories');

const { History } = temporal.api.history.v1;

/** The names of a run's events, e.g. `TIMER_STARTED`. */
export async function eventsOf(handle: WorkflowHandle): Promise<string[]> {
  const { events } = History.toObject((await handle.fetchHistory()) as temporal.api.history.v1.History, {
    enums: String,
  }) as {
    events: { eventType: string }[];
  };
  return events.map((event) => event.eventType.replace('EVENT_TYPE_', ''));
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

/** Wakings that came more than once: Temporal may be told twice of the same. */
export const tooManySignals = (events: string[], expected: number): number =>
  Math.max(0, events.filter((event) => event === 'WORKFLOW_EXECUTION_SIGNALED').length - expected);

/** Keeps a run for the replay test; only scripts/record-histories.mjs has it written. */
export async function keepHistory(name: string, handle: WorkflowHandle): Promise<void> {
  if (!process.env.PARLEY_RECORD_HISTORIES) return;
  fs.mkdirSync(historiesFolder, { recursive: true });
  const text = JSON.stringify(await handle.fetchHistory(), null, 1);
  fs.writeFileSync(path.join(historiesFolder, `${name}.json`), `${text}\n`);
}

export function readHistory(file: string): unknown {
  return History.fromObject(JSON.parse(fs.readFileSync(path.join(historiesFolder, file), 'utf8')) as object);
}
