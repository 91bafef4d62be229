import type { TimelineKind } from '../../contracts/records';
import { newId, type Tx } from '../database';
import { eventOfEntry, insertEventsSql } from '../events/events';

export type NewTimelineEntry = {
  personId: string;
  applicationId?: string | null;
  kind: TimelineKind;
  actorUserId?: string | null;
  actorApiKeyId?: string | null;
  messageId?: string | null;
  noteId?: string | null;
  data?: Record<string, unknown>;
  occurredAt: Date;
};

/** Appends to the history of persons and applications, with the events of it (R-LOG-5), in one statement. */
export async function writeTimeline(
  tx: Tx,
  organizationId: string,
  entries: NewTimelineEntry[],
): Promise<void> {
  if (entries.length > 0)
    await tx.prepared(`with ${withTimeline('$1', '$2')} select 1`, [organizationId, timelineRows(entries)]);
}

/** The same as CTEs of another statement; `rows` stands for `timelineRows`. */
export const withTimeline = (organizationId: string, rows: string): string =>
  `told as (${insertTimelineSql(organizationId, rows)}), evented as (${insertEventsSql(rows, organizationId)})`;

const insertTimelineSql = (organizationId: string, rows: string): string =>
  `insert into timeline_entries
     (organization_id, id, person_id, application_id, kind, actor_user_id, actor_api_key_id, message_id, note_id, data, occurred_at)
   select ${organizationId}, id, person_id, application_id, kind, actor_user_id, actor_api_key_id, message_id, note_id, data, occurred_at
   from jsonb_to_recordset(${rows}::jsonb) as entry(
     id uuid, person_id uuid, application_id uuid, kind text, actor_user_id uuid, actor_api_key_id uuid,
     message_id uuid, note_id uuid, data jsonb, occurred_at timestamptz)`;

export function timelineRows(entries: NewTimelineEntry[]): string {
  return JSON.stringify(
    entries.map((entry) => ({
      id: newId(),
      person_id: entry.personId,
      application_id: entry.applicationId ?? null,
      kind: entry.kind,
      actor_user_id: entry.actorUserId ?? null,
      actor_api_key_id: entry.actorApiKeyId ?? null,
      message_id: entry.messageId ?? null,
      note_id: entry.noteId ?? null,
      data: entry.data ?? {},
      occurred_at: entry.occurredAt.toISOString(),
      ...eventOfEntry(entry),
    })),
  );
}
