import type { ParsedMail } from '../../channels/email/parse-mail';
import { reasonCodeSchema, reasonText } from '../../contracts/reasons';
import { DomainError } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import { maxEmailFilesBytes } from '../../domain/media-rules';
import { newId, type Database, type Tx } from '../database';
import { recordReceipt, type ReceiptContext } from '../inbound/receipts';
import { acceptMessage, assertOpenMail } from '../messages/accept-message';
import { noteCopiesRefused } from '../messages/dispatch';
import { storeFile } from '../messages/store-file';
import { findActingUser } from '../organization/session';
import { lockConversation } from '../conversations/conversation-store';
import { writeEvents } from '../events/events';
import { hasWords } from '../../domain/quoted';
import type { Queryable } from '../sql';
import { emailAccountId, fileMail, lockPeopleByEmail } from './file-mail';
import type { NotPassedOn } from './held-mails';
import { organizationOfMailDomain } from './mail-domain';
import { ownerOfMail, type MailThread } from './mail-owner';
import { idsIn } from './message-ids';
import { isPrivateMail } from './receive-mail';
import { notifyPrivately } from './private-mails';
import type { ReplyAddressRow } from './reply-addresses';
import { answeredBy, storeMail, type MailPlace, type StoredMail } from './store-mail';

export type ReplyContext = ReceiptContext & {
  /** PARLEY_MAIL_DOMAIN */
  mailDomain?: string | null;
};

/** `kept`: it stands in the conversation, was passed on, or was taken as a receipt. `held`: it waits to be looked at. */
export type ReplyOutcome = { outcome: 'kept' | 'known' } | { outcome: 'held'; reason: string };

/**
 * A mail that came to a reply address, in one transaction. The token proves the thread, not the person: whoever is no party of it is held for
 * review, never delivered. When this returns it is kept.
 */
export async function receiveReply(
  db: Database,
  context: ReplyContext,
  found: ReplyAddressRow,
  mail: ParsedMail,
  raw: Buffer,
): Promise<ReplyOutcome> {
  if (mail.bounce) await takeBounce(db, context, found, mail);
  return db.transact(async (tx) => {
    const people = await lockPeopleByEmail(tx, found.organizationId, [mail.from.address], found.personId);
    const to = await asItIsNow(tx, found);
    const person = people.find(({ personId }) => personId === to.personId);
    if (mail.bounce) return keep(tx, to, mail, raw);
    if (to.party === 'person')
      return person ? fromPerson(tx, to, mail, raw, person) : hold(tx, to, mail, raw, people);
    if (!(await isParty(tx, context, to, mail.from.address))) return hold(tx, to, mail, raw, people);
    return mail.quiet ? keep(tx, to, mail, raw) : passOn(tx, context, to, mail, raw);
  });
}

/** The address was looked up before the mail came, and its person may have become part of another since. The conversation is locked. */
async function asItIsNow(tx: Tx, to: ReplyAddressRow): Promise<ReplyAddressRow> {
  const { organizationId } = to;
  let conversation = await lockConversation(tx, to);
  while (conversation.mergedIntoId !== null)
    conversation = await lockConversation(tx, { organizationId, conversationId: conversation.mergedIntoId });
  if (conversation.erased) throw new Error('the person of this reply address was erased');
  return { ...to, conversationId: conversation.id, personId: conversation.personId };
}

type Person = Awaited<ReturnType<typeof lockPeopleByEmail>>[number];

async function fromPerson(
  tx: Tx,
  to: ReplyAddressRow,
  mail: ParsedMail,
  raw: Buffer,
  person: Person,
): Promise<ReplyOutcome> {
  const { organizationId, conversationId } = to;
  const userId = await privatelyFor(tx, to, mail, [person]);
  const stored = await storeFresh(
    tx,
    {
      organizationId,
      direction: 'in',
      state: 'received',
      folder: 'inbox',
      private: userId !== null,
      ...(userId === null ? { userId, conversationId } : { userId }),
    },
    mail,
    raw,
  );
  if (stored.known) return { outcome: 'known' };
  const filed = {
    organizationId,
    mailId: stored.mailId,
    direction: 'in',
    userId: null,
    private: userId !== null,
    arrived: true,
    applicationId: to.applicationId,
  } as const;
  await fileMail(tx, filed, mail, [person]);
  if (userId !== null) await notifyPrivately(tx, { ...filed, userId }, mail, [person]);
  return { outcome: 'kept' };
}

