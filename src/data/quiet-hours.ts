import type { QuietHoursSetting } from '../contracts/actions';
import { DomainError } from '../domain/errors';
import type { Actor } from '../domain/permissions';
import { quietUntil, type QuietHours } from '../domain/quiet-hours';
import { writeAudit } from './audit';
import type { Database } from './database';
import type { Queryable } from './sql';

type Row = { from: number | null; until: number | null };

const settingSql = 'select quiet_from as "from", quiet_until as "until" from organizations where id = $1';

/** R-SEND-10: when what is due at an instant may go to each of these people, on the clock of their time zone. */
export async function loadQuietHours(
  db: Queryable,
  organizationId: string,
  personIds: string[],
): Promise<(personId: string, at: Date) => Date> {
  const rows = await db.query<Row & { personId: string; timeZone: string }>(
    `select p.id as "personId", coalesce(p.time_zone, o.time_zone) as "timeZone", o.quiet_from as "from", o.quiet_until as "until"
     from people p join organizations o on o.id = p.organization_id
     where p.organization_id = $1 and p.id = any($2::uuid[]) and o.quiet_from is not null`,
    [organizationId, [...new Set(personIds)]],
  );
  const known = new Map(rows.map((row) => [row.personId, row]));
  // Many people, few zones: a thousand who enter a stage at one instant cost one look at the clock a zone.
  const answers = new Map<string, Date>();
  return (personId, at) => {
    const person = known.get(personId);
    const hours = person && hoursOf(person);
    if (!hours) return at;
    const key = `${person.timeZone} ${at.getTime()}`;
    const answer = answers.get(key) ?? quietUntil(at, hours, person.timeZone);
    answers.set(key, answer);
    return answer;
  };
}

export async function getQuietHours(db: Queryable, actor: Actor): Promise<QuietHoursSetting> {
  const [row] = await db.query<Row>(settingSql, [actor.organizationId]);
  const hours = row && hoursOf(row);
  return { quietHours: hours ? { from: timeOf(hours.from), until: timeOf(hours.until) } : null };
}

/** Holds for what becomes due from now on; what waits for the end of a night already is looked at again then. */
export async function setQuietHours(
  db: Database,
  actor: Actor,
  { quietHours }: QuietHoursSetting,
): Promise<void> {
  if (quietHours && quietHours.from === quietHours.until) {
    throw new DomainError('invalid', 'Some fields are missing or wrong.', {
      errors: [{ path: 'quietHours.until', message: 'must differ from their beginning' }],
    });
  }
  await db.transact(async (tx) => {
    const [row] = await tx.query<Row>(`${settingSql} for update`, [actor.organizationId]);
    const before = row ? hoursOf(row) : null;
    const after = quietHours && { from: minuteOf(quietHours.from), until: minuteOf(quietHours.until) };
    await tx.query('update organizations set quiet_from = $2, quiet_until = $3 where id = $1', [
      actor.organizationId,
      after?.from ?? null,
      after?.until ?? null,
    ]);
    await writeAudit(tx, actor, {
      action: 'organization.quietHours',
      target: 'organization',
      targetId: actor.organizationId,
      before: before && { from: timeOf(before.from), until: timeOf(before.until) },
      after: quietHours,
    });
    tx.notice({ type: 'settings', organizationId: actor.organizationId });
  });
}

const hoursOf = ({ from, until }: Row): QuietHours | null =>
  from === null || until === null ? null : { from, until };

const timeOf = (minute: number): string =>
  [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');

function minuteOf(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return hour * 60 + minute;
}
