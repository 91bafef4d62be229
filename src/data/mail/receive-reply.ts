import type { ParsedMail } from '../../channels/email/parse-mail';
import { reasonCodeSchema, reasonText } from '../../contracts/reasons';
import { DomainError } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import { maxEmailFilesBytes } from '../../domain/media-rules';
import type { Database, Tx } from '../database';
import { recordReceipt, type ReceiptContext } from '../inbound/receipts';
import { acceptMessage, assertOpenMail } from '../messages/accept-message';
import { storeFile } from '../messages/store-file';
import { findActingUser } from '../organization/session';
import type { Queryable } from '../sql';
import { emailAccountId, fileMail, lockPeopleByEmail } from './file-mail';
import { idsIn } from './message-ids';
import { isPrivateMail } from './receive-mail';
import type { ReplyAddressRow } from './reply-addresses';
import { answeredBy, storeMail } from './store-mail';

export type ReplyContext = ReceiptContext;

/** `kept`: it stands in the conversation, was passed on, or was taken as a receipt. `held`: it waits to be looked at. */
export type ReplyOutcome = { outcome: 'kept' | 'known' } | { outcome: 'held'; reason: string };

/**
 * A mail that came to a reply address, in one transaction. The token proves the thread, not the person: whoever is no party of it is held for
 * review, never delivered. When this returns it is kept.
 */
export async function receiveReply(
  db: Database,
  context: ReplyContext,
  to: ReplyAddressRow,
  mail: ParsedMail,
  raw: Buffer,
): Promise<ReplyOutcome> {
  if (mail.bounce) await takeBounce(db, context, to.organizationId, mail);
  return db.transact(async (tx) => {
    const people = await lockPeopleByEmail(tx, to.organizationId, [mail.from.address]);
    const person = people.find(({ personId }) => personId === to.personId);
    if (mail.bounce) return keep(tx, to, mail, raw);
    if (to.party === 'person')
      return person ? fromPerson(tx, to, mail, raw, person) : hold(tx, to, mail, raw, 'unknown_sender');
    if (!(await isParty(tx, to, mail.from.address))) return hold(tx, to, mail, raw, 'unknown_sender');
    return mail.quiet ? keep(tx, to, mail, raw) : passOn(tx, context, to, mail, raw);
  });
}

type Person = Awaited<ReturnType<typeof lockPeopleByEmail>>[number];