/** Stores it, or takes over the copy that is held because it came to another address of the conversation first, whose party its sender is not. */
async function storeFresh(tx: Tx, place: MailPlace, mail: ParsedMail, raw: Buffer): Promise<StoredMail> {
  const stored = await storeMail(tx, place, mail, raw);
  if (!stored.known || place.conversationId === undefined) return stored;
  const { organizationId, direction, state, folder } = place;
  const taken = await tx.query(
    `update mails set direction = $3::direction, state = $4::mail_state, folder = $5::mail_folder, held_reason = null, updated_at = $6
     where organization_id = $1 and id = $2 and state = 'held' and held_reason = 'unknown_sender' and not private returning 1`,
    [organizationId, stored.mailId, direction, state, folder, await tx.now()],
  );
  if (taken.length === 0) return stored;
  await tx.query(
    'delete from message_notices where organization_id = $1 and mail_id = $2 and mailed_at is null',
    [organizationId, stored.mailId],
  );
  return { ...stored, known: false };
}

/** R-CONF: the user whose mail it is alone; null: it is not private. */
export async function privatelyFor(
  tx: Tx,
  to: Omit<MailThread, 'answered'>,
  mail: ParsedMail,
  people: Pick<Person, 'confidential'>[],
): Promise<string | null> {
  const { organizationId } = to;
  const userId = await ownerOfMail(tx, { ...to, answered: answeredBy(mail) });
  return (await isPrivateMail(tx, { organizationId, userId }, 'in', mail, people)) ? userId : null;
}

/** R-MAIL-2: whether the sender is the user, or the notification address, that the reply address was given to. */
async function isParty(
  db: Queryable,
  { mailDomain = null }: ReplyContext,
  to: ReplyAddressRow,
  sender: string,
): Promise<boolean> {
  if (to.party === 'person') return false;
  if (to.party === 'address') {
    if (sender !== to.address) return false;
    // whoever has become a user since answers by their role (R-ROLE-1)
    const users = await db.query('select 1 from users where organization_id = $1 and lower(email) = $2', [
      to.organizationId,
      sender,
    ]);
    return users.length === 0;
  }
  const [name, domain = ''] = sender.split('@');
  const own = (await organizationOfMailDomain(db, domain, mailDomain)) === to.organizationId;
  const rows = await db.query(
    `select 1 from users u left join mailboxes b on b.organization_id = u.organization_id and b.user_id = u.id
     where u.organization_id = $1 and u.id = $2 and u.deactivated_at is null
       and ($3 in (lower(u.email), lower(b.from_address)) or $4 and u.mail_name = $5)`,
    [to.organizationId, to.userId, sender, own, name],
  );
  return rows.length > 0;
}

/** R-MAIL-2: the answer of a user or a notification address reaches the person as from the company. */
async function passOn(
  tx: Tx,
  context: ReplyContext,
  to: Exclude<ReplyAddressRow, { party: 'person' }>,
  mail: ParsedMail,
  raw: Buffer,
): Promise<ReplyOutcome> {
  const { organizationId, conversationId, applicationId } = to;
  const user = to.party === 'user' ? await findActingUser(tx, { organizationId, userId: to.userId }) : null;
  const actor: Actor = { organizationId, user, apiKeyId: null };
  const place = { organizationId, userId: null, conversationId, direction: 'out', folder: 'sent' } as const;
  const stored = await storeFresh(tx, { ...place, state: 'sent', private: false }, mail, raw);
  if (stored.known) return { outcome: 'known' };
  try {
    await assertOpenMail(tx, actor, ['email']);
    if (user && (await isKeptPrivately(tx, { organizationId, userId: user.id }, mail)))
      throw new DomainError('confidential_mail', reasonText.confidential_mail);
    const files = filesOf(mail);
    const text = hasWords(mail.text) ? mail.text : '';
    if (mail.cut) throw new NotPassable('too_large');
    if (text === '' && files.length === 0) throw new NotPassable('no_text');
    if (bytesOf(files) > maxEmailFilesBytes) throw new DomainError('media_failed', reasonText.media_failed);
    const { messageId } = await acceptMessage(
      tx,
      context.dayMs,
      { organizationId, conversationId },
      {
        channel: 'email',
        content: { type: 'text', text, title: mail.subject, literal: true },
        origin: 'manual',
        actor,
        applicationId,
        replyToId: null,
        retryOfId: null,
        stageEntryId: null,
      },
    );
    // the files go to the person with the text: they are the message's own, as if they had been uploaded
    const mediaIds: string[] = [];
    for (const file of files) mediaIds.push(await storeFile(tx, { organizationId, messageId }, file));
    await tx.query(
      `update messages set content = coalesce(content, '{}') || $3::jsonb where organization_id = $1 and id = $2`,
      [
        organizationId,
        messageId,
        JSON.stringify({ mailId: stored.mailId, ...(mediaIds.length > 0 && { mediaIds }) }),
      ],
    );
    await tx.query(
      `insert into mail_filings (organization_id, mail_id, person_id, message_id) values ($1, $2, $3, $4)
       on conflict (organization_id, mail_id, person_id) do update set message_id = excluded.message_id`,
      [organizationId, stored.mailId, to.personId, messageId],
    );
    return { outcome: 'kept' };
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === undefined) throw error;
    const ownerId = reason === 'confidential_mail' ? actor.user!.id : null;
    await tx.query(
      `update mails set state = 'held', held_reason = $3, user_id = $4::uuid, private = $4::uuid is not null where organization_id = $1 and id = $2`,
      [organizationId, stored.mailId, reason, ownerId],
    );
    await fileHeld(tx, to, stored.mailId);
    await tellRefused(tx, to, stored.mailId, mail);
    return { outcome: 'held', reason };
  }
}

