import { z } from 'zod';
import { unattendedReasonText, type ReasonCode } from '../../contracts/reasons';
import type { TimelineEntry, TimelineKind } from '../../contracts/records';
import { withoutKeys } from '../../domain/mail-keys';
import type { Actor } from '../../domain/permissions';
import type { Database } from '../database';
import { readableNoteSql } from './notes';
import { decodeCursor, toPage, type Page } from '../page';
import { fullNameSql, isoSql } from '../sql';
import { visibleApplication } from '../visibility';

type Data = Partial<
  Record<
    | 'fromStageId'
    | 'toStageId'
    | 'stageId'
    | 'from'
    | 'to'
    | 'ownerId'
    | 'reason'
    | 'channel'
    | 'state'
    | 'template',
    string
  >
> & { name?: string; stage?: string; doubts?: string[]; again?: boolean; consentNotRecorded?: boolean } & {
  granted?: boolean;
  optedOut?: boolean;
  marketingOnly?: boolean;
  automatic?: boolean;
  fallback?: boolean;
  dueAt?: string;
  timeZone?: string;
  tried?: { channel: string; reason: string }[];
  channels?: (keyof typeof channelName)[];
  source?: string;
  words?: string | null;
};

type Row = Omit<TimelineEntry, 'text' | 'automatic'> & { data: Data; origin: string | null };

const position = z.tuple([z.iso.datetime(), z.uuid()]);

/**
 * The history of a person whom the actor was found to see, newest first. Left out: notes that are not for them, and what
 * happened to applications on vacancies that they may not see.
 */
export async function listTimeline(
  db: Database,
  actor: Actor,
  personId: string,
  query: { applicationId?: string; cursor?: string; limit: number },
): Promise<Page<TimelineEntry>> {
  const before = query.cursor === undefined ? null : decodeCursor(query.cursor, position);
  const rows = await db.query<Row>(
    `select t.id, t.kind, t.data, t.application_id as "applicationId", ${isoSql('t.occurred_at')} as "occurredAt",
       coalesce(${fullNameSql('u')}, k.name) as actor, m.origin,
       case when m.id is null then null else jsonb_build_object('id', m.id, 'conversationId', m.conversation_id,
         'channel', m.channel, 'state', m.state, 'body', m.body, 'reason', m.reason, 'credits', m.credits,
         'sentAt', ${isoSql('m.sent_at')}, 'deliveredAt', ${isoSql('m.delivered_at')},
         'readAt', ${isoSql('m.read_at')}, 'failedAt', ${isoSql('m.failed_at')}) end as message
     from timeline_entries t
     left join users u on u.organization_id = t.organization_id and u.id = t.actor_user_id
     left join api_keys k on k.organization_id = t.organization_id and k.id = t.actor_api_key_id
     left join messages m on m.organization_id = t.organization_id and m.id = t.message_id
     left join notes n on n.organization_id = t.organization_id and n.id = t.note_id
     where t.organization_id = $1 and t.person_id = $2
       and ($3::uuid is null or t.application_id = $3)
       and ($4::timestamptz is null or (t.occurred_at, t.id) < ($4::timestamptz, $5::uuid))
       and (t.note_id is null or coalesce(${readableNoteSql('n', '$6::uuid')}, false))
       and (t.application_id is null or t.message_id is not null or exists (
         select 1 from applications a where a.organization_id = t.organization_id and a.id = t.application_id
           and ${visibleApplication(actor, 'a')}))
     order by t.occurred_at desc, t.id desc limit $7`,
    [
      actor.organizationId,
      personId,
      query.applicationId ?? null,
      before?.[0] ?? null,
      before?.[1] ?? null,
      actor.user?.id ?? null,
      query.limit + 1,
    ],
  );
  const names = await loadNames(db, actor.organizationId, rows);
  return toPage(
    rows,
    query.limit,
    ({ data, origin, ...entry }) => ({
      ...entry,
      message: withoutKeys(entry.message),
      text: textOf(
        entry.kind,
        { channel: entry.message?.channel, state: entry.message?.state, ...data },
        names,
      ),
      automatic:
        data.automatic === true ||
        (entry.kind !== 'optOut' && origin !== null && origin !== 'manual' && origin !== 'person'),
    }),
    (row) => [row.occurredAt, row.id],
  );
}

/** The stages and users that the entries of a page speak of. */
async function loadNames(
  db: Database,
  organizationId: string,
  rows: Row[],
): Promise<(id: string | undefined) => string> {
  const ids = rows.flatMap(({ data }) =>
    [data.fromStageId, data.toStageId, data.stageId, data.from, data.to, data.ownerId].filter((id) =>
      /^[0-9a-f]{8}-/.test(id ?? ''),
    ),
  );
  const found =
    ids.length === 0
      ? []
      : await db.query<{ id: string; name: string }>(
          `select id, name from stages where organization_id = $1 and id = any($2::uuid[])
           union all
           select u.id, ${fullNameSql('u')} from users u where u.organization_id = $1 and u.id = any($2::uuid[])`,
          [organizationId, [...new Set(ids)]],
        );
  const names = new Map(found.map(({ id, name }) => [id, name]));
  return (id) => names.get(id ?? '') ?? 'nobody';
}

const channelName = { whatsapp: 'WhatsApp', sms: 'SMS', email: 'E-mail', page: 'Candidate page' } as const;

