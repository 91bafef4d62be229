import type { RouteKey } from '../../src/contracts';
import { newId } from '../../src/data/database';
import type { ActingUser } from '../../src/domain/permissions';
import type { Company, World } from '../support/company';

/** One of everything that a route can be about, made anew for each call. */
export type Things = Record<
  | 'organizationId'
  | 'personId'
  | 'employerId'
  | 'contactPointId'
  | 'vacancyId'
  | 'stageId'
  | 'nextStageId'
  | 'actionId'
  | 'applicationId'
  | 'conversationId'
  | 'messageId'
  | 'failedMessageId'
  | 'mediaId'
  | 'heldMailId'
  | 'templateId'
  | 'userId'
  | 'apiKeyId'
  | 'savedSearchId'
  | 'plannedId'
  | 'moveId'
  | 'webhookEndpointId'
  | 'bulkSendId'
  | 'scheduledMessageId'
  | 'candidatePageId'
  | 'deliveryId'
  | 'channelAccountId'
  | 'mailId'
  | 'attachmentId',
  string
>;

/** `team`: who is assigned to the vacancy, on which the person has an application. */
export async function makeThings(world: World, company: Company, team: ActingUser[]): Promise<Things> {
  const { db } = world;
  const { organizationId, account } = company;
  const now = await db.now();
  const [person, vacancy, templateId] = await Promise.all([
    company.person(),
    company.vacancy({ assigned: team }),
    company.template({ name: `thing_${newId().replaceAll('-', '')}`, body: 'Hello there' }),
  ]);
  const [applicationId] = await company.apply(vacancy, [person]);
  await world.db.query(`update templates set folder = 'Things' where id = $1`, [templateId]);
  const actionId = await company.action(vacancy.stages[1]!, templateId);
  const ids = {
    organizationId,
    messageId: newId(),
    failedMessageId: newId(),
    mediaId: newId(),
    heldMailId: newId(),
    userId: newId(),
    apiKeyId: newId(),
    savedSearchId: newId(),
    plannedId: newId(),
    moveId: newId(),
    employerId: newId(),
    webhookEndpointId: newId(),
    bulkSendId: newId(),
    scheduledMessageId: newId(),
    candidatePageId: newId(),
    deliveryId: newId(),
    mailId: newId(),
    attachmentId: newId(),
  };
  await db.query(
    `insert into messages (organization_id, id, conversation_id, position, channel, direction, origin, state, kind, body,
       channel_account_id, contact_point_id, provider_id, occurred_at, created_at)
     values ($1, $2, $3, 1, 'whatsapp', 'in', 'person', 'received', 'text', 'Hi', $4, $5, $6, $7, $7)`,
    [
      organizationId,
      ids.messageId,
      person.conversationId,
      account.id,
      person.contactPointId,
      `wamid.${ids.messageId}`,
      now,
    ],
  );
  await db.query(
    `insert into messages (organization_id, id, conversation_id, position, channel, direction, origin, state, kind, body,
       application_id, reason, occurred_at, created_at)
     values ($1, $2, $3, 2, 'whatsapp', 'out', 'manual', 'failed', 'text', 'Hello', $4, 'provider_refused', $5, $5)`,
    [organizationId, ids.failedMessageId, person.conversationId, applicationId, now],
  );
  await makeMails(db, organizationId, person.id, ids, now);
  await db.query(
    `update conversations set message_count = 2, inbound_count = 1, last_message_at = $4, last_message_id = $3,
       last_direction = 'in', unanswered_since = $4 where organization_id = $1 and id = $2`,
    [organizationId, person.conversationId, ids.messageId, now],
  );
  await db.query(
    `insert into media (organization_id, id, message_id, state, mime_type, filename, size, bytes, created_at)
     values ($1, $2, $3, 'stored', 'image/png', 'a.png', 3, '\\x010203', $4)`,
    [organizationId, ids.mediaId, ids.messageId, now],
  );
  await db.query(
    `insert into users (organization_id, id, email, first_name, last_name, role, created_at)
     values ($1, $2, $3, 'Una', 'Target', 'recruiter', $4)`,
    [organizationId, ids.userId, `${ids.userId}@example.com`, now],
  );
  await db.query(
    `insert into api_keys (organization_id, id, name, prefix, secret_hash, scopes, created_at)
     values ($1, $2, 'Key', 'pk_', $2::uuid::text, '{people:read}', $3)`,
    [organizationId, ids.apiKeyId, now],
  );
  await db.query(
    `insert into employers (organization_id, id, name, created_at, updated_at) values ($1, $2, 'Bakery', $3, $3)`,
    [organizationId, ids.employerId, now],
  );
  await db.query(
    `insert into saved_searches (organization_id, id, user_id, page, name, query, created_at)
     values ($1, $2, $3, 'messages', $2::uuid::text, '{}', $4)`,
    [organizationId, ids.savedSearchId, company.users.administrator.id, now],
  );
  // the least of those who may send sees their own
  await db.query(
    `insert into bulk_sends (organization_id, id, name, state, channels, body, created_by_id, planned, created_at)
     values ($1, $2, 'Many', 'paused', '{whatsapp}', 'Hello', $3, 1, $4)`,
    [organizationId, ids.bulkSendId, company.users.interviewer.id, now],
  );
  await db.query(
    `insert into bulk_recipients (organization_id, bulk_send_id, position, person_id, channel, state)
     values ($1, $2, 0, $3, 'whatsapp', 'waiting')`,
    [organizationId, ids.bulkSendId, person.id],
  );
  // who may send at all may cancel what they scheduled
  await db.query(
    `insert into scheduled_messages (organization_id, id, batch_id, person_id, channels, body, origin, user_id, state, due_at, created_at)
     values ($1, $2, $2, $3, '{whatsapp}', 'Hello', 'manual', $4, 'planned', $5::timestamptz + interval '1 day', $5)`,
    [organizationId, ids.scheduledMessageId, person.id, company.users.interviewer.id, now],
  );
  await db.query(
    `insert into candidate_pages (organization_id, id, person_id, application_id, last_message_at, created_at)
     values ($1, $2, $3, $4, $5, $5)`,
    [organizationId, ids.candidatePageId, person.id, applicationId, now],
  );
  await db.query(
    `insert into stage_moves (organization_id, id, stage_id, vacancy_id, count, run_actions, created_at)
     values ($1, $2, $3, $4, 1, true, $5)`,
    [organizationId, ids.moveId, vacancy.stages[0], vacancy.id, now],
  );
  await db.query(
    `insert into action_runs (organization_id, id, stage_entry_id, stage_action_id, move_id, application_id, channel, state, due_at, created_at)
     select $1, $2, stage_entry_id, $3, $4, id, 'whatsapp', 'planned', $5::timestamptz + interval '1 day', $5
     from applications where organization_id = $1 and id = $6`,
    [organizationId, ids.plannedId, actionId, ids.moveId, now, applicationId],
  );
  await db.query(
    `insert into webhook_endpoints (organization_id, id, name, url, types, secret_sealed, position, created_at)
     values ($1, $2, 'ATS', 'https://192.0.2.1/hooks', '{}', '\\x00', 0, $3)`,
    [organizationId, ids.webhookEndpointId, now],
  );
  await db.query(
    `insert into event_deliveries (organization_id, id, endpoint_id, type, state, next_try_at, created_at)
     values ($1, $2, $3, 'webhook.test', 'pending', $4, $4)`,
    [organizationId, ids.deliveryId, ids.webhookEndpointId, now],
  );
  await db.query(
    `insert into mails (organization_id, id, user_id, direction, state, folder, thread_id, message_id_header, content_hash, "references", from_name,
       from_address, "to", subject, text, html, size, occurred_at, created_at, updated_at)
     values ($1, $2, $3, 'in', 'received', 'inbox', $2, $2::uuid::text, '', '{}', 'Eva', 'eva@mail.example', '[]', 'Question', 'Hi', '<p>Hi</p>', 2, $4, $4, $4)`,
    [organizationId, ids.mailId, company.users.administrator.id, now],
  );
  await db.query(`insert into mail_raws (organization_id, mail_id, bytes) values ($1, $2, 'Hi')`, [
    organizationId,
    ids.mailId,
  ]);
  await db.query(
    `insert into media (organization_id, id, mail_id, state, mime_type, filename, size, bytes, created_at)
     values ($1, $2, $3, 'stored', 'text/plain', 'a.txt', 2, 'Hi', $4)`,
    [organizationId, ids.attachmentId, ids.mailId, now],
  );
  return {
    ...ids,
    personId: person.id,
    contactPointId: person.contactPointId,
    conversationId: person.conversationId,
    vacancyId: vacancy.id,
    stageId: vacancy.stages[1]!,
    nextStageId: vacancy.stages[2]!,
    actionId,
    applicationId: applicationId!,
    templateId,
    channelAccountId: account.id,
  };
}

