import { z } from 'zod';
import type { ParsedMail } from '../../channels/email/parse-mail';
import type { HeldMail } from '../../contracts/held-mails';
import { reasonCodeSchema, reasonText } from '../../contracts/reasons';
import { DomainError, notFound } from '../../domain/errors';
import { isOffice, type Actor } from '../../domain/permissions';
import { readReplyAddress } from '../../domain/reply-address';
import { ConcurrentChange, type Database, type Tx } from '../database';
import { writeAudit } from '../organization/audit';
import { decodeCursor, toPage, type Page } from '../page';
import { keyContactPoints } from '../people/contact-points';
import { defaultCountryOf, withoutCollision } from '../people/people';
import { writePeople, type HashKey } from '../people/person-write';
import { fullNameSql, isoSql } from '../sql';
import { visiblePerson } from '../visibility';
import { fileMail, lockMailPoints, type FiledMail } from './file-mail';
import { findReplyAddress } from './reply-addresses';

const textAtMost = 20_000;

const waits = `w.state = 'held'`;
/** And still where that has put it. */
const discarded = `w.state = 'received' and w.folder = 'trash' and w.held_reason is not null`;

/** `$1` the organization, `$2` the acting user. R-CONF-1: a private one is its user's alone. */
const heldOf = (actor: Actor, which = waits): string => `from mails w
  join mail_filings f on f.organization_id = w.organization_id and f.mail_id = w.id
  join people p on p.organization_id = f.organization_id and p.id = f.person_id and p.erased_at is null
  join conversations c on c.organization_id = p.organization_id and c.person_id = p.id
  where w.organization_id = $1 and ${which} and (not w.private or w.user_id = $2) and ${visiblePerson(actor, 'p')}`;

/** A colleague has written it, to whatever reply address: it cannot be what the person says. */
const ofColleagueSql = `(w.direction = 'out' or exists (
  select 1 from users u join organizations o on o.id = u.organization_id
  left join mailboxes b on b.organization_id = u.organization_id and b.user_id = u.id
  where u.organization_id = w.organization_id and u.deactivated_at is null and (w.from_address in (lower(u.email), lower(b.from_address))
    or split_part(w.from_address, '@', 1) = u.mail_name and (split_part(w.from_address, '@', 2) like o.slug || '.%' or exists (
      select 1 from mail_domains d where d.organization_id = o.id and d.domain = split_part(w.from_address, '@', 2))))))`;

const position = z.tuple([z.uuid()]);

/** Mails that wait to be looked at, the newest first. */
export async function listHeldMails(
  db: Database,
  actor: Actor,
  query: { cursor?: string | undefined; limit: number; personId?: string | undefined },
): Promise<Page<HeldMail>> {
  const before = query.cursor === undefined ? null : decodeCursor(query.cursor, position)[0];
  const rows = await db.query<Omit<HeldMail, 'reasonText'>>(
    `select w.id, jsonb_build_object('id', p.id, 'name', ${fullNameSql('p')}) as person, c.id as "conversationId",
       jsonb_build_object('name', w.from_name, 'address', w.from_address) as "from", w.subject, left(w.text, ${textAtMost}) as text,
       w.attachments, w.held_reason as reason, not ${ofColleagueSql} as "mayAccept", w.private, ${isoSql('w.occurred_at')} as "occurredAt"
     ${heldOf(actor)} and ($3::uuid is null or p.id = $3) and ($4::uuid is null or w.id < $4)
     order by w.id desc limit $5`,
    [actor.organizationId, actor.user?.id ?? null, query.personId ?? null, before, query.limit + 1],
  );
  return toPage(
    rows,
    query.limit,
    (row) => ({ ...row, reasonText: sentenceOf(row.reason) }),
    (row) => [row.id],
  );
}

const sentenceOf = (reason: string): string =>
  refusalSentence(reason) ?? 'It came to this person’s conversation from an address that is not theirs.';

/** Why an answer by mail was not passed on, besides what stands against any message. */
const notPassedOn = {
  no_text: 'There was nothing in it but what it quotes, or a signature. Write above what is quoted.',
  too_large: 'It is too large to be passed on as a whole. Shorten it, or leave files out.',
  not_passed_on: 'It could not be passed on. Write it in the conversation.',
  media_failed: 'The files are too large together: an e-mail takes 20 MB. Leave some out.',
};
export type NotPassedOn = keyof typeof notPassedOn;

