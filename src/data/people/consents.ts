import type { Channel } from '../../contracts/common';
import type { Actor } from '../../domain/permissions';
import { actorName } from '../organization/audit';
import { newId, type Tx } from '../database';
import { writeTimeline } from '../conversations/timeline';

export type NewConsent = {
  personId: string;
  contactPointId: string;
  channel: Channel;
  granted: boolean;
  source: string;
  wording: string | null;
  evidence: string | null;
  /** Default: now. */
  occurredAt?: string;
};

/**
 * Keeps consents and withdrawals with their evidence, on timeline and in the audit log. One that says again what the
 * newest of its (contact point, channel) says is left out, so that repeated upserts do not pile them up.
 */
export async function writeConsents(tx: Tx, actor: Actor, consents: NewConsent[]): Promise<void> {
  if (consents.length === 0) return;
  const now = await tx.now();
  const records = consents.map((consent) => ({
    id: newId(),
    contact_point_id: consent.contactPointId,
    channel: consent.channel,
    granted: consent.granted,
    source: consent.source,
    wording: consent.wording,
    evidence: consent.evidence,
    occurred_at: consent.occurredAt ?? null,
  }));
  const written = await tx.query<{ id: string; personId: string; channel: Channel; granted: boolean }>(
    `with written as (
       insert into consents (organization_id, id, contact_point_id, channel, granted, source, wording, evidence,
         recorded_by_id, occurred_at, created_at)
       select $1, r.id, r.contact_point_id, r.channel, r.granted, r.source, r.wording, r.evidence, $4,
         least(coalesce(r.occurred_at, $3), $3), $3
       from jsonb_to_recordset($2::jsonb) as r(id uuid, contact_point_id uuid, channel channel, granted boolean,
         source text, wording text, evidence text, occurred_at timestamptz)
       left join lateral (
         select * from consents c where c.organization_id = $1 and c.contact_point_id = r.contact_point_id
           and c.channel = r.channel order by c.occurred_at desc, c.id desc limit 1) newest on true
       where (newest.granted, newest.source, newest.wording, newest.evidence)
           is distinct from (r.granted, r.source, r.wording, r.evidence)
         or (r.occurred_at is not null and r.occurred_at <> newest.occurred_at)
       returning id, contact_point_id, channel, granted)
     select written.id, cp.person_id as "personId", written.channel, written.granted
     from written join contact_points cp on cp.organization_id = $1 and cp.id = written.contact_point_id`,
    [actor.organizationId, JSON.stringify(records), now, actor.user?.id ?? null],
  );
  await writeTimeline(
    tx,
    actor.organizationId,
    written.map(({ personId, channel, granted }) => ({
      personId,
      kind: 'consent',
      actorUserId: actor.user?.id ?? null,
      actorApiKeyId: actor.apiKeyId,
      data: { channel, granted },
      occurredAt: now,
    })),
  );
  await auditConsents(tx, actor, written, now);
}

async function auditConsents(
  tx: Tx,
  actor: Actor,
  written: { id: string; personId: string; channel: Channel; granted: boolean }[],
  at: Date,
): Promise<void> {
  if (written.length === 0) return;
  const rows = written.map(({ id, personId, channel, granted }) => ({
    id: newId(),
    target_id: personId,
    after: { consentId: id, channel, granted },
  }));
  await tx.query(
    `insert into audit_entries
       (organization_id, id, actor_user_id, actor_api_key_id, actor, action, target, target_id, after, occurred_at)
     select $1, id, $3, $4, $5, 'consent.recorded', 'person', target_id, after, $6
     from jsonb_to_recordset($2::jsonb) as r(id uuid, target_id text, after jsonb)`,
    [
      actor.organizationId,
      JSON.stringify(rows),
      actor.user?.id ?? null,
      actor.apiKeyId,
      actorName(actor),
      at,
    ],
  );
}
