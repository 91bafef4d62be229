import type { MailFolder } from '../../contracts/mails';
import type { SettledFolder } from '../../domain/mail-folders';
import type { Database, Tx } from '../database';
import { lockMailPoints } from './file-mail';
import type { MailboxUser } from './mailbox-read';
import { readInConversations, tellMailbox } from './seen-together';
import { fileBack, fileOutOfJunk, lockPeopleOfJunk } from './take-out-of-junk';

export type MailChange = {
  mailId: string;
  seen: boolean;
  folder: SettledFolder;
  /** Whom it was filed under by being taken out of junk. */
  filed?: string[] | undefined;
};

/** Puts mails of the user's back as they were; those that are gone, or were not sent yet, stay as they are. */
export async function changeMails(db: Database, actor: MailboxUser, changes: MailChange[]): Promise<void> {
  const { organizationId, user } = actor;
  await db.transact(async (tx) => {
    const people = await lockPeopleOfJunk(tx, actor, changes);
    const filed = changes.flatMap(({ mailId, filed: personIds = [] }) =>
      personIds.map((personId) => ({ mailId, personId })),
    );
    if (filed.length > 0)
      await lockMailPoints(
        tx,
        organizationId,
        filed.map(({ personId }) => personId),
      );
    const mails = await tx.query<{ id: string; direction: 'in' | 'out' }>(
      `select id, direction from mails where organization_id = $1 and user_id = $2 and id = any($3::uuid[]) and state in ('received', 'sent')
       order by id for update`,
      [organizationId, user.id, changes.map(({ mailId }) => mailId)],
    );
    const directions = new Map(mails.map(({ id, direction }) => [id, direction]));
    const home = { in: 'inbox', out: 'sent' } as const;
    await writeMailChanges(
      tx,
      actor,
      changes.flatMap((change) => {
        const direction = directions.get(change.mailId);
        if (!direction) return [];
        return change.folder === 'inbox' || change.folder === 'sent'
          ? [{ ...change, folder: home[direction] }]
          : [change];
      }),
    );
    await fileOutOfJunk(tx, actor, people);
    await fileBack(tx, actor, filed);
  });
}

/** Of mails that are locked. The user's server is told of what was read, unread or moved; what was read is read in conversations as well. */
export async function writeMailChanges(
  tx: Tx,
  { organizationId, user }: MailboxUser,
  changes: (Omit<MailChange, 'folder'> & { folder: MailFolder })[],
): Promise<void> {
  if (changes.length === 0) return;
  const now = await tx.now();
  const ids = changes.map(({ mailId }) => mailId);
  const turned = await tx.query<{ id: string; seen: boolean }>(
    `with changed as (
       update mails m set seen_at = case when c.seen then coalesce(m.seen_at, $6) end, folder = c.folder, updated_at = greatest($6, m.updated_at),
         moved_here = m.moved_here or c.folder <> m.folder and exists (
           select 1 from mailboxes b where b.organization_id = $1 and b.user_id = $2 and b.kind = 'imap')
           and (m.server_folder is not null or exists (select 1 from mailbox_items i where i.organization_id = $1 and i.mail_id = m.id))
       from unnest($3::uuid[], $4::boolean[], $5::mail_folder[]) as c(id, seen, folder)
         join mails o on o.organization_id = $1 and o.id = c.id
       where m.organization_id = $1 and m.user_id = $2 and m.id = c.id
       returning m.id, c.seen, o.seen_at is not null as before)
     select id, seen from changed where seen <> before`,
    [organizationId, user.id, ids, changes.map(({ seen }) => seen), changes.map(({ folder }) => folder), now],
  );
  await tellMailbox(tx, { organizationId, userId: user.id }, ids);
  await readInConversations(tx, { organizationId, userId: user.id }, turned);
}
