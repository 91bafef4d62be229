import type { Tx } from '../database';

export type ErasedPeople = { organizationId: string; personIds: string[]; conversationIds: string[] };

/**
 * Takes out all that says who erased people are, or what was said with them. What each column becomes stands in decision 0031; a test looks
 * into every column of the database. It may be run again, for what has come late.
 */
export async function blankPeople(
  tx: Tx,
  { organizationId, personIds, conversationIds }: ErasedPeople,
  { removeProviderIdsAt }: { removeProviderIdsAt: Date },
): Promise<void> {
  for (const sql of ofMessages) await tx.query(sql, [organizationId, conversationIds]);
  await tx.query(
    `update provider_messages pm set remove_at = $3 from messages m
     where m.organization_id = $1 and m.conversation_id = any($2::uuid[]) and m.provider_id is not null
       and pm.channel_account_id = m.channel_account_id and pm.provider_id = m.provider_id and pm.remove_at is null`,
    [organizationId, conversationIds, removeProviderIdsAt],
  );
  await tx.query(
    `update messages set title = null, body = null, content = null, reason_detail = null, provider_id = null
     where organization_id = $1 and conversation_id = any($2::uuid[])
       and (title is not null or body is not null or content is not null or reason_detail is not null or provider_id is not null)`,
    [organizationId, conversationIds],
  );
  const told = await tx.query<{ id: string; userId: string }>(
    `delete from notifications where organization_id = $1 and (person_id = any($2::uuid[]) or conversation_id = any($3::uuid[]))
     returning id, user_id as "userId"`,
    [organizationId, personIds, conversationIds],
  );
  for (const { id, userId } of told)
    tx.notice({ type: 'notification', organizationId, userId, notificationId: id });
  for (const sql of ofPeople) await tx.query(sql, [organizationId, personIds]);
}

const messages = 'select id from messages where organization_id = $1 and conversation_id = any($2::uuid[])';

/** `$2`: their conversations. In this order: what refers to words comes before the words. */
const ofMessages = [
  `update media f set state = 'failed', failure = 'erased', bytes = null, filename = null, sha256 = null, provider_id = null, content_id = null
   where f.organization_id = $1 and f.failure is distinct from 'erased' and f.id in (
     select id from media where organization_id = $1 and message_id in (${messages})
     union all
     select x.id::uuid from messages m cross join lateral (
       select m.content ->> 'mediaId' as id union all select jsonb_array_elements_text(m.content -> 'mediaIds')) x
     join media own on own.organization_id = $1 and own.id = x.id::uuid and own.message_id is null
     where m.organization_id = $1 and m.conversation_id = any($2::uuid[]))`,
  `update receipts set detail = null where organization_id = $1 and message_id in (${messages}) and detail is not null`,
  `delete from reactions where organization_id = $1 and message_id in (${messages})`,
  `delete from parked_reactions where organization_id = $1 and conversation_id = any($2::uuid[])`,
  `delete from message_notices where organization_id = $1 and message_id in (${messages})`,
  `update opt_outs set words = null, message_id = null where organization_id = $1 and message_id in (${messages})`,
  `update audit_entries set before = null, after = null
   where organization_id = $1 and target = 'message' and target_id in (select id::text from (${messages}) m)
     and (before is not null or after is not null)`,
];

const points = 'select id from contact_points where organization_id = $1 and person_id = any($2::uuid[])';
const applications = 'select id from applications where organization_id = $1 and person_id = any($2::uuid[])';

/** `$2`: the people. */
const ofPeople = [
  `update opt_outs set words = null, message_id = null, contact_point_id = null
   where organization_id = $1 and contact_point_id in (${points})`,
  `update consents set wording = null, evidence = null where organization_id = $1 and contact_point_id in (${points})`,
  `update contact_points set key = 'erased-' || id, value = '', valid = false, phone_type = 'unknown', whatsapp = 'unknown', wa_id = null,
     wa_user_id = null, bounced_at = null
   where organization_id = $1 and person_id = any($2::uuid[])`,
  `update notes set body = '', visible_to = '{}' where organization_id = $1 and person_id = any($2::uuid[])`,
  `update timeline_entries set data = '{}' where organization_id = $1 and person_id = any($2::uuid[]) and data <> '{}'`,
  `update media f set state = 'failed', failure = 'erased', bytes = null, filename = null, sha256 = null
   from scheduled_messages s where s.organization_id = $1 and s.person_id = any($2::uuid[]) and f.organization_id = $1
     and f.id = any(s.media_ids) and f.message_id is null`,
  `update scheduled_messages set title = null, body = case when body is not null then '' end, parameters = null, media_ids = '{}', copies = null
   where organization_id = $1 and person_id = any($2::uuid[])`,
  // of a send that went to nobody else the words may be meant for them
  `update bulk_sends b set name = '', title = null, body = case when b.body is not null then '' end, parameters = null
   where b.organization_id = $1 and b.id in (select bulk_send_id from bulk_recipients where organization_id = $1 and person_id = any($2::uuid[]))
     and not exists (select 1 from bulk_recipients r where r.organization_id = $1 and r.bulk_send_id = b.id and r.person_id <> all($2::uuid[]))`,
  `delete from media where organization_id = $1 and message_id is null and provider_id in (
     select 'page:' || id from candidate_pages where organization_id = $1 and person_id = any($2::uuid[]))`,
  'update candidate_pages set version = version + 1 where organization_id = $1 and person_id = any($2::uuid[])',
  `delete from application_notices where organization_id = $1 and application_id in (${applications})`,
  'update applications set external_id = null where organization_id = $1 and person_id = any($2::uuid[])',
  `update audit_entries set before = null, after = null
   where organization_id = $1 and target = 'person' and target_id = any($2::uuid[]::text[]) and (before is not null or after is not null)`,
  `update people set first_name = '', last_name = '', external_id = null, employer_id = null, responsible_user_id = null, time_zone = null,
     language = null, tags = '{}', custom = '{}', to_review = false, whatsapp_consent = false, confidential = false
   where organization_id = $1 and id = any($2::uuid[])`,
];
