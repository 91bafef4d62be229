import type { Note } from '../../contracts/records';
import { DomainError, notFound } from '../../domain/errors';
import { seesEverything, type ActingUser, type Actor } from '../../domain/permissions';
import { newId, type Database, type Tx } from '../database';
import { notify } from '../notify';
import { fullNameSql, isoSql, userSummarySql, type Queryable } from '../sql';
import { writeTimeline } from './timeline';
import { visibleApplication, whoSeesPeople } from '../visibility';

type UserActor = Actor & { user: ActingUser };

/** R-CHAT-12: a note is for its author and those chosen. `$user`: the placeholder of the reader's id. */
export const readableNoteSql = (alias: string, user: string): string =>
  `(${alias}.author_id = ${user} or ${user} = any(${alias}.visible_to))`;

const columns = `n.id, n.body, ${userSummarySql('author')} as author, ${isoSql('n.occurred_at')} as "occurredAt",
  coalesce((select jsonb_agg(${userSummarySql('reader')} order by ${fullNameSql('reader')}, reader.id)
    from users reader where reader.organization_id = n.organization_id and reader.id = any(n.visible_to)), '[]') as "visibleTo"`;
const tables =
  'notes n join users author on author.organization_id = n.organization_id and author.id = n.author_id';

/** The newest notes of a person that this user may read. */
export async function listNotes(db: Queryable, actor: UserActor, personId: string): Promise<Note[]> {
  return db.query<Note>(
    `select ${columns} from ${tables}
     where n.organization_id = $1 and n.person_id = $2 and ${readableNoteSql('n', '$3')}
     order by n.occurred_at desc, n.id desc limit 200`,
    [actor.organizationId, personId, actor.user.id],
  );
}

export async function getNote(db: Queryable, actor: UserActor, noteId: string): Promise<Note> {
  const [row] = await db.query<Note>(
    `select ${columns} from ${tables} where n.organization_id = $1 and n.id = $2 and ${readableNoteSql('n', '$3')}`,
    [actor.organizationId, noteId, actor.user.id],
  );
  if (!row) throw notFound('note');
  return row;
}

/** Writes a note on a person whom the actor was found to see; those chosen are notified. */
export async function writeNote(
  db: Database,
  actor: UserActor,
  personId: string,
  input: { body: string; visibleTo: string[]; applicationId?: string },
): Promise<{ id: string }> {
  const { organizationId } = actor;
  return db.transact(async (tx) => {
    const visibleTo = [...new Set(input.visibleTo.map((id) => id.toLowerCase()))].filter(
      (id) => id !== actor.user.id,
    );
    await assertReaders(tx, actor, personId, visibleTo);
    if (input.applicationId) await assertApplication(tx, actor, personId, input.applicationId);
    const id = newId();
    const at = await tx.now();
    await tx.query(
      `insert into notes (organization_id, id, person_id, application_id, author_id, body, visible_to, occurred_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [organizationId, id, personId, input.applicationId ?? null, actor.user.id, input.body, visibleTo, at],
    );
    await writeTimeline(tx, organizationId, [
      {
        personId,
        applicationId: input.applicationId ?? null,
        kind: 'note',
        actorUserId: actor.user.id,
        noteId: id,
        occurredAt: at,
      },
    ]);
    const [conversation] = await tx.query<{ id: string }>(
      'select id from conversations where organization_id = $1 and person_id = $2',
      [organizationId, personId],
    );
    const conversationId = conversation!.id;
    await notify(tx, organizationId, {
      userIds: visibleTo,
      kind: 'note',
      personId,
      conversationId,
      noteId: id,
      data: { by: actor.user.name },
      at,
    });
    tx.notice({ type: 'conversation', organizationId, conversationId, personId });
    return { id };
  });
}

/** Those chosen must be able to see the person at all. */
async function assertReaders(tx: Tx, actor: UserActor, personId: string, userIds: string[]): Promise<void> {
  if (userIds.length === 0) return;
  const { organizationId } = actor;
  const users = await tx.query<{ id: string; role: ActingUser['role'] }>(
    'select id, role from users where organization_id = $1 and id = any($2::uuid[]) and deactivated_at is null',
    [organizationId, userIds],
  );
  const limited = users
    .filter(({ role }) => !seesEverything({ ...actor, user: { ...actor.user, role } }))
    .map(({ id }) => id);
  const sees = await whoSeesPeople(tx, { organizationId, personIds: [personId], userIds: limited });
  const may = (userId: string) =>
    users.some(({ id }) => id === userId) && (!limited.includes(userId) || sees.has(`${personId} ${userId}`));
  if (userIds.every(may)) return;
  throw invalid('visibleTo', 'names somebody who is no active user, or may not see this person');
}

async function assertApplication(
  tx: Tx,
  actor: UserActor,
  personId: string,
  applicationId: string,
): Promise<void> {
  const rows = await tx.query(
    `select 1 from applications a
     where a.organization_id = $1 and a.id = $2 and a.person_id = $3 and ${visibleApplication(actor, 'a')}`,
    [actor.organizationId, applicationId, personId],
  );
  if (rows.length === 0) throw invalid('applicationId', 'is no application of this person');
}

const invalid = (path: string, message: string): DomainError =>
  new DomainError('invalid', 'Some fields are missing or wrong.', { errors: [{ path, message }] });
