import type { Channel } from '../../contracts/common';
import { notFound } from '../../domain/errors';
import { isAdministrator, type Actor } from '../../domain/permissions';
import { writeAudit } from '../organization/audit';
import type { Database } from '../database';
import { createParams, type Queryable } from '../sql';
import { usableTemplates } from './templates';

/** As `mayEditTemplate`. */
const movableSql = (actor: Actor): string =>
  actor.user === null || isAdministrator(actor) ? 'true' : 't.created_by_id = $2';

export async function listTemplateFolders(
  db: Queryable,
  actor: Actor,
  query: { channel?: Channel | undefined },
): Promise<{ folder: string; count: number; movable: number }[]> {
  const params = createParams(actor.organizationId, actor.user?.id ?? null);
  const ofChannel = query.channel ? `and t.channel = ${params.add(query.channel)}` : '';
  return db.query(
    `select t.folder, count(*)::int as count, count(*) filter (where ${movableSql(actor)})::int as movable
     from templates t where ${usableTemplates} and t.folder is not null ${ofChannel}
     group by t.folder order by lower(t.folder), t.folder`,
    params.values,
  );
}

/** Renames a folder, or empties it into another or none: its templates that this user may change move, whatever their channel. */
export async function moveTemplateFolder(
  db: Database,
  actor: Actor,
  { from, to }: { from: string; to: string | null },
): Promise<{ moved: number; left: number }> {
  return db.transact(async (tx) => {
    const templates = await tx.query<{ id: string; movable: boolean }>(
      `select t.id, ${movableSql(actor)} as movable from templates t where ${usableTemplates} and t.folder = $3 order by t.id for update of t`,
      [actor.organizationId, actor.user?.id ?? null, from],
    );
    if (templates.length === 0) throw notFound('folder');
    const moved = templates.flatMap(({ id, movable }) => (movable ? [id] : []));
    const left = templates.length - moved.length;
    if (moved.length === 0 || from === to) return { moved: 0, left };
    await tx.query(
      'update templates set folder = $3, updated_at = $4 where organization_id = $1 and id = any($2::uuid[])',
      [actor.organizationId, moved, to, await tx.now()],
    );
    await writeAudit(tx, actor, {
      action: 'template.folderMoved',
      target: 'template',
      targetId: null,
      before: { folder: from },
      after: { folder: to, templates: moved.length },
    });
    tx.notice({ type: 'settings', organizationId: actor.organizationId });
    return { moved: moved.length, left };
  });
}