/** One behind the person's message, and one that waits to be looked at. */
async function makeMails(
  db: World['db'],
  organizationId: string,
  personId: string,
  { messageId, heldMailId }: { messageId: string; heldMailId: string },
  now: Date,
): Promise<void> {
  const mails = [
    { id: messageId, state: 'received', held_reason: null, message_id: messageId },
    { id: heldMailId, state: 'held', held_reason: 'unknown_sender', message_id: null },
  ];
  await db.query(
    `with row as (select * from jsonb_to_recordset($2::jsonb) as r(id uuid, state mail_state, held_reason text, message_id uuid)),
     made as (
       insert into mails (organization_id, id, direction, state, folder, thread_id, message_id_header, content_hash, "references", from_name,
         from_address, "to", subject, text, html, size, held_reason, occurred_at, created_at, updated_at)
       select $1, id, 'in', state, 'inbox', id, '<' || id || '@mail.example>', id::text, '{}', 'Ada', 'ada@mail.example', '[]', 'Hi', 'Hi', '<p>Hi</p>', 2,
         held_reason, $4, $4, $4 from row),
     raw as (insert into mail_raws (organization_id, mail_id, bytes) select $1, id, '\\x6869' from row)
     insert into mail_filings (organization_id, mail_id, person_id, message_id) select $1, id, $3, message_id from row`,
    [organizationId, JSON.stringify(mails), personId, now],
  );
  await db.query('update messages set content = $3 where organization_id = $1 and id = $2', [
    organizationId,
    messageId,
    { mailId: messageId },
  ]);
}

