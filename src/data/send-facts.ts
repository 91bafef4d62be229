import type { Channel } from '../contracts/common';
import { windowUntil } from '../domain/chat';
import type { SendFacts } from '../domain/eligibility';
import type { Queryable } from './sql';

export type LoadedSendFacts = SendFacts & {
  channelAccountId: string | null;
  contactPointId: string | null;
  /** E.164 without the plus, as WhatsApp wants it. */
  waId: string | null;
  windowUntil: Date | null;
};

type FactsRow = {
  personId: string;
  inPlan: boolean;
  balance: number | null;
  accountId: string | null;
  accountState: 'connected' | 'paused' | 'disconnected' | null;
  contactPointId: string | null;
  key: string | null;
  waId: string | null;
  valid: boolean | null;
  phoneType: 'mobile' | 'landline' | 'voip' | 'unknown' | null;
  whatsapp: 'unknown' | 'present' | 'absent' | null;
  consent: boolean | null;
  optOuts: { channels: Channel[]; marketingOnly: boolean }[] | null;
  lastInboundAt: Date | null;
};

const facts = `select p.id as "personId", o.whatsapp_in_plan as "inPlan", ca.balance, a.id as "accountId", a.state as "accountState",
   cp.id as "contactPointId", cp.key, cp.wa_id as "waId", cp.valid, cp.phone_type as "phoneType", cp.whatsapp,
   consent.granted as consent, opt.outs as "optOuts", w.last_inbound_at as "lastInboundAt"
 from people p
 join organizations o on o.id = p.organization_id
 left join credit_accounts ca on ca.organization_id = p.organization_id
 left join lateral (
   select id, state from channel_accounts
   where organization_id = p.organization_id and channel = 'whatsapp'
   order by (state = 'disconnected'), created_at limit 1) a on true
 left join lateral (
   select * from contact_points
   where organization_id = p.organization_id and person_id = p.id and kind = 'phone' and ($3::uuid is null or id = $3)
   order by (whatsapp = 'present') desc, (valid and phone_type = 'mobile' and whatsapp <> 'absent') desc, valid desc, position, id
   limit 1) cp on true
 left join lateral (
   select granted from consents
   where organization_id = p.organization_id and contact_point_id = cp.id and channel = 'whatsapp'
   order by occurred_at desc, id desc limit 1) consent on true
 left join lateral (
   select jsonb_agg(jsonb_build_object('channels', channels, 'marketingOnly', marketing_only)) as outs from opt_outs
   where organization_id = p.organization_id and contact_point_id = cp.id and undone_at is null) opt on true
 left join service_windows w
   on w.organization_id = p.organization_id and w.channel_account_id = a.id and w.contact_point_id = cp.id
 where p.organization_id = $1 and p.id`;

// Two texts: a plan for any number of persons costs one person more than the whole rest.
const factsOfOne = `${facts} = $2`;
const factsOfMany = `${facts} = any($2::uuid[])`;

/**
 * Gathers for each person what decides a WhatsApp send, in one query. The number is the one WhatsApp is known to work on,
 * else the first valid mobile, else the first phone. A disconnected account counts only where no other is left.
 */
export async function loadSendFacts(
  tx: Queryable,
  scope: {
    organizationId: string;
    personIds: string[];
    now: Date;
    dayMs: number;
    contactPointId?: string | null;
  },
): Promise<Map<string, LoadedSendFacts>> {
  const { organizationId, personIds, contactPointId = null } = scope;
  const rows =
    personIds.length === 1
      ? await tx.prepared<FactsRow>(factsOfOne, [organizationId, personIds[0], contactPointId])
      : await tx.prepared<FactsRow>(factsOfMany, [organizationId, personIds, contactPointId]);
  return new Map(rows.map((row) => [row.personId, toFacts(row, scope.now, scope.dayMs)]));
}

function toFacts(row: FactsRow, now: Date, dayMs: number): LoadedSendFacts {
  const optOuts = row.optOuts ?? [];
  const until = windowUntil(row.lastInboundAt, now, dayMs);
  return {
    inPlan: row.inPlan,
    account: row.accountState ? { state: row.accountState } : null,
    phone: row.contactPointId
      ? { valid: row.valid!, phoneType: row.phoneType!, whatsapp: row.whatsapp! }
      : null,
    consent: row.consent,
    optedOut: optOuts.filter((out) => !out.marketingOnly).flatMap((out) => out.channels),
    marketingDeclined: optOuts.some((out) => out.marketingOnly),
    windowOpen: until !== null,
    balance: row.balance ?? 0,
    channelAccountId: row.accountId,
    contactPointId: row.contactPointId,
    waId: row.waId ?? row.key?.replace(/^\+/, '') ?? null,
    windowUntil: until,
  };
}
