import { newId, type Tx } from './database';
import { writeTimeline } from './timeline';

export type OptOut = {
  organizationId: string;
  contactPointId: string;
  keyHash: string;
  personId: string;
  marketingOnly: boolean;
  words: string | null;
  at: Date;
};

/** The person opts out of SMS and WhatsApp (or of marketing alone); once in force, again changes nothing. */
export async function addOptOut(tx: Tx, optOut: OptOut): Promise<void> {
  const added = await tx.query(
    `insert into opt_outs (organization_id, id, key_hash, contact_point_id, channels, marketing_only, words, occurred_at)
     values ($1, $2, $3, $4, '{whatsapp,sms}', $5, $6, $7)
     on conflict (organization_id, key_hash, marketing_only) where undone_at is null do nothing returning 1`,
    [
      optOut.organizationId,
      newId(),
      optOut.keyHash,
      optOut.contactPointId,
      optOut.marketingOnly,
      optOut.words,
      optOut.at,
    ],
  );
  if (added.length > 0) await tell(tx, optOut, true);
}

/** WhatsApp said that the person wants no marketing at this number. */
export async function declineMarketing(
  tx: Tx,
  hashKey: (key: string) => string,
  facts: { organizationId: string; personId: string; contactPointId: string | null; at: Date },
): Promise<void> {
  const { organizationId, personId, contactPointId, at } = facts;
  const [point] = await tx.query<{ key: string }>(
    'select key from contact_points where organization_id = $1 and id = $2',
    [organizationId, contactPointId],
  );
  if (!point || contactPointId === null) return;
  await addOptOut(tx, {
    organizationId,
    contactPointId,
    keyHash: hashKey(point.key),
    personId,
    marketingOnly: true,
    words: null,
    at,
  });
}

/** Only the person undoes it. */
export async function undoOptOut(tx: Tx, optOut: OptOut): Promise<void> {
  const undone = await tx.query(
    `update opt_outs set undone_at = $4 where organization_id = $1 and key_hash = $2 and marketing_only = $3 and undone_at is null returning 1`,
    [optOut.organizationId, optOut.keyHash, optOut.marketingOnly, optOut.at],
  );
  if (undone.length > 0) await tell(tx, optOut, false);
}

async function tell(tx: Tx, optOut: OptOut, optedOut: boolean): Promise<void> {
  await writeTimeline(tx, optOut.organizationId, [
    {
      personId: optOut.personId,
      kind: 'optOut',
      data: { optedOut, marketingOnly: optOut.marketingOnly, words: optOut.words },
      occurredAt: optOut.at,
    },
  ]);
}
