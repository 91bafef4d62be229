import type { Brand, Language } from '../../contracts/common';
import type { Subscription } from '../../contracts/unsubscribe';
import { notFound } from '../../domain/errors';
import type { UnsubscribeLink } from '../../domain/unsubscribe-link';
import { lockConversation } from '../conversations/conversation-store';
import { cutUnsent } from '../messages/cut-unsent';
import type { Database, Tx } from '../database';
import { brandSql } from '../organization/brand';
import { addOptOut, undoOptOut } from './opt-outs';
import type { Queryable } from '../sql';

type Hash = (key: string) => string;

type Found = {
  companyName: string;
  brand: Brand;
  language: Language;
  conversationId: string;
  personId: string;
  /** The address, where it still stands in the person's file. */
  point: { id: string; key: string } | undefined;
};

/** What the link of a mail is about. */
export async function readSubscription(
  db: Queryable,
  hashKey: Hash,
  link: UnsubscribeLink,
): Promise<Subscription> {
  const { companyName, brand, language, point } = await find(db, hashKey, link);
  const rows = await db.query(
    `select 1 from opt_outs where organization_id = $1 and key_hash = $2 and undone_at is null and 'email' = any(channels)`,
    [link.organizationId, link.keyHash],
  );
  return {
    companyName,
    brand,
    language,
    address: point ? masked(point.key) : null,
    unsubscribed: rows.length > 0,
  };
}

/** The person opts the address out of e-mail, by the link of a mail or the button of their mail program; what waits for it is cut. */
export async function unsubscribe(
  db: Database,
  hashKey: Hash,
  link: UnsubscribeLink,
  source: 'unsubscribeLink' | 'mailProgram',
): Promise<Subscription> {
  await db.transact(async (tx) => {
    const found = await lock(tx, hashKey, link);
    const { point, conversationId } = found;
    const { organizationId } = link;
    const conversation = await lockConversation(tx, { organizationId, conversationId });
    const at = await tx.now();
    await addOptOut(tx, { ...whatItSays(link, found), source, at });
    if (point) await cutUnsent(tx, conversation, { contactPointId: point.id, channels: ['email'], at });
  });
  return readSubscription(db, hashKey, link);
}

/** Only the person undoes it: by the same link. */
export async function subscribeAgain(
  db: Database,
  hashKey: Hash,
  link: UnsubscribeLink,
): Promise<Subscription> {
  await db.transact(async (tx) => {
    const found = await lock(tx, hashKey, link);
    await undoOptOut(tx, { ...whatItSays(link, found), source: 'unsubscribeLink', at: await tx.now() });
  });
  return readSubscription(db, hashKey, link);
}

const whatItSays = ({ organizationId, messageId, keyHash }: UnsubscribeLink, { point, personId }: Found) => ({
  organizationId,
  contactPointId: point?.id ?? null,
  keyHash,
  personId,
  channels: ['email' as const],
  marketingOnly: false,
  words: null,
  messageId,
});

/** The contact point is locked first, as everywhere. */
async function lock(tx: Tx, hashKey: Hash, link: UnsubscribeLink): Promise<Found> {
  const { point } = await find(tx, hashKey, link);
  if (point)
    await tx.query('select 1 from contact_points where organization_id = $1 and id = $2 for update', [
      link.organizationId,
      point.id,
    ]);
  return find(tx, hashKey, link);
}

/** A mail whose conversation was merged is that of the remaining person. */
async function find(db: Queryable, hashKey: Hash, link: UnsubscribeLink): Promise<Found> {
  const { organizationId, messageId, keyHash } = link;
  const [row] = await db.query<Omit<Found, 'point'>>(
    `select o.name as "companyName", ${brandSql('o')} as brand, o.language, c.id as "conversationId", c.person_id as "personId" from messages m
     join organizations o on o.id = m.organization_id
     join conversations was on was.organization_id = m.organization_id and was.id = m.conversation_id
     join conversations c on c.organization_id = m.organization_id and c.id = coalesce(was.merged_into_id, was.id)
       and c.erased_at is null
     where m.organization_id = $1 and m.id = $2`,
    [organizationId, messageId],
  );
  if (!row) throw notFound('link');
  const points = await db.query<{ id: string; key: string }>(
    `select id, key from contact_points where organization_id = $1 and person_id = $2 and kind = 'email'`,
    [organizationId, row.personId],
  );
  return { ...row, point: points.find(({ key }) => hashKey(key) === keyHash) };
}

function masked(address: string): string {
  const [local = '', domain = ''] = address.split('@');
  return `${local.slice(0, 1)}•••@${domain}`;
}
