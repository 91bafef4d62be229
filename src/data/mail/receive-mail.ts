import type { ParsedMail } from '../../channels/email/parse-mail';
import type { Database, Tx } from '../database';
import { settleByCopy } from './dispatch-mail';
import { lockConversations } from '../conversations/conversation-store';
import { fileMail, lockPeopleOfMails, type MailPerson } from './file-mail';
import { notifyPrivately } from './private-mails';
import { answeredBy, storeMails, type MailFolder, type StoredMail } from './store-mail';

/** The place in a user's mailbox that a mail came to: their system address (the inbox), or a folder that was fetched. */
export type MailboxPlace = {
  organizationId: string;
  userId: string;
  folder: MailFolder;
  fromServer?: boolean;
};

type ReceivedMail = {
  mail: ParsedMail;
  raw: Buffer;
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
  const [stored] = await db.transact((tx) => receiveAllIn(tx, place, [{ mail, raw }]));
  return stored!;
}

/** Mails of one place, within a transaction, which can then write down along with them where they stand on the server; in their order. */
export async function receiveAllIn(
  tx: Tx,
  place: MailboxPlace,
  mails: readonly ReceivedMail[],
): Promise<StoredMail[]> {
  const { organizationId, userId, folder } = place;
  const direction: 'in' | 'out' = folder === 'sent' ? 'out' : 'in';
  const people = await lockPeopleOfMails(
    tx,
    organizationId,
    mails.map(({ mail }) =>
      (direction === 'in' ? [mail.from] : [...mail.to, ...mail.cc]).map(({ address }) => address),
    ),
  );
  // several mails lock what they are about in one order, as everywhere: contact points, then conversations
  const conversationIds = [...new Set(people.flat().map(({ conversationId }) => conversationId))];
  if (conversationIds.length > 1) await lockConversations(tx, { organizationId, conversationIds });
  const isPrivate = await findPrivacy(
    tx,
    { organizationId, userId },
    direction,
    mails.map(({ mail }) => mail),
  );
  const rows = mails.map((one, index) => ({
    ...one,
    private: isPrivate(one.mail, people[index]!),
    seen: one.seen ?? direction === 'out',
  }));
  const settled = direction === 'out' ? await settleByCopies(tx, { organizationId, userId }, mails) : [];
  const state = direction === 'in' ? 'received' : 'sent';
  const others = rows.filter((_, index) => !settled[index]);
  const stored = await storeMails(tx, { ...place, direction, state }, others);
  const all = rows.map((_, index) => settled[index] ?? stored.shift()!);
  if (folder === 'junk' || folder === 'trash') return all;
  for (const [index, { mail, imported, seen, private: isPrivateNow }] of rows.entries()) {
    const { mailId, known } = all[index]!;
    const leftJunk = known ? await takeOutOfJunk(tx, { organizationId, folder }, mailId) : undefined;
    if (known && !leftJunk) continue;
    const filed = {
      ...{ organizationId, mailId, direction, userId, imported },
      private: leftJunk?.private ?? isPrivateNow,
    };
    // also one that nobody known is in takes its other copies out, where it is private
    if (people[index]!.length > 0 || filed.private) await fileMail(tx, filed, mail, people[index]!);
    if (filed.private && direction === 'in' && !seen) await notifyPrivately(tx, filed, mail, people[index]!);
  }
  return all;
}

/** Those which are mails of Parley's of which nobody knew whether they had left. */
async function settleByCopies(
  tx: Tx,
  ids: { organizationId: string; userId: string },
  mails: readonly ReceivedMail[],
): Promise<(StoredMail | undefined)[]> {
  const unknown = await tx.query<{ messageId: string }>(
    `select message_id_header as "messageId" from mails
     where organization_id = $1 and user_id = $2 and message_id_header = any($3) and direction = 'out' and state = 'unknown'`,
    [ids.organizationId, ids.userId, mails.map(({ mail }) => mail.messageId)],
  );
  const messageIds = new Set(unknown.map(({ messageId }) => messageId));
  const settled: (StoredMail | undefined)[] = [];
  for (const { mail, raw } of mails)
    settled.push(messageIds.has(mail.messageId) ? await settleByCopy(tx, ids, mail, raw) : undefined);
  return settled;
}

/** What the user has taken out of the junk or the waste on their server is mail like any other. */
async function takeOutOfJunk(
  tx: Tx,
  { organizationId, folder }: Pick<MailboxPlace, 'organizationId' | 'folder'>,
  mailId: string,
): Promise<{ private: boolean } | undefined> {
  const [taken] = await tx.query<{ private: boolean }>(
    `update mails set server_folder = case when server_folder is not null then target.folder end, folder = target.folder, updated_at = $4
     from (select case when direction = 'out' then 'sent' when $3 = 'sent' then 'inbox' else $3::mail_folder end as folder
       from mails where organization_id = $1 and id = $2) target
     where organization_id = $1 and id = $2 and mails.folder in ('junk', 'trash') and coalesce(server_folder, 'junk') in ('junk', 'trash') and not moved_here
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
  place: { organizationId: string; userId: string | null },
  direction: 'in' | 'out',
  mail: ParsedMail,
  people: Pick<MailPerson, 'confidential'>[],
): Promise<boolean> {
  return (await findPrivacy(tx, place, direction, [mail]))(mail, people);
}

/** The same for several mails, of which one may answer another; to be asked in their order. */
async function findPrivacy(
  tx: Tx,
  { organizationId, userId }: { organizationId: string; userId: string | null },
  direction: 'in' | 'out',
  mails: readonly ParsedMail[],
): Promise<(mail: ParsedMail, people: Pick<MailPerson, 'confidential'>[]) => boolean> {
  const rows = await tx.query<{ messageId: string; private: boolean; own: boolean; hashes: string[] }>(
    `select message_id_header as "messageId", bool_or(private) as private, coalesce(bool_or(private and user_id = $2), false) as own,
       coalesce(array_agg(content_hash) filter (where user_id = $2), '{}') as hashes from (
       select message_id_header, content_hash, private, user_id from mails where organization_id = $1 and message_id_header = any($3)
       union all select message_id_header, content_hash, private, user_id from deleted_mails
         where organization_id = $1 and message_id_header = any($3)) kept
     group by message_id_header`,
    [organizationId, userId, mails.flatMap((mail) => [mail.messageId, ...answeredBy(mail)])],
  );
  const [usual] = await tx.query<{ private: boolean }>(
    `select case when $3 = 'in' then incoming_confidential else outgoing_confidential end as private
     from mailboxes where organization_id = $1 and user_id = $2`,
    [organizationId, userId, direction],
  );
  const kept = new Map(rows.map(({ messageId, ...known }) => [messageId, known]));
  return (mail, people) => {
    const nearest = answeredBy(mail).find((messageId) => kept.has(messageId));
    const before = kept.get(mail.messageId);
    const isPrivate =
      (direction === 'in' && /confidential/i.test(mail.subject)) ||
      people.some(({ confidential }) => confidential) ||
      (nearest !== undefined && kept.get(nearest)!.private) ||
      (before?.own ?? false) ||
      (usual?.private ?? false);
    const hashes = before?.hashes ?? [];
    // one that is there already stays as its user has made it
    if (!hashes.includes(mail.contentHash))
      kept.set(mail.messageId, {
        private: isPrivate || (before?.private ?? false),
        own: isPrivate || (before?.own ?? false),
        hashes,
      });
    return isPrivate;
  };
}
