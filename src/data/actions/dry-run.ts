import type { DryRun, NewAction } from '../../contracts/actions';
import { reasonText, type ReasonCode } from '../../contracts/reasons';
import type { SendChannel } from '../../domain/eligibility';
import type { Actor } from '../../domain/permissions';
import type { Database } from '../database';
import { foretell, templateContentSql, type SendContent } from './foretell';
import { assertManages } from '../vacancies/manage-vacancy';
import { fullNameSql } from '../sql';
import { assertSendable, toFields } from './stage-actions';
import { vacancyOfStage } from '../vacancies/stages';

const mostEntries = 5000;
const namesShown = 5;

type Entry = { personId: string; applicationId: string; name: string; ended: ReasonCode | null };

/**
 * R-AUTO-5: what a new action would have sent over the past days. Leaving the stage, rejection and withdrawal before it was due are
 * judged by the history; consent, numbers and the template as they are now. Stores and sends nothing.
 */
export async function dryRunAction(
  db: Database,
  { actor, dayMs }: { actor: Actor; dayMs: number },
  stageId: string,
  { days, action }: { days: number; action: NewAction },
): Promise<DryRun> {
  const { organizationId } = actor;
  await assertManages(db, actor, await vacancyOfStage(db, actor, stageId));
  const fields = toFields(action);
  await assertSendable(db, organizationId, fields);
  const now = await db.now();
  const since = new Date(now.getTime() - days * 86_400_000);
  const entries = await db.query<Entry>(
    `select a.person_id as "personId", a.id as "applicationId", ${fullNameSql('p')} as name,
       case when se.left_at <= se.entered_at + $5 * interval '1 second' then 'left_stage'
         when a.rejected_at <= se.entered_at + $5 * interval '1 second' and a.rejected_at >= se.entered_at then 'rejected'
         when a.withdrawn_at <= se.entered_at + $5 * interval '1 second' and a.withdrawn_at >= se.entered_at then 'withdrawn' end as ended
     from stage_entries se
     join applications a on a.organization_id = se.organization_id and a.id = se.application_id
     join people p on p.organization_id = a.organization_id and p.id = a.person_id and p.erased_at is null
     where se.organization_id = $1 and se.to_stage_id = $2 and se.entered_at > $3
     order by se.entered_at desc, se.id desc limit $4`,
    [organizationId, stageId, since, mostEntries + 1, fields.delaySeconds],
  );
  const [row] = await db.query<{ template: SendContent['template'] }>(
    `select ${templateContentSql('t')} as template from templates t where t.organization_id = $1 and t.id = $2`,
    [organizationId, fields.templateId],
  );
  const content: SendContent = { template: row?.template ?? null, title: fields.title, body: fields.body };
  const sends = entries
    .slice(0, mostEntries)
    .flatMap((entry) => fields.channels.map((channel) => ({ ...entry, channel })));
  const foretold = await foretell(db, { organizationId, now, dayMs, spending: false }, sends, () => content);
  const groups = new Map<string, DryRun['groups'][number]>();
  let credits = 0;
  for (const [index, { channel, ended, name }] of sends.entries()) {
    const reason = ended ?? foretold[index]!.reason;
    if (reason === null) credits += foretold[index]!.credits;
    const group = groupOf(groups, channel, reason);
    group.count += 1;
    if (group.names.length < namesShown) group.names.push(name);
  }
  const sorted = [...groups.values()].sort(
    (a, b) => Number(b.willSend) - Number(a.willSend) || b.count - a.count,
  );
  const sum = (willSend: boolean) =>
    sorted.reduce((total, group) => total + (group.willSend === willSend ? group.count : 0), 0);
  return {
    entries: Math.min(entries.length, mostEntries),
    wouldSend: sum(true),
    notSent: sum(false),
    credits,
    groups: sorted,
    truncated: entries.length > mostEntries,
  };
}

function groupOf(
  groups: Map<string, DryRun['groups'][number]>,
  channel: SendChannel,
  reason: ReasonCode | null,
): DryRun['groups'][number] {
  const key = `${channel} ${reason}`;
  const known = groups.get(key);
  if (known) return known;
  const group = {
    channel,
    willSend: reason === null,
    reason,
    reasonText: reason === null ? null : reasonText[reason],
    count: 0,
    names: [],
  };
  groups.set(key, group);
  return group;
}
