import { reasonText } from '../../contracts/reasons';
import { reduceChat, settle, type ChatFact } from '../../domain/chat';
import { DomainError, notFound } from '../../domain/errors';
import {
  mayCloseChat,
  mayHandOver,
  maySend,
  sendingRight,
  type ActingUser,
  type Actor,
} from '../../domain/permissions';
import { assertVisible, isInTray } from '../messages/accept-message';
import { writeAudit } from '../organization/audit';
import {
  hasQueued,
  lockConversation,
  noticeConversation,
  pokeConversation,
  saveChat,
  type ConversationIds,
  type LockedConversation,
} from './conversation-store';
import type { Database, Tx } from '../database';
import { notify } from '../notify';

type Context = { actor: Actor; dayMs: number };

/** Becomes owner of an Open or Closed chat (R-CHAT-2). The owner's second press changes nothing; a colleague's is refused. */
export async function startChat(
  db: Database,
  context: Context,
  ids: ConversationIds,
  applicationId: string | null,
): Promise<void> {
  await withChat(db, context, ids, async (tx, conversation, user) => {
    const { ownerId } = conversation.chat;
    const fromTray = applicationId !== null && (await isInTray(tx, conversation, applicationId, user.id));
    if (!maySend(user, { fromTray, ownsChat: ownerId === user.id })) throw refused();
    if (ownerId !== null && ownerId !== user.id) {
      throw new DomainError('chat_owned_by_other', reasonText.chat_owned_by_other, { ownerId });
    }
    return { type: 'started', at: await tx.now(), userId: user.id };
  });
}

/** *Close chat*: Active becomes Open (R-CHAT-4). */
export async function closeChat(db: Database, context: Context, ids: ConversationIds): Promise<void> {
  await withChat(db, context, ids, async (tx, conversation, user) => {
    assertActive(conversation);
    const { responsibleUserId } = conversation;
    if (!mayCloseChat(user, { ownerId: conversation.chat.ownerId, responsibleUserId })) throw refused();
    return { type: 'closed', at: await tx.now() };
  });
}

/** Hands an Active chat to a colleague who may send (R-CHAT-8). */
export async function handOverChat(
  db: Database,
  context: Context,
  ids: ConversationIds,
  toUserId: string,
): Promise<void> {
  await withChat(db, context, ids, async (tx, conversation, user) => {
    assertActive(conversation);
    if (!mayHandOver(user, conversation.chat)) throw refused();
    await assertCanOwn(tx, conversation, toUserId);
    const at = await tx.now();
    if (toUserId !== user.id && toUserId !== conversation.chat.ownerId) {
      await notify(tx, ids.organizationId, {
        userIds: [toUserId],
        kind: 'handedOver',
        personId: conversation.personId,
        conversationId: conversation.id,
        data: { by: user.name },
        at,
      });
    }
    await writeAudit(tx, context.actor, {
      action: 'chat.handedOver',
      target: 'person',
      targetId: conversation.personId,
      before: { ownerId: conversation.chat.ownerId },
      after: { ownerId: toUserId },
    });
    return { type: 'handedOver', at, userId: toUserId };
  });
}

/** Takes the unanswered mark away (R-CHAT-10). */
export async function dismissUnanswered(db: Database, context: Context, ids: ConversationIds): Promise<void> {
  const { user } = context.actor;
  await db.transact(async (tx) => {
    await assertVisible(tx, context.actor, ids);
    if (user && sendingRight(user.role) === 'nobody') throw refused();
    const conversation = await lockConversation(tx, ids);
    if (!conversation.unansweredSince) return;
    await tx.query(
      'update conversations set unanswered_since = null, answered_since = null, updated_at = $3 where organization_id = $1 and id = $2',
      [ids.organizationId, ids.conversationId, await tx.now()],
    );
    noticeConversation(tx, conversation);
  });
}

/**
 * R-CHAT-8, within the transaction that deactivates a user: their Active chats go to the successor, or become Open; the people
 * they were responsible for go to the successor, or stand under *Unassigned*.
 */
