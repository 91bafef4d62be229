import type { SettledFolder } from '../../domain/mail-folders';
import { lockConversations } from '../conversations/conversation-store';
import type { Tx } from '../database';
import { fileMail, lockPeopleOfMails, withdraw, type FiledMail, type MailPerson } from './file-mail';
import type { MailboxUser } from './mailbox-read';

const isJunk = (folder: SettledFolder | undefined): boolean => folder === 'junk' || folder === 'trash';

export type JunkPeople = Map<string, MailPerson[]>;

/**
 * Whose the mails are that may leave junk and waste now; their contact points are locked, which comes before the mails in the order of locks. Of
 * those that go anywhere else nobody's.
 */
export async function lockPeopleOfJunk(
  tx: Tx,
  { organizationId, user }: MailboxUser,
  moves: { mailId: string; folder: SettledFolder | undefined }[],
): Promise<JunkPeople> {
  const leaving = moves.filter(({ folder }) => folder !== undefined && !isJunk(folder));
  if (leaving.length === 0) return new Map();
  const mails = await tx.query<{ id: string; addresses: string[] }>(
    `select id, case direction when 'in' then array[from_address]
       else array(select a ->> 'address' from jsonb_array_elements("to" || cc) a) end as addresses
     from mails where organization_id = $1 and user_id = $2 and id = any($3::uuid[]) and folder in ('junk', 'trash')`,
    [organizationId, user.id, leaving.map(({ mailId }) => mailId)],
  );
  const people = await lockPeopleOfMails(
    tx,
    organizationId,
    mails.map(({ addresses }) => addresses),
  );
  return new Map(mails.map(({ id }, index) => [id, people[index]!]));
}

/**
 * R-BOX-5: what has left junk or waste goes into files like mail that comes. Whoever it was filed under before it went there is left as it is.
 * Of a private one nobody is told: its user has just moved it. Returns whom each was filed under, with which `fileBack` undoes it.
 */
export async function fileOutOfJunk(
  tx: Tx,
  { organizationId, user }: MailboxUser,
  people: JunkPeople,
): Promise<Map<string, string[]>> {
  const filedNow = new Map<string, string[]>();
  if (people.size === 0) return filedNow;
  const mails = await tx.query<
    FiledMail & {
      id: string;
      direction: 'in' | 'out';
      private: boolean;
      imported: boolean;
      filedUnder: string[];
    }
  >(
    `select w.id, w.direction, w.private, w.message_id_header as "messageId", w.content_hash as "contentHash", w.in_reply_to as "inReplyTo",
       w."references", w.subject, w.text, w.occurred_at as date, w.quiet,
       w.server_folder is not null and coalesce(w.occurred_at < b.connected_at, false) as imported,
       array(select f.person_id::text from mail_filings f where f.organization_id = w.organization_id and f.mail_id = w.id) as "filedUnder"
     from mails w left join mailboxes b on b.organization_id = w.organization_id and b.user_id = w.user_id
     where w.organization_id = $1 and w.user_id = $2 and w.id = any($3::uuid[]) and w.folder not in ('junk', 'trash')
     order by w.occurred_at, w.id`,
    [organizationId, user.id, [...people.keys()]],
  );
  const conversationIds = [
    ...new Set([...people.values()].flat().map(({ conversationId }) => conversationId)),
  ];
  if (conversationIds.length > 1) await lockConversations(tx, { organizationId, conversationIds });
  for (const { id: mailId, direction, imported, filedUnder, ...mail } of mails) {
    const known = people.get(mailId)!.filter(({ personId }) => !filedUnder.includes(personId));
    const isPrivate = mail.private || known.some(({ confidential }) => confidential);
    if (isPrivate && !mail.private)
      await tx.query('update mails set private = true where organization_id = $1 and id = $2', [
        organizationId,
        mailId,
      ]);
    const filed = { organizationId, mailId, direction, userId: user.id, imported, private: isPrivate };
    if (known.length > 0 || isPrivate) await fileMail(tx, filed, mail, known);
    filedNow.set(
      mailId,
      known.map(({ personId }) => personId),
    );
  }
  return filedNow;
}

/**
 * Taking mails out of junk is undone: what that has put into files is taken out of them. Of mails that are locked, as are the contact points of
 * those people. What stood there before, or by hand, or because of another's copy, stays.
 */
export async function fileBack(
  tx: Tx,
  { organizationId, user }: MailboxUser,
  filed: { mailId: string; personId: string }[],
): Promise<void> {
  if (filed.length === 0) return;
  const gone = await tx.query<{ messageId: string | null }>(
    `delete from mail_filings f using unnest($3::uuid[], $4::uuid[]) as u(mail_id, person_id), mails w
     where f.organization_id = $1 and f.mail_id = u.mail_id and f.person_id = u.person_id and not f.by_hand
       and w.organization_id = $1 and w.user_id = $2 and w.id = u.mail_id and w.folder in ('junk', 'trash')
       and (f.message_id is null
         or exists (select 1 from messages m where m.organization_id = $1 and m.id = f.message_id and m.created_at > w.created_at)
         or exists (select 1 from mail_filings o where o.organization_id = $1 and o.message_id = f.message_id and o.mail_id <> f.mail_id))
     returning f.message_id as "messageId"`,
    [organizationId, user.id, filed.map(({ mailId }) => mailId), filed.map(({ personId }) => personId)],
  );
  const messageIds = gone.flatMap(({ messageId }) => (messageId === null ? [] : [messageId]));
  const shared = await tx.query<{ messageId: string }>(
    'select message_id as "messageId" from mail_filings where organization_id = $1 and message_id = any($2::uuid[])',
    [organizationId, messageIds],
  );
  const kept = new Set(shared.map(({ messageId }) => messageId));
  await withdraw(
    tx,
    organizationId,
    messageIds.filter((id) => !kept.has(id)),
  );
}