/** R-CONF-1: written in the sender's mailbox here, with the box ticked. */
async function isKeptPrivately(
  tx: Tx,
  { organizationId, userId }: { organizationId: string; userId: string },
  { messageId }: ParsedMail,
): Promise<boolean> {
  const rows = await tx.query(
    'select 1 from mails where organization_id = $1 and message_id_header = $2 and user_id = $3 and private',
    [organizationId, messageId, userId],
  );
  return rows.length > 0;
}

class NotPassable extends Error {
  constructor(readonly reason: NotPassedOn) {
    super(reason);
  }
}

/** Undefined: it is no refusal, and the sender comes again. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof NotPassable) return error.reason;
  if (!(error instanceof DomainError)) return undefined;
  return reasonCodeSchema.safeParse(error.code).data ?? ('not_passed_on' satisfies NotPassedOn);
}

/** Pictures that stand in the HTML, as logos do, do not go along: it is the text that is sent. */
const filesOf = ({ attachments, html }: ParsedMail): ParsedMail['attachments'] =>
  attachments.filter(({ contentId }) => contentId === null || !html?.includes(`cid:${contentId}`));

const bytesOf = (files: ParsedMail['attachments']): number =>
  files.reduce((sum, { bytes }) => sum + bytes.length, 0);

/** R-MAIL-2: whoever is no candidate, and believes to have answered one, is told by mail that it was not passed on. */
async function tellRefused(
  tx: Tx,
  { organizationId, party }: ReplyAddressRow,
  mailId: string,
  mail: ParsedMail,
): Promise<void> {
  if (party === 'person' || mail.quiet || mail.from.address === '') return;
  await tx.query(
    `insert into message_notices (organization_id, id, mail_id, address, created_at) values ($1, $2, $3, $4, $5) on conflict do nothing`,
    [organizationId, newId(), mailId, mail.from.address, await tx.now()],
  );
}

/** Kept for the record, without a message: a bounce, or a machine's answer to a notification. */
async function keep(tx: Tx, to: ReplyAddressRow, mail: ParsedMail, raw: Buffer): Promise<ReplyOutcome> {
  const { organizationId, conversationId } = to;
  const place = {
    organizationId,
    userId: null,
    conversationId,
    direction: 'in',
    state: 'received',
    folder: 'archive',
    private: false,
  } as const;
  const { known } = await storeMail(tx, place, mail, raw);
  return { outcome: known ? 'known' : 'kept' };
}

async function hold(
  tx: Tx,
  to: ReplyAddressRow,
  mail: ParsedMail,
  raw: Buffer,
  senders: Pick<Person, 'confidential'>[],
): Promise<ReplyOutcome> {
  const { organizationId, conversationId } = to;
  const received = { organizationId, direction: 'in', folder: 'inbox' } as const;
  // R-CONF-3: it may be theirs, from another address
  const people =
    to.party === 'person'
      ? await tx.query<Pick<Person, 'confidential'>>(
          'select confidential from people where organization_id = $1 and id = $2',
          [organizationId, to.personId],
        )
      : [];
  const userId = await privatelyFor(tx, to, mail, [...senders, ...people]);
  if (userId !== null) {
    // it waits in that user's mailbox, where nobody else looks
    const { known } = await storeMail(
      tx,
      // the conversation's as well: it goes when its person is erased
      { ...received, userId, conversationId, state: 'received', private: true },
      mail,
      raw,
    );
    return { outcome: known ? 'known' : 'kept' };
  }
  const reason = 'unknown_sender';
  const place = { ...received, userId: null, conversationId, state: 'held', heldReason: reason } as const;
  const { mailId, known } = await storeMail(tx, { ...place, private: false }, mail, raw);
  if (known) return { outcome: 'known' };
  await fileHeld(tx, to, mailId);
  await tellRefused(tx, to, mailId, mail);
  return { outcome: 'held', reason };
}