/** Not on the public internet: nothing is looked up, and nothing called. */
const mailServer = { host: '127.0.0.1', username: 'uma', password: 'sesame' };
const mailboxBody = {
  fromAddress: null,
  signature: null,
  fetch: false,
  incoming: mailServer,
  outgoing: null,
};

/** A body that each route takes. */
export const bodies: Partial<Record<RouteKey, (things: Things) => unknown>> = {
  'PATCH /api/v1/me': () => ({ soundMuted: true }),
  'PUT /api/v1/me/mailbox': () => mailboxBody,
  'PUT /api/v1/users/{userId}/mailbox': () => mailboxBody,
  'POST /api/v1/me/mailbox/test': () => mailServer,
  'POST /api/v1/me/mailbox/sign-in': () => ({ provider: 'google' }),
  'POST /api/v1/users/{userId}/mailbox/test': () => mailServer,
  'PUT /api/v1/me/mailbox/folders': () => ({ folders: [{ path: 'INBOX', folder: 'inbox' }] }),
  'PUT /api/v1/users/{userId}/mailbox/folders': () => ({ folders: [{ path: 'INBOX', folder: 'inbox' }] }),
  'POST /api/v1/sends/preview': ({ applicationId }) => ({
    channels: ['whatsapp'],
    text: 'Hello',
    applicationIds: [applicationId],
  }),
  'POST /api/v1/sends/recipients': ({ applicationId }) => ({ applicationIds: [applicationId] }),
  'POST /api/v1/bulk-sends': ({ applicationId }) => ({
    channels: ['whatsapp'],
    text: 'Hello',
    applicationIds: [applicationId],
  }),
  'POST /api/v1/users': () => ({
    email: `${newId()}@example.com`,
    firstName: 'New',
    lastName: 'User',
    role: 'reviewer',
  }),
  'PATCH /api/v1/users/{userId}': () => ({ firstName: 'Renamed' }),
  'POST /api/v1/users/{userId}/deactivate': () => ({}),
  'POST /api/v1/api-keys': () => ({ name: 'Key', scopes: ['people:read'] }),
  'POST /api/v1/webhook-endpoints': () => ({ name: 'ATS', url: 'https://93.184.215.14/hooks' }),
  'PATCH /api/v1/webhook-endpoints/{webhookEndpointId}': () => ({ name: 'Renamed' }),
  'POST /api/v1/webhook-endpoints/{webhookEndpointId}/rotate-secret': () => ({}),
  'POST /api/v1/people': () => ({ firstName: 'New', lastName: 'Person' }),
  'POST /api/v1/people/import': () => ({ people: [{ firstName: 'Imported' }] }),
  'POST /api/v1/people/import/preview': () => ({ people: [{ firstName: 'Imported' }] }),
  'PATCH /api/v1/people/{personId}': () => ({ lastName: 'Renamed' }),
  'POST /api/v1/people/{personId}/consents': ({ contactPointId }) => ({
    channel: 'whatsapp',
    contactPointId,
    evidence: 'said so',
  }),
  'POST /api/v1/people/{personId}/merge': ({ personId }) => ({ intoId: personId }),
  'POST /api/v1/employers': () => ({ name: 'Bakery' }),
  'PATCH /api/v1/employers/{employerId}': () => ({ name: 'Bakery Two' }),
  'POST /api/v1/vacancies': () => ({ title: 'Cook' }),
  'PATCH /api/v1/vacancies/{vacancyId}': () => ({ title: 'Chef' }),
  'PUT /api/v1/vacancies/{vacancyId}/application-form': () => ({ enabled: true }),
  'POST /api/v1/vacancies/{vacancyId}/stages': () => ({ name: `Extra ${newId()}` }),
  'PATCH /api/v1/stages/{stageId}': () => ({ name: `Renamed ${newId()}` }),
  'POST /api/v1/stages/{stageId}/actions': ({ templateId }) => ({ templateId, channels: ['whatsapp'] }),
  'PATCH /api/v1/stages/{stageId}/actions/{actionId}': () => ({ delaySeconds: 60 }),
  'POST /api/v1/stages/{stageId}/actions/dry-run': ({ templateId }) => ({
    days: 30,
    action: { templateId, channels: ['whatsapp'] },
  }),
  'PUT /api/v1/quiet-hours': () => ({ quietHours: null }),
  'POST /api/v1/applications/{applicationId}/reject': () => ({}),
  'POST /api/v1/applications/{applicationId}/withdraw': () => ({}),
  'POST /api/v1/applications/{applicationId}/reopen': () => ({}),
  'POST /api/v1/applications/reject': ({ applicationId }) => ({ applicationIds: [applicationId] }),
  'POST /api/v1/applications/withdraw': ({ applicationId }) => ({ applicationIds: [applicationId] }),
  'POST /api/v1/applications/reopen': ({ applicationId }) => ({ applicationIds: [applicationId] }),
  'POST /api/v1/applications': ({ personId, vacancyId }) => ({ personId, vacancyId }),
  'POST /api/v1/applications/{applicationId}/move': ({ nextStageId }) => ({ stageId: nextStageId }),
  'POST /api/v1/applications/move': ({ applicationId, nextStageId }) => ({
    applicationIds: [applicationId],
    stageId: nextStageId,
  }),
  'POST /api/v1/conversations/{conversationId}/start': ({ applicationId }) => ({ applicationId }),
  'POST /api/v1/conversations/{conversationId}/close': () => ({}),
  'POST /api/v1/conversations/{conversationId}/hand-over': ({ userId }) => ({ userId }),
  'PUT /api/v1/conversations/{conversationId}/presence': () => ({ state: 'viewing' }),
  'POST /api/v1/conversations/{conversationId}/messages': ({ templateId, applicationId }) => ({
    type: 'template',
    templateId,
    applicationId,
  }),
  'POST /api/v1/conversations/{conversationId}/scheduled-messages': ({ applicationId }) => ({
    sendAt: new Date(Date.now() + 30 * 86_400_000).toISOString(),
    text: 'Hello',
    applicationId,
  }),
  'PATCH /api/v1/mails/{mailId}': () => ({ seen: true }),
  'PATCH /api/v1/mails': ({ mailId }) => ({ mails: [{ mailId, seen: true, folder: 'inbox' }] }),
  'PATCH /api/v1/mail-threads': ({ mailId }) => ({
    threads: [{ threadId: mailId, folder: 'inbox' }],
    seen: true,
  }),
  'POST /api/v1/mail-threads/delete': ({ mailId }) => ({ threads: [{ threadId: mailId, folder: 'inbox' }] }),
  'POST /api/v1/mails/{mailId}/filings': ({ personId }) => ({ personId }),
  'POST /api/v1/mails': () => ({ subject: 'Hello' }),
  'PUT /api/v1/mails/{mailId}/draft': () => ({ version: '2026-11-02T10:00:00.000Z', text: 'Hello' }),
  'POST /api/v1/mails/{mailId}/send': () => ({}),
  'PUT /api/v1/messages/{messageId}/reaction': () => ({ emoji: '👍' }),
  'PUT /api/v1/mails/{mailId}/private': () => ({ private: true }),
  'PUT /api/v1/messages/{messageId}/private': () => ({ private: true }),
  'POST /api/v1/people/{personId}/notes': () => ({ body: 'A note' }),
  'POST /api/v1/messages/{messageId}/settle': () => ({ outcome: 'sent' }),
  'PATCH /api/v1/plan': () => ({ lowBalance: 20 }),
  'POST /api/v1/customer-requests': () => ({ kind: 'credits' }),
  'POST /api/v1/saved-searches': () => ({ page: 'messages', name: newId(), query: { channel: 'sms' } }),
  'POST /api/v1/notifications/seen': () => ({ upToId: newId() }),
  'POST /api/v1/templates': () => ({
    channel: 'sms',
    name: 'Reminder',
    language: 'en',
    body: 'Until tomorrow',
  }),
  'POST /api/v1/templates/preview': ({ personId }) => ({ channel: 'sms', body: 'Hello', personId }),
  'PUT /api/v1/templates/carrier': () => ({ templateId: null }),
  'POST /api/v1/templates/folders/move': () => ({ from: 'Things', to: null }),
  'PATCH /api/v1/templates/{templateId}': () => ({ parameters: [] }),
  'POST /api/v1/templates/{templateId}/preview': ({ personId }) => ({ personId }),
  'POST /api/v1/channels/whatsapp': () => ({
    name: 'Second number',
    phoneNumberId: '10000000001',
    wabaId: '20000000001',
    accessToken: 'token',
    appSecret: 'secret',
  }),
  'PUT /api/v1/channels/sms': () => ({
    accountSid: `AC${'0'.repeat(32)}`,
    authToken: 'token',
    sender: { kind: 'name' },
  }),
  'PATCH /api/v1/channels/sms': () => ({ messagesPerSecond: 5 }),
  'PATCH /api/v1/channels/email': () => ({ messagesPerSecond: null }),
  'PUT /api/v1/channels/email/domain': () => ({ domain: `${newId()}.example` }),
  'PATCH /api/v1/channels/{channelAccountId}': () => ({ name: 'Renamed' }),
  'POST /api/v1/channels/sms/test': () => ({ to: '+34612345678' }),
  'POST /api/v1/channels/{channelAccountId}/test': ({ templateId }) => ({ to: '+34612345678', templateId }),
};

/** Query parameters that a route cannot do without. */
const queries: Partial<Record<RouteKey, string>> = {
  'POST /api/v1/media': '?filename=a.txt',
  'POST /api/v1/mails/{mailId}/attachments': '?filename=a.txt',
  'GET /api/v1/people/{personId}/merge-preview': '?intoId={personId}',
  'GET /api/v1/vacancies/{vacancyId}/ended': '?outcome=rejected',
};

/** A contract's path with these things in it. */
export function pathOf(key: RouteKey, things: Things): string {
  const path = key.split(' ')[1]!;
  const meant = key.endsWith('/retry') ? { ...things, messageId: things.failedMessageId } : things;
  return (path + (queries[key] ?? '')).replace(/\{(\w+)\}/g, (_, name: keyof Things) => meant[name]);
}