/** Why an answer was not passed on; undefined: its sender was not known. */
export function refusalSentence(reason: string): string | undefined {
  if (Object.hasOwn(notPassedOn, reason)) return notPassedOn[reason as NotPassedOn];
  const code = reasonCodeSchema.safeParse(reason).data;
  return code && reasonText[code];
}

/** How many, of a person or all, wait for this actor; office roles alone look at them. */
export async function countHeldMails(db: Database, actor: Actor, personId?: string): Promise<number> {
  if (actor.user && !isOffice(actor.user.role)) return 0;
  const [row] = await db.query<{ count: number }>(
    `select count(*)::int as count ${heldOf(actor)} and ($3::uuid is null or p.id = $3)`,
    [actor.organizationId, actor.user?.id ?? null, personId ?? null],
  );
  return row!.count;
}

type Held = Omit<FiledMail, 'date'> & {
  personId: string;
  confidential: boolean;
  conversationId: string;
  ofColleague: boolean;
  fromAddress: string;
  to: ParsedMail['to'];
  cc: ParsedMail['cc'];
  private: boolean;
  userId: string | null;
  occurredAt: Date;
};

/**
 * The mail is the person's after all: it stands in their conversation as if they had been known as its sender; on request its address is
 * theirs from now on. Returns the message; null where the mail is confidential.
 *
 * @throws DomainError `conflict` where it is no mail to us, or its address is somebody else's
 */
export async function acceptHeldMail(
  db: Database,
  { actor, hashKey }: { actor: Actor; hashKey: HashKey },
  mailId: string,
  { addAddress }: { addAddress: boolean },
): Promise<{ messageId: string | null }> {
  const { organizationId } = actor;
  const country = addAddress ? await defaultCountryOf(db, organizationId) : '';
  return withoutCollision(db, async (tx) => {
    const held = await lockHeld(tx, actor, mailId);
    if (held.ofColleague)
      throw new DomainError(
        'conflict',
        'This is the answer of a colleague, which could not be sent. Write it in the conversation.',
      );
    const { personId, conversationId, fromAddress } = held;
    if (addAddress) await addTo(tx, { actor, hashKey }, personId, fromAddress, country);
    const isPrivate = held.private || held.confidential;
    const userId = isPrivate ? (held.userId ?? actor.user?.id ?? null) : null;
    if (isPrivate && userId === null)
      throw new DomainError(
        'conflict',
        'Mail of this person is confidential: a user has to accept it, whose it will be.',
      );
    await claim(tx, organizationId, mailId, { userId, private: isPrivate, folder: 'inbox' });
    await fileMail(
      tx,
      {
        organizationId,
        mailId,
        direction: 'in',
        userId: null,
        private: isPrivate,
        byHand: true,
        ...(await threadOf(tx, organizationId, hashKey, held)),
      },
      { ...held, date: held.occurredAt },
      [
        {
          personId,
          conversationId,
          contactPointId: await pointOf(tx, organizationId, personId, fromAddress),
          confidential: held.confidential,
        },
      ],
    );
    await tell(tx, actor, 'heldMail.accepted', mailId, held);
    const [filed] = await tx.query<{ messageId: string | null }>(
      'select message_id as "messageId" from mail_filings where organization_id = $1 and mail_id = $2 and person_id = $3',
      [organizationId, mailId, personId],
    );
    return { messageId: filed?.messageId ?? null };
  });
}

/** The mail is not the person's: put away, and kept. */
export async function discardHeldMail(db: Database, actor: Actor, mailId: string): Promise<void> {
  await db.transact(async (tx) => {
    const held = await lockHeld(tx, actor, mailId);
    await claim(tx, actor.organizationId, mailId, { ...held, folder: 'trash' });
    await tell(tx, actor, 'heldMail.discarded', mailId, held);
  });
}

/**
 * Undoes `discardHeldMail`: it waits again. One that waits already stays as it is.
 *
 * @throws DomainError `not_found` where it was accepted, or its user has dealt with it in their mailbox since
 */
