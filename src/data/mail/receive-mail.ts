import type { ParsedMail } from '../../channels/email/parse-mail';
import type { Database, Tx } from '../database';
import { settleByCopy } from './dispatch-mail';
import { fileMail, lockPeopleByEmail, type MailPerson } from './file-mail';
import { answeredBy, storeMail, type MailFolder, type StoredMail } from './store-mail';

/** The place in a user's mailbox that a mail came to: their system address (the inbox), or a folder that was fetched. */
export type MailboxPlace = {
  organizationId: string;
  userId: string;
  folder: MailFolder;
  seen?: boolean;
  /** It was there already when the mailbox was connected. */
  imported?: boolean;
};

/**
 * A mail of a user's mailbox, in one transaction and once however often it comes (R-BOX-6): mail from and to people who are known goes into
 * their files (R-BOX-5), unless it is private (R-CONF); all other stays with the user alone. When this returns it is kept.
 */
export async function receiveForUser(
  db: Database,
  place: MailboxPlace,
  mail: ParsedMail,
  raw: Buffer,
): Promise<StoredMail> {
  return db.transact((tx) => receiveForUserIn(tx, place, mail, raw));
}

/** The same within a transaction, which can then write down along with it where the mail stands on the server. */
export async function receiveForUserIn(
  tx: Tx,
  place: MailboxPlace,
  mail: ParsedMail,
  raw: Buffer,
): Promise<StoredMail> {
  const { organizationId, userId } = place;
  const direction = place.folder === 'sent' ? 'out' : 'in';
  const others = direction === 'in' ? [mail.from] : [...mail.to, ...mail.cc];
  const people = await lockPeopleByEmail(
    tx,
    organizationId,
    others.map(({ address }) => address),
  );
  const isPrivate = await isPrivateMail(tx, place, direction, mail, people);
  const settled = direction === 'out' ? await settleByCopy(tx, place, mail, raw) : undefined;
  const stored =
    settled ??
    (await storeMail(
      tx,
      {
        ...place,
        direction,
        state: direction === 'in' ? 'received' : 'sent',
        private: isPrivate,
        seen: place.seen ?? direction === 'out',
      },
      mail,
      raw,
    ));
  const leftJunk = stored.known ? await takeOutOfJunk(tx, place, stored.mailId) : undefined;
  if (stored.known && !leftJunk) return stored;
  const filed = {
    organizationId,
    mailId: stored.mailId,
    direction,
    userId,
    private: leftJunk?.private ?? isPrivate,
    imported: place.imported,
  } as const;
  if (place.folder !== 'junk' && place.folder !== 'trash') await fileMail(tx, filed, mail, people);
  return stored;
}

/** What the user has taken out of the junk or the waste on their server is mail like any other. */
async function takeOutOfJunk(
  tx: Tx,
  { organizationId, folder }: MailboxPlace,
  mailId: string,
): Promise<{ private: boolean } | undefined> {
  if (folder === 'junk' || folder === 'trash') return undefined;
  const [taken] = await tx.query<{ private: boolean }>(
    `update mails set server_folder = case when server_folder is not null then target.folder end, folder = target.folder, updated_at = $4
     from (select case when direction = 'out' then 'sent' when $3 = 'sent' then 'inbox' else $3::mail_folder end as folder
       from mails where organization_id = $1 and id = $2) target
     where organization_id = $1 and id = $2 and mails.folder in ('junk', 'trash') and coalesce(server_folder, 'junk') in ('junk', 'trash')
     returning private`,
    [organizationId, mailId, folder, await tx.now()],
  );
  return taken;
}

/**
 * R-CONF-2, R-CONF-3: by its subject, because the nearest mail that it answers is private, because of the person, or because the user's mail is
 * so by default. One that the user has sent privately comes back from their server as private.
 */
export async function isPrivateMail(
  tx: Tx,
  { organizationId, userId }: { organizationId: string; userId: string | null },
  direction: 'in' | 'out',
  mail: ParsedMail,
  people: Pick<MailPerson, 'confidential'>[],
): Promise<boolean> {
  if (direction === 'in' && /confidential/i.test(mail.subject)) return true;
  if (people.some(({ confidential }) => confidential)) return true;
  const [row] = await tx.query<{ private: boolean }>(
    `with kept as (
       select user_id, message_id_header, private from mails where organization_id = $1 and message_id_header = any($3::text[] || $5::text)
       union all select user_id, message_id_header, private from deleted_mails where organization_id = $1 and message_id_header = any($3::text[] || $5::text))
     select coalesce((select private from kept where message_id_header = any($3::text[])
         order by array_position($3::text[], message_id_header), private desc limit 1), false)
       or exists (select 1 from kept where private and user_id = $2 and message_id_header = $5)
       or coalesce((select case when $4 = 'in' then incoming_confidential else outgoing_confidential end
         from mailboxes where organization_id = $1 and user_id = $2), false) as private`,
    [organizationId, userId, answeredBy(mail), direction, mail.messageId],
  );
  return row!.private;
}
