import { canonicalPhoneKey, fromWaId } from '../../domain/phone';
import { newId, type Tx } from '../database';
import { writeTimeline } from '../conversations/timeline';

export type InboundPhone = { contactPointId: string; personId: string; conversationId: string; key: string };

export type Sender = {
  /** What they wrote over. */
  channel: 'whatsapp' | 'sms';
  /** The number's digits. */
  waId: string | undefined;
  /** Another name for them, where there is no number. */
  userId: string | undefined;
  profileName: string | undefined;
};

/**
 * Whose phone it is, by any of its variants; a number that nobody has yet makes a person to be reviewed, named by their WhatsApp
 * profile (R-CHAT-13). The contact point is locked: it comes first in the order of locks. Undefined: nobody has the number, and the message
 * was received before, as one whose person was erased since.
 */
export async function findOrMakePhone(
  tx: Tx,
  organizationId: string,
  sender: Sender,
  {
    hashKey,
    ...message
  }: { hashKey: (key: string) => string; channelAccountId?: string; providerId?: string },
): Promise<InboundPhone | undefined> {
  const key = phoneKey(sender);
  const known = await lockKnown(tx, organizationId, key, sender);
  if (known) return known;
  // Two first messages of one stranger: the second waits here, then finds what the first made.
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`${organizationId}:${key}`]);
  const made = await lockKnown(tx, organizationId, key, sender);
  if (made) return made;
  const repeated =
    message.providerId !== undefined &&
    (await tx.query('select 1 from provider_messages where channel_account_id = $1 and provider_id = $2', [
      message.channelAccountId,
      message.providerId,
    ]));
  if (repeated && repeated.length > 0) return undefined;
  return makePerson(tx, organizationId, key, sender, hashKey(key));
}

function phoneKey(sender: Sender): string {
  const e164 = sender.waId === undefined ? undefined : fromWaId(sender.waId);
  return e164 === undefined
    ? `${sender.channel}:${sender.userId ?? sender.waId ?? ''}`
    : canonicalPhoneKey(e164);
}

/** By the number; where there is none, or nobody has it, by WhatsApp's other name for them. */
async function lockKnown(
  tx: Tx,
  organizationId: string,
  key: string,
  sender: Sender,
): Promise<InboundPhone | undefined> {
  const named = () =>
    sender.userId === undefined
      ? undefined
      : lockPhone(tx, organizationId, { column: 'wa_user_id', value: sender.userId }, sender);
  const numbered = () => lockPhone(tx, organizationId, { column: 'key', value: key }, sender);
  return sender.waId === undefined
    ? ((await named()) ?? (await numbered()))
    : ((await numbered()) ?? (await named()));
}

async function lockPhone(
  tx: Tx,
  organizationId: string,
  by: { column: 'key' | 'wa_user_id'; value: string },
  { channel, waId, userId }: Sender,
): Promise<InboundPhone | undefined> {
  const [phone] = await tx.prepared<
    InboundPhone & {
      whatsapp: string;
      waId: string | null;
      waUserId: string | null;
      phoneType: string;
      valid: boolean;
    }
  >(
    `select cp.id as "contactPointId", cp.person_id as "personId", c.id as "conversationId", cp.key, cp.whatsapp, cp.wa_id as "waId",
       cp.wa_user_id as "waUserId", cp.phone_type as "phoneType", cp.valid
     from contact_points cp join conversations c on c.organization_id = cp.organization_id and c.person_id = cp.person_id
     where cp.organization_id = $1 and cp.kind = 'phone' and cp.${by.column} = $2 for update of cp`,
    [organizationId, by.value],
  );
  if (!phone) return undefined;
  if (channel === 'sms') {
    // What can send SMS can get them; where the numbering plan does not tell (as in the USA), this does.
    if (waId !== undefined && (phone.phoneType === 'unknown' || !phone.valid)) {
      await tx.query(
        `update contact_points set phone_type = case when phone_type = 'unknown' then 'mobile' else phone_type end, valid = true
         where organization_id = $1 and id = $2`,
        [organizationId, phone.contactPointId],
      );
    }
    return phone;
  }
  const news =
    phone.whatsapp !== 'present' ||
    (waId !== undefined && phone.waId !== waId) ||
    (userId !== undefined && phone.waUserId !== userId);
  if (news) {
    await tx.query(
      `update contact_points cp set whatsapp = 'present', wa_id = coalesce($3, wa_id), valid = true,
         value = case when key like 'whatsapp:%' then coalesce($5, value) else value end,
         wa_user_id = case when $4::text is null or exists (select 1 from contact_points o
           where o.organization_id = cp.organization_id and o.wa_user_id = $4 and o.id <> cp.id) then wa_user_id else $4 end
       where cp.organization_id = $1 and cp.id = $2`,
      [organizationId, phone.contactPointId, waId ?? null, userId ?? null, (waId && fromWaId(waId)) ?? null],
    );
  }
  return phone;
}

async function makePerson(
  tx: Tx,
  organizationId: string,
  key: string,
  sender: Sender,
  keyHash: string,
): Promise<InboundPhone> {
  const [personId, conversationId, contactPointId] = [newId(), newId(), newId()];
  const now = await tx.now();
  const { firstName, lastName } = splitName(sender.profileName ?? '');
  await tx.query(
    `insert into people (organization_id, id, kind, first_name, last_name, to_review, created_at, updated_at)
     values ($1, $2, 'candidate', $3, $4, true, $5, $5)`,
    [organizationId, personId, firstName, lastName, now],
  );
  await tx.query(
    `insert into contact_points (organization_id, id, person_id, kind, key, value, phone_type, whatsapp, wa_id, valid, created_at,
       wa_user_id)
     values ($1, $2, $3, 'phone', $4, $5, 'mobile', $8::whats_app_presence, $6, $9, $7, $10)`,
    [
      organizationId,
      contactPointId,
      personId,
      key,
      (sender.waId && fromWaId(sender.waId)) ?? key,
      sender.channel === 'whatsapp' ? (sender.waId ?? null) : null,
      now,
      sender.channel === 'whatsapp' ? 'present' : 'unknown',
      // a sender in letters cannot be written to
      sender.channel === 'whatsapp' || sender.waId !== undefined,
      sender.userId ?? null,
    ],
  );
  // whoever opted out by this number still is, also where they were erased since
  await tx.query(
    'update opt_outs set contact_point_id = $3 where organization_id = $1 and key_hash = $2 and undone_at is null',
    [organizationId, keyHash, contactPointId],
  );
  await tx.query(
    `insert into conversations (organization_id, id, person_id, created_at, updated_at) values ($1, $2, $3, $4, $4)`,
    [organizationId, conversationId, personId, now],
  );
  await writeTimeline(tx, organizationId, [
    { personId, kind: 'personCreated', data: { source: sender.channel }, occurredAt: now },
  ]);
  return { contactPointId, personId, conversationId, key };
}

function splitName(name: string): { firstName: string; lastName: string } {
  const [firstName = '', ...rest] = name.trim().slice(0, 200).split(/\s+/);
  return { firstName: firstName === '' ? 'Unknown' : firstName, lastName: rest.join(' ') };
}
