import type { Channel } from '../../contracts/common';
import { newId, type Tx } from '../database';
import { writeTimeline } from '../conversations/timeline';

export type OptOut = {
  organizationId: string;
  /** Null: the address stands in no file any more. */
  contactPointId: string | null;
  keyHash: string;
  personId: string;
  /** What it covers. */
  channels: Channel[];
  marketingOnly: boolean;
  /** Evidence: their words, how they said so, and the message by which (or by whose link). */
  words: string | null;
  source: 'message' | 'preference' | 'provider' | 'unsubscribeLink' | 'mailProgram';
  messageId: string | null;
  /** When the person said so: the last word rules, in whatever order the words arrive. */
  at: Date;
};

/** A number opts out of both: STOP says no to the company, not to a channel. */
export const phoneChannels: Channel[] = ['whatsapp', 'sms'];

/** The person opts out of some channels (or of marketing alone); once in force, again changes nothing. */
export async function addOptOut(tx: Tx, optOut: OptOut): Promise<void> {
  const [added] = await tx.query<{ fresh: boolean }>(
    `insert into opt_outs as o (organization_id, id, key_hash, contact_point_id, channels, marketing_only, words, occurred_at, source, message_id)
     select $1, $2, $3, $4, $8::channel[], $5, $6, $7, $9, $10
     where not exists (select 1 from opt_outs
       where organization_id = $1 and key_hash = $3 and marketing_only = $5 and undone_at > $7)
     on conflict (organization_id, key_hash, marketing_only) where undone_at is null
       do update set occurred_at = greatest(o.occurred_at, excluded.occurred_at)
     returning xmax = 0 as fresh`,
    [
      optOut.organizationId,
      newId(),
      optOut.keyHash,
      optOut.contactPointId,
      optOut.marketingOnly,
      optOut.words,
      optOut.at,
      optOut.channels,
      optOut.source,
      optOut.messageId,
    ],
  );
  if (added?.fresh) await tell(tx, optOut, true);
}

/** WhatsApp said that the person wants no marketing at this number. */
export async function declineMarketing(
  tx: Tx,
  hashKey: (key: string) => string,
  facts: { organizationId: string; personId: string; contactPointId: string | null; at: Date },
): Promise<void> {
  const { organizationId, personId, contactPointId, at } = facts;
  const [point] = await tx.query<{ key: string }>(
    `select key from contact_points where organization_id = $1 and id = $2 and value <> ''`,
    [organizationId, contactPointId],
  );
  if (!point || contactPointId === null) return;
  await addOptOut(tx, {
    organizationId,
    contactPointId,
    keyHash: hashKey(point.key),
    personId,
    channels: phoneChannels,
    marketingOnly: true,
    words: null,
    source: 'provider',
    messageId: null,
    at,
  });
}

/** The provider said that whoever this message goes to has opted out there. */
export async function noteOptOutOf(
  tx: Tx,
  hashKey: (key: string) => string,
  { organizationId, messageId }: { organizationId: string; messageId: string },
): Promise<void> {
  const [point] = await tx.query<{ contactPointId: string; personId: string; key: string }>(
    `select cp.id as "contactPointId", cp.person_id as "personId", cp.key from messages m
     join contact_points cp on cp.organization_id = m.organization_id and cp.id = m.contact_point_id
     where m.organization_id = $1 and m.id = $2 and cp.value <> ''`,
    [organizationId, messageId],
  );
  if (!point) return;
  const { key, ...ids } = point;
  await addOptOut(tx, {
    organizationId,
    ...ids,
    keyHash: hashKey(key),
    channels: phoneChannels,
    marketingOnly: false,
    words: null,
    source: 'provider',
    messageId,
    at: await tx.now(),
  });
}

/** Only the person undoes it. */
export async function undoOptOut(tx: Tx, optOut: OptOut): Promise<void> {
  const { organizationId, keyHash, marketingOnly, channels, at } = optOut;
  const undone = await tx.query(
    `update opt_outs set undone_at = $4
     where organization_id = $1 and key_hash = $2 and marketing_only = $3 and undone_at is null and occurred_at <= $4 returning 1`,
    [organizationId, keyHash, marketingOnly, at],
  );
  if (undone.length > 0) return tell(tx, optOut, false);
  if (channels.includes('email')) return;
  // What was undone may still be on its way: a row that was over at once remembers this word.
  await tx.query(
    `insert into opt_outs (organization_id, id, key_hash, contact_point_id, channels, marketing_only, words, occurred_at, undone_at)
     values ($1, $2, $3, $4, '{}', $5, $6, $7, $7)`,
    [organizationId, newId(), keyHash, optOut.contactPointId, marketingOnly, optOut.words, at],
  );
}

async function tell(tx: Tx, optOut: OptOut, optedOut: boolean): Promise<void> {
  await writeTimeline(tx, optOut.organizationId, [
    {
      personId: optOut.personId,
      kind: 'optOut',
      messageId: optOut.messageId,
      data: {
        optedOut,
        marketingOnly: optOut.marketingOnly,
        words: optOut.words,
        channels: optOut.channels,
        source: optOut.source,
      },
      occurredAt: optOut.at,
    },
  ]);
}
