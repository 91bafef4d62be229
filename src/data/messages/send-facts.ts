import type { Channel } from '../../contracts/common';
import { windowUntil } from '../../domain/chat';
import type { SendChannel, SendFacts } from '../../domain/eligibility';
import { peopleOfTier } from '../../domain/send-limits';
import type { Portfolio } from '../limits/messaging-limit';
import { columnsSql, type Queryable } from '../sql';

export type LoadedSendFacts = SendFacts & {
  channelAccountId: string | null;
  contactPointId: string | null;
  /** As the channel wants it: WhatsApp's digits without the plus, E.164 for SMS, an address for e-mail. */
  to: string | null;
  windowUntil: Date | null;
  /** WhatsApp: whose messaging limit counts the people written to outside their windows. */
  portfolio: Portfolio | null;
};

/** What decides. */
type DecidingRow = {
  inPlan: boolean;
  balance: number | null;
  accountState: 'connected' | 'paused' | 'disconnected' | null;
  found: boolean;
  valid: boolean | null;
  phoneType: 'mobile' | 'landline' | 'voip' | 'unknown' | null;
  whatsapp: 'unknown' | 'present' | 'absent' | null;
  bounced: boolean | null;
  confidential: boolean;
  consent: boolean | null;
  optOuts: { channels: Channel[]; marketingOnly: boolean }[] | null;
  lastInboundAt: Date | null;
};
type FactsRow = DecidingRow & {
  personId: string;
  accountId: string | null;
  wabaId: string | null;
  messagingTier: string | null;
  contactPointId: string | null;
  key: string | null;
  waId: string | null;
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

const whatsAppTables = `
  left join lateral (
    select granted from consents
    where organization_id = p.organization_id and contact_point_id = cp.id and channel = 'whatsapp'
    order by occurred_at desc, id desc limit 1) consent on true
  left join service_windows w
    on w.organization_id = p.organization_id and w.channel_account_id = a.id and w.contact_point_id = cp.id`;

/** R-CONF-3: whether what this user writes by e-mail is confidential by default. */
export const outgoingConfidentialSql = (organizationId: string, userId: string): string =>
  `exists (select 1 from mailboxes where organization_id = ${organizationId} and user_id = ${userId}::uuid and outgoing_confidential)`;

const decidingColumns = (channel: SendChannel, author: string, lastInboundAt = 'w.last_inbound_at') => ({
  inPlan: inPlan[channel],
  balance: 'ca.balance',
  accountState: 'a.state',
  found: 'cp.id is not null',
  valid: 'cp.valid',
  phoneType: 'cp.phone_type',
  whatsapp: 'cp.whatsapp',
  bounced: 'cp.bounced_at is not null',
  confidential: channel === 'email' ? outgoingConfidentialSql('p.organization_id', author) : 'false',
  consent: channel === 'whatsapp' ? 'consent.granted' : 'null::boolean',
  optOuts: 'opt.outs',
  lastInboundAt: channel === 'whatsapp' ? lastInboundAt : 'null::timestamptz',
});

/** The account that a channel's messages go over: a disconnected one only where no other is left. `only`: which may be taken at all. */
export const accountOfChannelSql = (
  columns: string,
  { organizationId, channel, only = 'true' }: { organizationId: string; channel: string; only?: string },
): string => `select ${columns} from channel_accounts
  where organization_id = ${organizationId} and channel = ${channel} and ${only}
  order by (state = 'disconnected'), created_at limit 1`;

/** Whose messaging limit a message to this person counts against; null: their window is open, or there is none. */
export const outsideOf = ({ channel, windowOpen, portfolio }: LoadedSendFacts): Portfolio | null =>
  channel === 'whatsapp' && !windowOpen ? portfolio : null;

/** `only`: which of their contact points may be taken. */
const factsTables = (channel: SendChannel, only: string): string => `
  join organizations o on o.id = p.organization_id
  left join credit_accounts ca on ca.organization_id = p.organization_id
  left join lateral (
    ${accountOfChannelSql('id, state, waba_id, messaging_tier', {
      organizationId: 'p.organization_id',
      channel: `'${channel}'`,
      only: `state_reason is distinct from 'not_configured'`,
    })}) a on true
  left join lateral (
    select * from contact_points
    where organization_id = p.organization_id and person_id = p.id and kind = '${channel === 'email' ? 'email' : 'phone'}'
      and ${only}
    order by ${preference[channel]} limit 1) cp on true
  left join lateral (
    select jsonb_agg(jsonb_build_object('channels', channels, 'marketingOnly', marketing_only)) as outs from opt_outs
    where organization_id = p.organization_id and contact_point_id = cp.id and undone_at is null) opt on true
  ${channel === 'whatsapp' ? whatsAppTables : ''}`;

const factsSql = (channel: SendChannel): string => `
  select p.id as "personId", a.id as "accountId", a.waba_id as "wabaId", a.messaging_tier as "messagingTier", cp.id as "contactPointId", cp.key, cp.wa_id as "waId",
    ${columnsSql(decidingColumns(channel, '$4'))}
  from people p ${factsTables(channel, '($3::uuid is null or id = $3)')}
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
    /** The user who writes; null: the company itself does. */
    authorId?: string | null;
  },
): Promise<Map<string, LoadedSendFacts>> {
  const { organizationId, personIds, channel, contactPointId = null, authorId = null } = scope;
  const more = channel === 'email' ? [contactPointId, authorId] : [contactPointId];
  const rows =
    personIds.length === 1
      ? await tx.prepared<FactsRow>(sql[channel].one, [organizationId, personIds[0], ...more])
      : await tx.prepared<FactsRow>(sql[channel].many, [organizationId, personIds, ...more]);
  return new Map(rows.map((row) => [row.personId, toFacts(row, scope)]));
}

function toFacts(row: FactsRow, scope: DecidingScope & { organizationId: string }): LoadedSendFacts {
  const { wabaId, messagingTier } = row;
  const { organizationId } = scope;
  return {
    ...decided(row, scope),
    channelAccountId: row.accountId,
    contactPointId: row.contactPointId,
    to: scope.channel === 'whatsapp' ? (row.waId ?? row.key?.replace(/^\+/, '') ?? null) : row.key,
    windowUntil: windowUntil(row.lastInboundAt, scope.now, scope.dayMs),
    portfolio: wabaId === null ? null : { organizationId, wabaId, limit: peopleOfTier(messagingTier) },
  };
}

type DecidingScope = { channel: SendChannel; now: Date; dayMs: number };

function decided(row: DecidingRow, { channel, now, dayMs }: DecidingScope): SendFacts {
  const optOuts = row.optOuts ?? [];
  return {
    channel,
    inPlan: row.inPlan,
    account: row.accountState ? { state: row.accountState } : null,
    phone:
      row.found && channel !== 'email'
        ? { valid: row.valid!, phoneType: row.phoneType!, whatsapp: row.whatsapp! }
        : null,
    email: row.found && channel === 'email' ? { bounced: row.bounced! } : null,
    confidential: row.confidential,
    consent: row.consent,
    optedOut: optOuts.filter((out) => !out.marketingOnly).flatMap((out) => out.channels),
    marketingDeclined: optOuts.some((out) => out.marketingOnly),
    windowOpen: windowUntil(row.lastInboundAt, now, dayMs) !== null,
    balance: row.balance ?? 0,
  };
}

/** The same facts as part of a larger query, for people who are alike to be counted: their columns, their tables beside `p`, their reader. */
export function decidingFacts(
  scope: DecidingScope & { userId: string | null },
  add: (value: unknown) => string,
) {
  const { channel, now, dayMs, userId } = scope;
  const author = channel === 'email' ? add(userId) : 'null';
  // an instant sets nobody apart whose window is closed anyway
  const lastInboundAt = () =>
    `case when w.last_inbound_at >= ${add(new Date(now.getTime() - dayMs))} then w.last_inbound_at end`;
  return {
    columns: decidingColumns(channel, author, channel === 'whatsapp' ? lastInboundAt() : undefined),
    tables: factsTables(channel, 'true'),
    read: (row: object) => decided(row as DecidingRow, scope),
  };
}