async function fromPerson(
  tx: Tx,
  to: ReplyAddressRow,
  mail: ParsedMail,
  raw: Buffer,
  person: Person,
): Promise<ReplyOutcome> {
  const { organizationId } = to;
  const userId = await privatelyFor(tx, to, mail, [person]);
  const stored = await storeMail(
    tx,
    { organizationId, userId, direction: 'in', state: 'received', folder: 'inbox', private: userId !== null },
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
  return { outcome: 'kept' };
}

/** R-CONF: the user whose mail it is alone; null: it is not private. `conversationId` null: nobody knows its thread. */
export async function privatelyFor(
  tx: Tx,
  to: { organizationId: string; conversationId: string | null; party?: string; userId?: string },
  mail: ParsedMail,
  people: Pick<Person, 'confidential'>[],
): Promise<string | null> {
  const userId = to.userId ?? (await whosePrivate(tx, to, mail));
  const { organizationId } = to;
  return (await isPrivateMail(tx, { organizationId, userId }, 'in', mail, people)) ? userId : null;
}

/**
 * The user who a private reply is for: whose private mail it answers, else who wrote what it answers, else who wrote last, else the responsible
 * user, else an Administrator; nobody who has left.
 */
async function whosePrivate(
  tx: Tx,
  to: { organizationId: string; conversationId: string | null },
  mail: ParsedMail,
): Promise<string | null> {
  const answered = answeredBy(mail);
  const [row] = await tx.query<{ id: string }>(
    `select u.id from (
       select 1 as rank, w.user_id, array_position($4::text[], w.message_id_header) as place from mails w
         where w.organization_id = $1 and w.private and w.message_id_header = any($4::text[])
       union all
       select 2, m.sender_user_id, -m.position from messages m where m.organization_id = $1 and m.id = any($3::uuid[])
       union all
       select 3, c.last_sender_id, 0 from conversations c where c.organization_id = $1 and c.id = $2
       union all
       select 4, c.responsible_user_id, 0 from conversations c where c.organization_id = $1 and c.id = $2
       union all
       select 5, a.id, row_number() over (order by a.created_at, a.id) from users a where a.organization_id = $1 and a.role = 'administrator') of
     join users u on u.organization_id = $1 and u.id = of.user_id and u.deactivated_at is null
     order by of.rank, of.place limit 1`,
    [to.organizationId, to.conversationId, idsIn(answered), answered],
  );
  return row?.id ?? null;
}

/** R-MAIL-2: whether the sender is the user, or the notification address, that the reply address was given to. */
async function isParty(db: Queryable, to: ReplyAddressRow, sender: string): Promise<boolean> {
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
  const rows = await db.query(
    `select 1 from users u left join mailboxes b on b.organization_id = u.organization_id and b.user_id = u.id
     where u.organization_id = $1 and u.id = $2 and u.deactivated_at is null and $3 in (lower(u.email), lower(b.from_address))`,
    [to.organizationId, to.userId, sender],
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
  const place = { organizationId, userId: null, direction: 'out', folder: 'sent', private: false } as const;
  const stored = await storeMail(tx, { ...place, state: 'sent' }, mail, raw);
  if (stored.known) return { outcome: 'known' };
  try {
    await assertOpenMail(tx, actor, ['email']);
    if (bytesOf(filesOf(mail)) > maxEmailFilesBytes)
      throw new DomainError('media_failed', reasonText.media_failed);
    const { messageId } = await acceptMessage(
      tx,
      context.dayMs,
      { organizationId, conversationId },
      {
        channel: 'email',
        content: { type: 'text', text: mail.text, title: mail.subject, literal: true },
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
    for (const { contentId: _, ...file } of filesOf(mail))
      mediaIds.push(await storeFile(tx, { organizationId, messageId }, file));
    await tx.query(
      `update messages set content = coalesce(content, '{}') || $3::jsonb where organization_id = $1 and id = $2`,
      [
        organizationId,
        messageId,
        JSON.stringify({ mailId: stored.mailId, ...(mediaIds.length > 0 && { mediaIds }) }),
      ],
    );
    await tx.query(
      'insert into mail_filings (organization_id, mail_id, person_id, message_id) values ($1, $2, $3, $4)',
      [organizationId, stored.mailId, to.personId, messageId],
    );
    return { outcome: 'kept' };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const reason = reasonCodeSchema.safeParse(error.code).data ?? 'not_permitted';
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
    'insert into message_notices (organization_id, message_id, address, created_at) values ($1, $2, $3, $4)',
    [organizationId, mailId, mail.from.address, await tx.now()],
  );
}

/** Kept for the record, without a message: a bounce, or a machine's answer to a notification. */
async function keep(tx: Tx, to: ReplyAddressRow, mail: ParsedMail, raw: Buffer): Promise<ReplyOutcome> {
  const { organizationId } = to;
  const place = {
    organizationId,
    userId: null,
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
  reason: string,
): Promise<ReplyOutcome> {
  const { organizationId } = to;
  const received = { organizationId, direction: 'in', folder: 'inbox' } as const;
  // R-CONF-3: it may be theirs, from another address
  const people =
    to.party === 'person'
      ? await tx.query<Pick<Person, 'confidential'>>(
          'select confidential from people where organization_id = $1 and id = $2',
          [organizationId, to.personId],
        )
      : [];
  const userId = await privatelyFor(tx, to, mail, people);
  if (userId !== null) {
    // it waits in that user's mailbox, where nobody else looks
    const { known } = await storeMail(
      tx,
      { ...received, userId, state: 'received', private: true },
      mail,
      raw,
    );
    return { outcome: known ? 'known' : 'kept' };
  }
  const place = { ...received, userId: null, state: 'held', private: false, heldReason: reason } as const;
  const { mailId, known } = await storeMail(tx, place, mail, raw);
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

/** RFC 3464: 5.x.x is a failed receipt of the message it is about, and the address is known to bounce; 4.x.x is only a delay. */
async function takeBounce(
  db: Database,
  context: ReplyContext,
  organizationId: string,
  { bounce, date }: ParsedMail,
): Promise<void> {
  if (!bounce?.messageId || bounce.action !== 'failed') return;
  const [messageId] = idsIn([bounce.messageId]);
  if (messageId === undefined) return;
  if (!bounce.status.startsWith('5')) return;
  const channelAccountId = await db.transact((tx) => emailAccountId(tx, organizationId));
  const code = Number(bounce.status.replaceAll('.', ''));
  await recordReceipt(
    db,
    { ...context, organizationId, channelAccountId },
    {
      providerId: bounce.messageId,
      status: 'failed',
      at: date ?? (await db.now()),
      clientReference: messageId,
      error: {
        code: Number.isSafeInteger(code) ? code : 500,
        detail: bounce.detail ?? undefined,
        reason: 'email_bounced',
        marksNotOnWhatsApp: false,
        declinesMarketing: false,
      },
    },
  );
  await db.query(
    `update contact_points cp set bounced_at = clock_timestamp() from messages m
     where m.organization_id = $1 and m.id = $2 and cp.organization_id = m.organization_id and cp.id = m.contact_point_id and cp.bounced_at is null`,
    [organizationId, messageId],
  );
}