/** Under the person whose thread it names; the conversation does not show it. */
async function fileHeld(
  tx: Tx,
  { organizationId, conversationId, personId }: ReplyAddressRow,
  mailId: string,
): Promise<void> {
  tx.notice({ type: 'conversation', organizationId, conversationId, personId });
  await tx.query(
    `insert into mail_filings (organization_id, mail_id, person_id) values ($1, $2, $3) on conflict do nothing`,
    [organizationId, mailId, personId],
  );
}

/**
 * RFC 3464: a failure is a failed receipt of the message it is about, and with 5.x.x the address is known to bounce; a delay stands beside the message
 * until more is known. A report proves nothing but that it came to this address: it speaks of e-mails that were sent from it, and of no others.
 */
async function takeBounce(
  db: Database,
  context: ReplyContext,
  { organizationId, conversationId, party }: ReplyAddressRow,
  { bounce, date }: ParsedMail,
): Promise<void> {
  if (!bounce?.messageId || (bounce.action !== 'failed' && bounce.action !== 'delayed')) return;
  const [messageId] = idsIn([bounce.messageId]);
  if (messageId === undefined || party !== 'person') return;
  const [sent] = await db.query<{ personId: string; conversationId: string; ofCopy: boolean }>(
    `select c.person_id as "personId", m.conversation_id as "conversationId", m.content ? 'copies' and not exists (
       select 1 from contact_points cp where cp.organization_id = m.organization_id and cp.id = m.contact_point_id and cp.key = $4) as "ofCopy" from conversations c
     join messages m on m.organization_id = c.organization_id and m.conversation_id = coalesce(c.merged_into_id, c.id)
     where c.organization_id = $1 and c.id = $3 and m.id = $2 and m.channel = 'email' and m.direction = 'out'
       and m.state in ('dispatching', 'unknown', 'unconfirmed', 'sent', 'delivered', 'read', 'failed')`,
    [organizationId, messageId, conversationId, bounce.recipient],
  );
  if (!sent) return;
  if (sent.ofCopy) {
    if (bounce.action === 'failed')
      await db.transact(async (tx) => {
        await noteCopiesRefused(
          tx,
          { organizationId, messageId },
          bounce.recipient === null ? [] : [bounce.recipient],
        );
        tx.notice({ type: 'conversation', organizationId, ...sent });
      });
    return;
  }
  if (bounce.action === 'delayed')
    return db.transact(async (tx) => {
      await lockConversation(tx, { organizationId, conversationId: sent.conversationId });
      const [before] = await tx.query<{ reason: string | null }>(
        `select reason from messages where organization_id = $1 and id = $2 and state = 'sent'`,
        [organizationId, messageId],
      );
      if (!before) return;
      await tx.query(
        `update messages set reason = 'email_delayed', reason_detail = $3 where organization_id = $1 and id = $2`,
        [organizationId, messageId, bounce.detail],
      );
      tx.notice({ type: 'conversation', organizationId, ...sent });
      // servers repeat themselves
      if (before.reason === 'email_delayed') return;
      const delayed = {
        id: newId(),
        type: 'message.delayed',
        messageId,
        occurredAt: await tx.now(),
      } as const;
      await writeEvents(tx, [{ organizationId, ...sent, ...delayed, data: { reason: 'email_delayed' } }]);
    });
  const forGood = bounce.status.startsWith('5');
  const now = await db.now();
  const channelAccountId = await db.transact((tx) => emailAccountId(tx, organizationId));
  const code = Number(bounce.status.replaceAll('.', ''));
  await recordReceipt(
    db,
    { ...context, organizationId, channelAccountId },
    {
      providerId: bounce.messageId,
      status: 'failed',
      at: date ?? now,
      clientReference: messageId,
      error: {
        code: Number.isSafeInteger(code) ? code : 500,
        detail: bounce.detail ?? undefined,
        reason: forGood ? 'email_bounced' : 'provider_refused',
        marksNotOnWhatsApp: false,
        declinesMarketing: false,
      },
    },
  );
  if (!forGood) return;
  await db.query(
    `update contact_points cp set bounced_at = $3 from messages m
     where m.organization_id = $1 and m.id = $2 and cp.organization_id = m.organization_id and cp.id = m.contact_point_id and cp.bounced_at is null`,
    [organizationId, messageId, now],
  );
}
