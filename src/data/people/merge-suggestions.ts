import type { PersonRow } from '../../contracts/people';
import type { Actor } from '../../domain/permissions';
import type { Database } from '../database';
import { listPeople } from './person-read';
import { fullNameSql } from '../sql';

const most = 5;
/** As many digits at the end of two numbers make one phone, written with and without its prefix. */
const sameDigits = 8;

/** R-CHAT-13: who may be the same person, by a number that ends alike, then by the name. */
export async function suggestMerges(db: Database, actor: Actor, personId: string): Promise<PersonRow[]> {
  const [person] = await db.query<{ name: string; ends: string[] }>(
    `select ${fullNameSql('p')} as name, array(
       select distinct right(regexp_replace(cp.key, '\\D', '', 'g'), ${sameDigits}) from contact_points cp
       where cp.organization_id = p.organization_id and cp.person_id = p.id and cp.kind = 'phone'
         and length(regexp_replace(cp.key, '\\D', '', 'g')) >= ${sameDigits} limit 3) as ends
     from people p where p.organization_id = $1 and p.id = $2`,
    [actor.organizationId, personId],
  );
  if (!person) return [];
  const searches = [...person.ends, ...(person.name.length >= 3 ? [person.name] : [])];
  const found = await Promise.all(searches.map((q) => listPeople(db, actor, { q, limit: most + 1 })));
  const rows = found.flatMap(({ items }) => items).filter(({ id }) => id !== personId);
  return [...new Map(rows.map((row) => [row.id, row])).values()].slice(0, most);
}