export async function takeBackHeldMail(db: Database, actor: Actor, mailId: string): Promise<void> {
  await db.transact(async (tx) => {
    const held = await lockHeld(tx, actor, mailId, `(${waits} or ${discarded})`);
    const back = await tx.query(
      `update mails w set state = 'held', folder = case when direction = 'out' then 'sent' else 'inbox' end::mail_folder, updated_at = $3
       where organization_id = $1 and id = $2 and ${discarded} returning 1`,
      [actor.organizationId, mailId, await tx.now()],
    );
    if (back.length > 0) await tell(tx, actor, 'heldMail.takenBack', mailId, held);
  });
}

/** As it is once nobody else files, or takes out, mails of the person. */
async function lockHeld(tx: Tx, actor: Actor, mailId: string, which = waits): Promise<Held> {
  const { personId } = await readHeld(tx, actor, mailId, which);
  await lockMailPoints(tx, actor.organizationId, [personId]);
  const held = await readHeld(tx, actor, mailId, which);
  if (held.personId !== personId) throw new ConcurrentChange();
  return held;
}

async function readHeld(tx: Tx, actor: Actor, mailId: string, which: string): Promise<Held> {
  const [held] = await tx.query<Held>(
    `select p.id as "personId", p.confidential, c.id as "conversationId", ${ofColleagueSql} as "ofColleague", w.from_address as "fromAddress", w."to", w.cc, w.quiet,
       w.private, w.user_id as "userId", w.occurred_at as "occurredAt", w.message_id_header as "messageId",
       w.content_hash as "contentHash", w.subject, w.text, w.in_reply_to as "inReplyTo", w."references"
     ${heldOf(actor, which)} and w.id = $3`,
    [actor.organizationId, actor.user?.id ?? null, mailId],
  );
  if (!held) throw notFound('mail');
  return held;
}

/** Of two who decide at the same instant, one does. */
async function claim(
  tx: Tx,
  organizationId: string,
  mailId: string,
  place: { userId: string | null; private: boolean; folder: 'inbox' | 'trash' },
): Promise<void> {
  const claimed = await tx.query(
    `update mails set state = 'received', folder = $3::mail_folder, user_id = $4, private = $5,
       held_reason = case when $3::mail_folder = 'trash' then held_reason end, updated_at = $6
     where organization_id = $1 and id = $2 and state = 'held' returning 1`,
    [organizationId, mailId, place.folder, place.userId, place.private, await tx.now()],
  );
  if (claimed.length === 0) throw notFound('mail');
}

async function addTo(
  tx: Tx,
  { actor, hashKey }: { actor: Actor; hashKey: HashKey },
  personId: string,
  address: string,
  country: string,
): Promise<void> {
  const { points } = keyContactPoints([{ kind: 'email', value: address }], country);
  const [outcome] = await writePeople(tx, actor, [{ personId, points, addPoints: true }], hashKey);
  if (outcome?.outcome === 'failed')
    throw new DomainError('conflict', `${address} is the address of somebody else. Merge the two first.`);
}

async function pointOf(
  tx: Tx,
  organizationId: string,
  personId: string,
  address: string,
): Promise<string | null> {
  const [point] = await tx.query<{ id: string }>(
    `select id from contact_points where organization_id = $1 and person_id = $2 and kind = 'email' and key = $3`,
    [organizationId, personId, address],
  );
  return point?.id ?? null;
}

/** R-MAIL-5: the application of the reply address that it was sent to. */
async function threadOf(
  tx: Tx,
  organizationId: string,
  hash: HashKey,
  { to, cc, personId }: Held,
): Promise<{ applicationId?: string | null }> {
  for (const { address } of [...to, ...cc]) {
    const id = readReplyAddress(hash, address.split('@')[0] ?? '');
    const thread = id === undefined ? undefined : await findReplyAddress(tx, organizationId, id);
    if (thread?.personId === personId) return { applicationId: thread.applicationId };
  }
  return {};
}

async function tell(
  tx: Tx,
  actor: Actor,
  action: string,
  mailId: string,
  { personId, conversationId }: Held,
): Promise<void> {
  const { organizationId } = actor;
  await writeAudit(tx, actor, { action, target: 'person', targetId: personId, after: { mailId } });
  tx.notice({ type: 'conversation', organizationId, conversationId, personId });
}
