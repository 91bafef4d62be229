import type { Channel } from '../contracts/common';
import { windowUntil } from '../domain/chat';
import type { SendChannel, SendFacts } from '../domain/eligibility';
import type { Queryable } from './sql';

export type LoadedSendFacts = SendFacts & {
  channelAccountId: string | null;
  contactPointId: string | null;
  /** As the channel wants it: WhatsApp's digits without the plus, E.164 for SMS, an address for e-mail. */
  to: string | null;
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
  bounced: boolean | null;
  consent: boolean | null;
  optOuts: { channels: Channel[]; marketingOnly: boolean }[] | null;
  lastInboundAt: Date | null;
};

/** Which of a person's numbers or addresses is taken, the first of: */
const preference: Record<SendChannel, string> = {
  // one WhatsApp is known to work on, a valid mobile, a valid phone
  whatsapp: `(whatsapp = 'present') desc, (valid and phone_type = 'mobile' and whatsapp <> 'absent') desc, valid desc, position, id`,
  sms: `(valid and phone_type = 'mobile') desc, valid desc, position, id`,
  email: `(bounced_at is null) desc, position, id`,
};

const inPlan: Record<SendChannel, string> = {
  whatsapp: 'o.whatsapp_in_plan',
  sms: 'o.sms_in_plan',
  email: 'true',
};

const whatsAppColumns = `consent.granted as consent, w.last_inbound_at as "lastInboundAt"`;
const whatsAppTables = `
  left join lateral (
    select granted from consents
    where organization_id = p.organization_id and contact_point_id = cp.id and channel = 'whatsapp'
    order by occurred_at desc, id desc limit 1) consent on true
  left join service_windows w
    on w.organization_id = p.organization_id and w.channel_account_id = a.id and w.contact_point_id = cp.id`;

const factsSql = (channel: SendChannel): string => `
  select p.id as "personId", ${inPlan[channel]} as "inPlan", ca.balance, a.id as "accountId", a.state as "accountState",
    cp.id as "contactPointId", cp.key, cp.wa_id as "waId", cp.valid, cp.phone_type as "phoneType", cp.whatsapp,
    cp.bounced_at is not null as bounced, opt.outs as "optOuts",
    ${channel === 'whatsapp' ? whatsAppColumns : 'null::boolean as consent, null::timestamptz as "lastInboundAt"'}
  from people p
  join organizations o on o.id = p.organization_id
  left join credit_accounts ca on ca.organization_id = p.organization_id
  left join lateral (
    select id, state from channel_accounts
    where organization_id = p.organization_id and channel = '${channel}' and state_reason is distinct from 'not_configured'
    order by (state = 'disconnected'), created_at limit 1) a on true
  left join lateral (
    select * from contact_points
    where organization_id = p.organization_id and person_id = p.id and kind = '${channel === 'email' ? 'email' : 'phone'}'
      and ($3::uuid is null or id = $3)
    order by ${preference[channel]} limit 1) cp on true
  left join lateral (
    select jsonb_agg(jsonb_build_object('channels', channels, 'marketingOnly', marketing_only)) as outs from opt_outs
    where organization_id = p.organization_id and contact_point_id = cp.id and undone_at is null) opt on true
  ${channel === 'whatsapp' ? whatsAppTables : ''}
  where p.organization_id = $1 and p.id`;

// Two texts: a plan for any number of persons costs one person more than the whole rest.
const sqlOf = (channel: SendChannel) => ({
  one: `${factsSql(channel)} = $2`,
  many: `${factsSql(channel)} = any($2::uuid[])`,
});
const sql: Record<SendChannel, { one: string; many: string }> = {
  whatsapp: sqlOf('whatsapp'),
  sms: sqlOf('sms'),
  email: sqlOf('email'),
};

/** Gathers for each person what decides a send over a channel, in one query. A disconnected account counts only where no other is left. */
export async function loadSendFacts(
  tx: Queryable,
  scope: {
    organizationId: string;
    personIds: string[];
    channel: SendChannel;
    now: Date;
    dayMs: number;
    contactPointId?: string | null;
  },
): Promise<Map<string, LoadedSendFacts>> {
  const { organizationId, personIds, channel, contactPointId = null } = scope;
  const rows =
    personIds.length === 1
      ? await tx.prepared<FactsRow>(sql[channel].one, [organizationId, personIds[0], contactPointId])
      : await tx.prepared<FactsRow>(sql[channel].many, [organizationId, personIds, contactPointId]);
  return new Map(rows.map((row) => [row.personId, toFacts(row, scope)]));
}

function toFacts(
  row: FactsRow,
  { channel, now, dayMs }: { channel: SendChannel; now: Date; dayMs: number },
): LoadedSendFacts {
  const optOuts = row.optOuts ?? [];
  const until = windowUntil(row.lastInboundAt, now, dayMs);
  const found = row.contactPointId !== null;
  return {
    channel,
    inPlan: row.inPlan,
    account: row.accountState ? { state: row.accountState } : null,
    phone:
      found && channel !== 'email'
        ? { valid: row.valid!, phoneType: row.phoneType!, whatsapp: row.whatsapp! }
        : null,
    email: found && channel === 'email' ? { bounced: row.bounced! } : null,
    consent: row.consent,
    optedOut: optOuts.filter((out) => !out.marketingOnly).flatMap((out) => out.channels),
    marketingDeclined: optOuts.some((out) => out.marketingOnly),
    windowOpen: until !== null,
    balance: row.balance ?? 0,
    channelAccountId: row.accountId,
    contactPointId: row.contactPointId,
    to: channel === 'whatsapp' ? (row.waId ?? row.key?.replace(/^\+/, '') ?? null) : row.key,
    windowUntil: until,
  };
}