function textOf(kind: TimelineKind, data: Data, nameOf: (id: string | undefined) => string): string {
  const reason = data.reason ? ` ${unattendedReasonText(data.reason as ReasonCode) ?? ''}`.trimEnd() : '';
  const channel = channelName[(data.channel ?? 'whatsapp') as keyof typeof channelName] ?? 'Messages';
  const over = data.channel ? ` on ${channel}` : '';
  switch (kind) {
    case 'messageSent':
      if (data.fallback) return 'A message was sent in place of one that WhatsApp had not delivered.';
      return `A message ${sentWords(data.state)}${data.automatic ? ' automatically' : ''}.`;
    case 'messageScheduled':
      return `A message was scheduled for ${zoned(data)}.`;
    case 'messageUnscheduled':
      return data.fallback
        ? 'What was to go in place of an undelivered message was cancelled.'
        : 'A scheduled message was cancelled.';
    case 'messageSuppressed':
      if (data.tried) return notSentText(data);
      return `${data.template ? `“${data.template}”` : 'A message'}${over} was not sent.${reason}`;
    case 'messageFailed':
      return `A message${over} failed.${reason}`;
    case 'messageReceived':
      return 'A message came in.';
    case 'stageMoved':
      return data.fromStageId
        ? `Moved from ${nameOf(data.fromStageId)} to ${nameOf(data.toStageId)}.`
        : `Put into ${nameOf(data.toStageId)}.`;
    case 'actionsSkipped':
      return `Moved without the automatic actions of ${nameOf(data.stageId)}.`;
    case 'rejected':
      return `Rejected in ${nameOf(data.stageId)}.`;
    case 'withdrawn':
      return `Withdrew in ${nameOf(data.stageId)}.`;
    case 'reopened':
      return `Reopened; back in ${nameOf(data.toStageId)}.`;
    case 'note':
      return 'Wrote an internal note.';
    case 'chatStarted':
      return 'Started the chat.';
    case 'chatClosed':
      return `The chat of ${nameOf(data.ownerId)} was closed; it is open to everybody now.`;
    case 'chatExpired':
      return data.to === 'closed'
        ? 'The chat ran out and is closed.'
        : `The chat of ${nameOf(data.ownerId)} ran out; it is open to everybody now.`;
    case 'chatHandedOver':
      return `The chat was handed over from ${nameOf(data.from)} to ${nameOf(data.to)}.`;
    case 'consent':
      return data.granted === false
        ? `Consent to ${channel} was withdrawn.`
        : `Consent to ${channel} was recorded.`;
    case 'optOut':
      return optOutText(data);
    case 'personCreated':
      return 'The file was created.';
    case 'applied':
      return appliedText(data);
    case 'merged':
      return mergedText(data);
    case 'responsibleChanged':
      return `The responsible user changed from ${nameOf(data.from)} to ${nameOf(data.to)}.`;
    case 'numberChanged':
      return 'The phone number on WhatsApp changed.';
  }
}

/** On the clock of the company. */
function zoned({ dueAt, timeZone = 'UTC' }: Data): string {
  const at = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone });
  return `${at.format(new Date(dueAt!))} (${timeZone})`;
}

/** Accepted is not yet sent, and may never be (R-AUTO-3, R-AUTO-6). */
function sentWords(state: string | undefined): string {
  if (state === 'queued' || state === 'dispatching') return 'is to be sent';
  return state === 'suppressed' || state === 'cancelled' ? 'was to be sent' : 'was sent';
}

/** By which channels it was tried, and why by none. */
function notSentText({ tried = [], fallback }: Data): string {
  const what = fallback ? 'What was to go in place of an undelivered message' : 'A scheduled message';
  const reasons = tried.map(({ channel, reason }) => {
    const words = unattendedReasonText(reason as ReasonCode);
    return tried.length === 1 ? words : `${channelName[channel as keyof typeof channelName]}: ${words}`;
  });
  return [`${what} was not sent.`, ...new Set(reasons)].join(' ');
}

function appliedText(data: Data): string {
  const { doubts = [] } = data;
  return [
    data.again ? 'Applied again by the application form.' : 'Applied by the application form.',
    ...(data.name ? [`The name given there is “${data.name}”.`] : []),
    ...(doubts.includes('newContact') ? ['A number or address was new and came to this file.'] : []),
    ...(doubts.includes('takenContact') ? ['A number or address given there belongs to somebody else.'] : []),
    ...(data.consentNotRecorded
      ? [
          'The box for WhatsApp was ticked; the consent was not recorded, since it is not certain who ticked it.',
        ]
      : []),
  ].join(' ');
}

function mergedText({ name, stage }: Data): string {
  if (stage) return `Another match on this vacancy, in ${stage}, was merged into this one.`;
  return name ? `The file of “${name}” was merged into this one.` : 'Another file was merged into this one.';
}

function optOutText(data: Data): string {
  const what = data.marketingOnly ? 'marketing messages' : 'messages';
  const over = data.channels ? ` by ${data.channels.map((one) => channelName[one]).join(' and ')}` : '';
  if (data.optedOut === false) return `Accepts ${what}${over} again.`;
  return `Opted out of ${what}${over}${(data.source && optOutSource[data.source]) ?? ''}${data.words ? `: “${data.words}”` : ''}.`;
}

const optOutSource: Record<string, string> = {
  unsubscribeLink: ', by the unsubscribe link of an e-mail',
  mailProgram: ', by the unsubscribe button of their mail program',
  provider: ', at the provider',
  preference: ', in WhatsApp',
};
