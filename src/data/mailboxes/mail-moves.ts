import type { Database } from '../database';
import { followPlaces, leavePlaces } from './mail-places';
import type { MailboxIds } from './mailboxes';
import { assertCurrent, type OpenMailbox } from './mailbox-sync';

/** A mail that was moved here, and stands elsewhere on the server. */
export type UnpushedMove = {
  mailId: string;
  folderId: string;
  path: string;
  id: string;
  toId: string;
  to: string;
};

export const movesAtOnce = 1000;

/**
 * Where of its places `i` a mail `m` is to leave. What came stays in Sent, where its user has written it to themselves as well; and of several
 * copies one in the inbox, or in Sent, is enough.
 */
const isElsewhere = `f.folder <> m.folder and not (m.direction = 'in' and f.folder = 'sent') and not (m.direction = 'out' and f.folder = 'inbox')
  and not (m.folder in ('inbox', 'sent') and exists (
    select 1 from mailbox_items h join mailbox_folders g on g.organization_id = h.organization_id and g.id = h.folder_id
    where h.organization_id = m.organization_id and h.mail_id = m.id and g.folder = m.folder))`;

const places = `mailbox_items i join mailbox_folders f on f.organization_id = i.organization_id and f.id = i.folder_id`;

export async function unpushedMoves(
  db: Database,
  { organizationId, userId }: MailboxIds,
): Promise<UnpushedMove[]> {
  return db.query<UnpushedMove>(
    `select m.id as "mailId", f.id as "folderId", f.path, i.server_id as id, t.id as "toId", t.path as to
     from mails m join (${places}) on i.organization_id = m.organization_id and i.mail_id = m.id
     cross join lateral (
       select t.id, t.path from mailbox_folders t where t.organization_id = $1 and t.user_id = $2 and t.folder = m.folder
       order by upper(t.path) = 'INBOX' desc, t.special_use is null, t.path limit 1) t
     where m.organization_id = $1 and m.user_id = $2 and m.moved_here and ${isElsewhere}
     order by f.path, t.path, i.server_id limit ${movesAtOnce}`,
    [organizationId, userId],
  );
}

/** They stand in another folder now, under these names; null: the server has not said, and they are found there. */
export async function recordMoved(
  db: Database,
  mailbox: OpenMailbox,
  { folderId, toId }: Pick<UnpushedMove, 'folderId' | 'toId'>,
  moved: Map<string, string | null>,
): Promise<void> {
  const { organizationId } = mailbox;
  await db.transact(async (tx) => {
    await assertCurrent(tx, mailbox);
    const names = [...moved].flatMap(([before, after]) => (after === null ? [] : [{ before, after }]));
    const named = await tx.query<{ mailId: string }>(
      `insert into mailbox_items (organization_id, folder_id, server_id, mail_id, fetched_at, seen)
       select $1, $3, n.after, i.mail_id, i.fetched_at, i.seen from unnest($4::text[], $5::text[]) as n(before, after)
       join mailbox_items i on i.organization_id = $1 and i.folder_id = $2 and i.server_id = n.before
       on conflict (organization_id, folder_id, server_id) do nothing returning mail_id as "mailId"`,
      [
        ...[organizationId, folderId, toId],
        ...[names.map(({ before }) => before), names.map(({ after }) => after)],
      ],
    );
    await leavePlaces(tx, mailbox, folderId, [...moved.keys()]);
    await followPlaces(
      tx,
      mailbox,
      named.map(({ mailId }) => mailId),
    );
  });
}

/** The server does not move them: they stay where they are there. */
export async function giveUpMoves(
  db: Database,
  { organizationId }: MailboxIds,
  mailIds: string[],
): Promise<void> {
  await db.query('update mails set moved_here = false where organization_id = $1 and id = any($2::uuid[])', [
    organizationId,
    mailIds,
  ]);
}

/** Those that stand where they belong, or belong where the server has no folder. */
export async function endMoves(db: Database, { organizationId, userId }: MailboxIds): Promise<void> {
  await db.query(
    `update mails m set moved_here = false where m.organization_id = $1 and m.user_id = $2 and m.moved_here and (
       not exists (select 1 from mailbox_folders t where t.organization_id = $1 and t.user_id = $2 and t.folder = m.folder)
       or exists (select 1 from mailbox_items i where i.organization_id = $1 and i.mail_id = m.id)
         and not exists (select 1 from ${places} where i.organization_id = $1 and i.mail_id = m.id and ${isElsewhere}))`,
    [organizationId, userId],
  );
}