export async function releaseChatsOf(
  tx: Tx,
  dayMs: number,
  facts: { organizationId: string; userId: string; successorId: string | null; actorUserId: string | null },
): Promise<void> {
  const { organizationId, userId, successorId } = facts;
  // Locked in the order of ids, as everywhere where several are.
  const concerned = await tx.query<{ id: string; owned: boolean }>(
    `select id, coalesce(owner_id = $2, false) as owned from conversations
     where organization_id = $1 and (owner_id = $2 or responsible_user_id = $2) order by id for update`,
    [organizationId, userId],
  );
  const at = await tx.now();
  await tx.query(
    `update people set responsible_user_id = $3, updated_at = $4 where organization_id = $1 and responsible_user_id = $2`,
    [organizationId, userId, successorId, at],
  );
  await tx.query(
    `update conversations set responsible_user_id = $3,
       inbox_user_id = case when status = 'active' then owner_id else $3 end, updated_at = $4
     where organization_id = $1 and responsible_user_id = $2`,
    [organizationId, userId, successorId, at],
  );
  for (const { id } of concerned.filter((row) => row.owned)) {
    const conversation = await lockConversation(tx, { organizationId, conversationId: id });
    const step = reduceChat(conversation.chat, { type: 'ownerLeft', at, successorId }, dayMs);
    await saveAndPoke(tx, conversation, step, facts.actorUserId);
  }
}

/** Somebody who can own this chat: an active user whose role may send, and who sees the conversation. */
async function assertCanOwn(tx: Tx, conversation: LockedConversation, userId: string): Promise<void> {
  const { organizationId } = conversation;
  const [user] = await tx.query<{ role: ActingUser['role']; assigned: boolean }>(
    `select role, exists (
       select 1 from applications a
       join vacancy_users vu on vu.organization_id = a.organization_id and vu.vacancy_id = a.vacancy_id
       where a.organization_id = $1 and a.person_id = $3 and vu.user_id = $2) as assigned
     from users where organization_id = $1 and id = $2 and deactivated_at is null and password_hash is not null`,
    [organizationId, userId, conversation.personId],
  );
  if (!user) throw notFound('user');
  const right = sendingRight(user.role);
  if (right === 'tray' && !user.assigned) {
    throw new DomainError('not_permitted', 'This colleague does not see this person. Choose somebody else.');
  }
  if (right === 'nobody') {
    throw new DomainError(
      'not_permitted',
      'This colleague’s role may not send messages. Choose somebody else.',
    );
  }
}

async function withChat(
  db: Database,
  { actor, dayMs }: Context,
  ids: ConversationIds,
  decide: (tx: Tx, conversation: LockedConversation, user: ActingUser) => Promise<ChatFact>,
): Promise<void> {
  const { user } = actor;
  if (!user)
    throw new DomainError('invalid', 'A chat belongs to a user: name the acting user in actingUserId.', {
      errors: [{ path: 'actingUserId', message: 'is needed' }],
    });
  await db.transact(async (tx) => {
    await assertVisible(tx, actor, ids);
    const locked = await lockConversation(tx, ids);
    if (locked.erased) throw notFound('conversation');
    const settled = await saveChat(tx, locked, settle(locked.chat, await tx.now(), dayMs), null);
    const step = reduceChat(settled.chat, await decide(tx, settled, user), dayMs);
    await saveAndPoke(tx, settled, step, user.id);
  });
}

async function saveAndPoke(
  tx: Tx,
  conversation: LockedConversation,
  step: ReturnType<typeof reduceChat>,
  actorUserId: string | null,
): Promise<void> {
  const saved = await saveChat(tx, conversation, step, actorUserId);
  if (step.changes.length === 0) return;
  const ids = { organizationId: conversation.organizationId, conversationId: conversation.id };
  await pokeConversation(tx, saved, await hasQueued(tx, ids));
}

function assertActive(conversation: LockedConversation): void {
  if (conversation.chat.status !== 'active') {
    throw new DomainError('chat_not_active', 'This chat is not active any more. Start it to own it.');
  }
}

const refused = (): DomainError => new DomainError('not_permitted', reasonText.not_permitted);
