import type { ScheduledMessage } from '../../contracts/messages';
import type { ScheduleInput } from '../../contracts/scheduled-messages';
import { unattendedReasonText } from '../../contracts/reasons';
import { settle } from '../../domain/chat';
import { DomainError, notFound, type FieldError } from '../../domain/errors';
import { mayCancelScheduled, type Actor } from '../../domain/permissions';
import { unknownVariables } from '../../domain/template-render';
import {
  assertApplication,
  assertMayWrite,
  assertNotMerged,
  assertOpenMail,
  assertReplyTarget,
  assertVisible,
  goingOn,
} from '../messages/accept-message';
import {
  lockConversation,
  noticeConversation,
  type ConversationIds,
} from '../conversations/conversation-store';
import { newId, type Database, type Tx } from '../database';
import { assertCopies, copiesOf } from '../messages/copies';
import { assertFiles } from '../messages/prepare-content';
import { outgoingConfidentialSql } from '../messages/send-facts';
import { fallbackSql, pokeScheduled } from './fallbacks';
import { loadQuietHours } from './quiet-hours';
import { isoSql, userSummarySql, type Queryable } from '../sql';
import { writeTimeline } from '../conversations/timeline';
import { visiblePerson } from '../visibility';

const longestMs = 366 * 86_400_000;

/** R-SEND-7: keeps a message for later. Refused now is only what cannot become right by then: content, address of the request, role. */
export async function scheduleMessage(
  db: Database,
  { actor, dayMs }: { actor: Actor; dayMs: number },
  ids: ConversationIds,
  input: ScheduleInput,
): Promise<{ id: string }> {
  const { organizationId, user } = actor;
  return db.transact(async (tx) => {
    await assertVisible(tx, actor, ids);
    const conversation = await lockConversation(tx, ids);
    const now = await tx.now();
    const written = {
      actor,
      origin: user ? ('manual' as const) : ('api' as const),
      applicationId: input.applicationId ?? null,
      replyToId: input.replyToId ?? null,
      channel: input.channels[0]!,
    };
    assertNotMerged(conversation, written);
    const { ownerId } = settle(conversation.chat, now, dayMs).chat;
    if (user) await assertMayWrite(tx, conversation, ownerId, written);
    const message = await goingOn(tx, conversation, written);
    await assertApplication(tx, conversation, message);
    await assertReplyTarget(tx, conversation, input.replyToId ?? null);
    const sendAt = assertLater(input.sendAt, now);
    await assertSayable(tx, actor, input);
    await assertOpenMail(tx, actor, [...input.channels, input.fallback?.channel]);
    const mediaIds = [...new Set(input.mediaIds)];
    if (mediaIds.length > 0) await assertFiles(tx, { actor, channel: input.channels[0]!, mediaIds });

    const copies = copiesOf(input);
    if (copies) await assertCopies(tx, { actor, channel: input.channels[0]! }, copies);

    const { personId } = conversation;
    const dueAt = (await loadQuietHours(tx, organizationId, [personId]))(personId, sendAt);
    const id = newId();
    const [organization] = await tx.query<{ timeZone: string }>(
      `insert into scheduled_messages (organization_id, id, batch_id, person_id, application_id, channels, title, body, template_id, parameters,
         reply_to_id, origin, user_id, api_key_id, fallback_channel, fallback_after_seconds, state, due_at, quiet, created_at, wanted_at, media_ids, copies)
       values ($1, $2, $2, $3, $4, $5::channel[], $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 'planned', $16, $17, $18, $19, $20::uuid[], $21)
       returning (select time_zone from organizations where id = $1) as "timeZone"`,
      [
        organizationId,
        id,
        personId,
        message.applicationId,
        input.channels,
        input.title ?? null,
        input.text ?? null,
        input.templateId ?? null,
        input.parameters ?? null,
        input.replyToId ?? null,
        message.origin,
        user?.id ?? null,
        actor.apiKeyId,
        input.fallback?.channel ?? null,
        input.fallback?.afterSeconds ?? null,
        dueAt,
        dueAt > sendAt,
        now,
        dueAt > sendAt ? sendAt : null,
        mediaIds,
        copies,
      ],
    );
    await writeTimeline(tx, organizationId, [
      {
        personId,
        applicationId: message.applicationId,
        kind: 'messageScheduled',
        actorUserId: user?.id ?? null,
        actorApiKeyId: actor.apiKeyId,
        data: {
          scheduledMessageId: id,
          channel: input.channels[0]!,
          dueAt: dueAt.toISOString(),
          ...organization,
        },
        occurredAt: now,
      },
    ]);
    await pokeScheduled(tx, organizationId, id);
    noticeConversation(tx, conversation);
    return { id };
  });
}

/** An instant of a request that has to lie ahead. */
export function assertLater(sendAt: string, now: Date): Date {
  const at = new Date(sendAt);
  if (at <= now) throw invalid([{ path: 'sendAt', message: 'must lie in the future' }]);
  if (at.getTime() > now.getTime() + longestMs)
    throw invalid([{ path: 'sendAt', message: 'must lie within a year' }]);
  return at;
}

const invalid = (errors: FieldError[]): DomainError =>
  new DomainError('invalid', 'Some fields are missing or wrong.', { errors });

