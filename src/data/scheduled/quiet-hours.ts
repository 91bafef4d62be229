import { quietUntil, type QuietHours } from '../../domain/quiet-hours';
import type { Queryable } from '../sql';

type Row = { from: number | null; until: number | null };

/** R-SEND-10: when what is due at an instant may go to each of these people, on the clock of their time zone. */
export async function loadQuietHours(
  db: Queryable,
  organizationId: string,
  personIds: string[],
): Promise<(personId: string, at: Date) => Date> {
  const rows = await db.prepared<Row & { personId: string; timeZone: string }>(
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

export async function readQuietHours(db: Queryable, organizationId: string): Promise<QuietHours | null> {
  const [row] = await db.query<Row>(
    'select quiet_from as "from", quiet_until as "until" from organizations where id = $1',
    [organizationId],
  );
  return row ? hoursOf(row) : null;
}

const hoursOf = ({ from, until }: Row): QuietHours | null =>
  from === null || until === null ? null : { from, until };