async function assertSayable(
  tx: Tx,
  { organizationId, user }: Actor,
  { text, templateId, title, channels, fallback, parameters }: ScheduleInput,
): Promise<void> {
  const errors: FieldError[] = [];
  let hasTitle = title !== undefined;
  if (templateId !== undefined) {
    const [template] = await tx.query<{ channel: string; title: string | null; keys: string[] }>(
      `select channel, title, array(select p ->> 'key' from jsonb_array_elements(coalesce(parameters, '[]')) p) as keys from templates
       where organization_id = $1 and id = $2 and removed_at is null and (personal_user_id is null or personal_user_id = $3)`,
      [organizationId, templateId, user?.id ?? null],
    );
    if (!template) throw notFound('template');
    if (template.channel !== 'whatsapp' && channels.includes('whatsapp'))
      errors.push({
        path: 'templateId',
        message: 'is no WhatsApp template, and WhatsApp is among the channels',
      });
    for (const key of Object.keys(parameters ?? {}).filter((one) => !template.keys.includes(one)))
      errors.push({ path: `parameters.${key}`, message: 'is no parameter of this template' });
    hasTitle ||= text === undefined && template.title !== null;
  }
  for (const [path, written = ''] of [
    ['title', title],
    ['text', text],
  ] as const) {
    const unknown = unknownVariables(written);
    if (unknown.length > 0) errors.push({ path, message: `holds unknown variables: ${unknown.join(', ')}` });
  }
  if (fallback && !channels.includes('whatsapp'))
    errors.push({ path: 'fallback', message: 'goes with WhatsApp only' });
  if (!hasTitle && (channels.includes('email') || fallback?.channel === 'email'))
    errors.push({ path: 'title', message: 'an e-mail needs a title' });
  if (errors.length > 0) throw invalid(errors);
}

/** Of a row of `scheduled_messages`, in their order. */
export const scheduledFilesSql = (alias: string): string => `(
  select coalesce(jsonb_agg(jsonb_build_object('id', f.id, 'filename', coalesce(f.filename, 'file')) order by array_position(${alias}.media_ids, f.id)), '[]')
  from media f where f.organization_id = ${alias}.organization_id and f.id = any(${alias}.media_ids))`;

type Row = Omit<ScheduledMessage, 'reasonText' | 'mayCancel'> & {
  userId: string | null;
  /** R-CONF-3: an e-mail that has not gone, of somebody whose outgoing e-mail is confidential by now. */
  confidential: boolean;
};

export async function readScheduled(
  db: Queryable,
  actor: Actor,
  scheduledMessageId: string,
): Promise<ScheduledMessage> {
  const [row] = await db.query<Row>(
    `select s.id, c.id as "conversationId", s.person_id as "personId", s.application_id as "applicationId", s.channels::text[] as channels,
       s.title, s.body as text, t.name as "templateName", ${scheduledFilesSql('s')} as files, s.copies, s.after_message_id as "fallbackOf", ${fallbackSql('s')} as fallback,
       ${isoSql('s.due_at')} as "dueAt", s.quiet, s.state, s.reason, s.message_id as "messageId", ${userSummarySql('u')} as "scheduledBy",
       ${isoSql('s.created_at')} as "createdAt", s.user_id as "userId",
       s.state <> 'done' and 'email' = any(s.channels) and ${outgoingConfidentialSql('s.organization_id', 's.user_id')} as confidential
     from scheduled_messages s
     join people p on p.organization_id = s.organization_id and p.id = s.person_id
     join conversations c on c.organization_id = s.organization_id and c.person_id = s.person_id
     left join templates t on t.organization_id = s.organization_id and t.id = s.template_id
     left join users u on u.organization_id = s.organization_id and u.id = s.user_id
     where s.organization_id = $1 and s.id = $2 and ${visiblePerson(actor, 'p')}`,
    [actor.organizationId, scheduledMessageId],
  );
  if (!row) throw notFound('scheduled message');
  const { userId, confidential, ...message } = row;
  return {
    ...message,
    ...(confidential && actor.user?.id !== userId && { title: null, text: null, files: [], copies: null }),
    reasonText: message.reason === null ? null : unattendedReasonText(message.reason),
    mayCancel: message.state === 'planned' && mayCancelScheduled(actor, { userId }),
  };
}

/** Cancels what is not sent yet; the timeline says by whom. `conflict` when it was sent or cancelled before. */
export async function cancelScheduled(db: Database, actor: Actor, scheduledMessageId: string): Promise<void> {
  const { organizationId } = actor;
  const { scheduledBy, conversationId, fallbackOf } = await readScheduled(db, actor, scheduledMessageId);
  if (!mayCancelScheduled(actor, { userId: scheduledBy?.id ?? null })) {
    throw new DomainError(
      'not_permitted',
      'Only who scheduled this message, and Administrators, may cancel it.',
    );
  }
  await db.transact(async (tx) => {
    const now = await tx.now();
    const [cancelled] = await tx.query<{ personId: string; applicationId: string | null; channel: string }>(
      `update scheduled_messages set state = 'cancelled', reason = 'cancelled', settled_at = $3
       where organization_id = $1 and id = $2 and state = 'planned'
       returning person_id as "personId", application_id as "applicationId", channels[1] as channel`,
      [organizationId, scheduledMessageId, now],
    );
    if (!cancelled) {
      throw new DomainError(
        'conflict',
        'This message is no longer waiting: it was sent or cancelled before.',
      );
    }
    await writeTimeline(tx, organizationId, [
      {
        personId: cancelled.personId,
        applicationId: cancelled.applicationId,
        kind: 'messageUnscheduled',
        actorUserId: actor.user?.id ?? null,
        actorApiKeyId: actor.apiKeyId,
        data: { scheduledMessageId, channel: cancelled.channel, fallback: fallbackOf !== null },
        occurredAt: now,
      },
    ]);
    noticeConversation(tx, { organizationId, id: conversationId, personId: cancelled.personId });
  });
}
