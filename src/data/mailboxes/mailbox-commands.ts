import type { MailFolder } from '../../contracts/mails';
import { DomainError, notFound } from '../../domain/errors';
import type { Database } from '../database';
import { resolveReference } from '../visibility';
import { writeMailChanges } from '../mail/mail-changes';
import { noticeMailbox } from '../mail/mailbox-signals';
import { fileMail, lockMailPoints, withdraw, type FiledMail, type MailPerson } from '../mail/file-mail';
import type { MailboxUser } from '../mail/mailbox-read';
import { fileOutOfJunk, lockPeopleOfJunk } from '../mail/take-out-of-junk';

/**
 * Marks a mail of the user's as read or unread, or moves it. A mail in the waste stays in the files it is in; one that came as junk gets into
 * them when it is taken out.
 */
export async function changeMail(
  db: Database,
  actor: MailboxUser,
  mailId: string,
  { seen, folder }: { seen?: boolean | undefined; folder?: Exclude<MailFolder, 'drafts'> | undefined },
): Promise<void> {
  const { organizationId, user } = actor;
  await db.transact(async (tx) => {
    const people = await lockPeopleOfJunk(tx, actor, [{ mailId, folder }]);
    const [mail] = await tx.query<{
      state: string;
      direction: 'in' | 'out';
      seen: boolean;
      folder: MailFolder;
    }>(
      `select state, direction, seen_at is not null as seen, folder from mails
       where organization_id = $1 and user_id = $2 and id = $3 for update`,
      [organizationId, user.id, mailId],
    );
    if (!mail) throw notFound('mail');
    if (folder !== undefined) {
      if (mail.state !== 'received' && mail.state !== 'sent')
        throw new DomainError('conflict', 'This mail was not sent yet: discard it, or send it.');
      if (folder === 'inbox' ? mail.direction === 'out' : folder === 'sent' && mail.direction === 'in')
        throw new DomainError(
          'conflict',
          'What you have sent goes back to Sent, all other mail to the Inbox.',
        );
    }
    const after = { mailId, seen: seen ?? mail.seen, folder: folder ?? mail.folder };
    await writeMailChanges(tx, actor, [after]);
    await fileOutOfJunk(tx, actor, people);
  });
}

/** R-BOX-5: puts a mail into the file of a person by hand. A private one is noted there for its user alone. It is news to nobody. */
export async function fileByHand(
  db: Database,
  actor: MailboxUser,
  mailId: string,
  personId: string,
): Promise<void> {
  const { organizationId, user } = actor;
  await db.transact(async (tx) => {
    const id = await resolveReference(tx, actor, 'person', personId);
    await lockMailPoints(tx, organizationId, [id]);
    const [mail] = await tx.query<
      FiledMail & {
        direction: 'in' | 'out';
        state: string;
        private: boolean;
        addresses: string[];
        filed: boolean;
      }
    >(
      `select w.direction, w.state, w.private, w.message_id_header as "messageId", w.content_hash as "contentHash", w.in_reply_to as "inReplyTo",
         w."references", w.subject, w.text, w.occurred_at as date, w.from_address
           || array(select a ->> 'address' from jsonb_array_elements(w."to" || w.cc || w.bcc) a) as addresses,
         exists (select 1 from mail_filings f where f.organization_id = w.organization_id and f.mail_id = w.id and f.person_id = $4) as filed
       from mails w where w.organization_id = $1 and w.user_id = $2 and w.id = $3 for update`,
      [organizationId, user.id, mailId, id],
    );
    if (!mail) throw notFound('mail');
    if (mail.state !== 'received' && mail.state !== 'sent')
      throw new DomainError('conflict', 'Only mail that came, or was sent, can be filed.');
    if (mail.filed) return;
    const [person] = await tx.query<MailPerson>(
      `select p.id as "personId", c.id as "conversationId", p.confidential, (
         select cp.id from contact_points cp where cp.organization_id = p.organization_id and cp.person_id = p.id and cp.kind = 'email'
         order by cp.key = any($3) desc, cp.position, cp.id limit 1) as "contactPointId"
       from people p join conversations c on c.organization_id = p.organization_id and c.person_id = p.id
       where p.organization_id = $1 and p.id = $2 and p.erased_at is null for no key update of p`,
      [organizationId, id, mail.addresses],
    );
    if (!person) throw notFound('person');
    const isPrivate = mail.private || person.confidential;
    // R-CONF-3: all mail of a confidential person is
    if (isPrivate && !mail.private)
      await tx.query('update mails set private = true where organization_id = $1 and id = $2', [
        organizationId,
        mailId,
      ]);
    const filed = {
      organizationId,
      mailId,
      direction: mail.direction,
      userId: user.id,
      private: isPrivate,
      byHand: true,
    };
    await fileMail(tx, filed, { ...mail, quiet: true }, [person]);
    noticeMailbox(tx, organizationId, user.id);
  });
}

/**
 * Takes a mail out of a file that it was put into by hand. Where its addresses put it there it stays: they are the person's.
 * What stands there because of another's copy stays as well.
 */
export async function unfile(
  db: Database,
  { organizationId, user }: MailboxUser,
  mailId: string,
  personId: string,
): Promise<void> {
  await db.transact(async (tx) => {
    await lockMailPoints(tx, organizationId, [personId]);
    const [mail] = await tx.query(
      'select 1 from mails where organization_id = $1 and user_id = $2 and id = $3 for update',
      [organizationId, user.id, mailId],
    );
    if (!mail) throw notFound('mail');
    const [filing] = await tx.query<{ messageId: string | null; byHand: boolean }>(
      `select message_id as "messageId", by_hand as "byHand" from mail_filings where organization_id = $1 and mail_id = $2 and person_id = $3`,
      [organizationId, mailId, personId],
    );
    if (!filing) return;
    if (!filing.byHand)
      throw new DomainError(
        'conflict',
        'It is in this file by its address. Correct the address in the file if it is wrong.',
      );
    await tx.query(
      'delete from mail_filings where organization_id = $1 and mail_id = $2 and person_id = $3',
      [organizationId, mailId, personId],
    );
    noticeMailbox(tx, organizationId, user.id);
    if (filing.messageId === null) return;
    const others = await tx.query(
      'select 1 from mail_filings where organization_id = $1 and message_id = $2 limit 1',
      [organizationId, filing.messageId],
    );
    if (others.length === 0) await withdraw(tx, organizationId, [filing.messageId]);
  });
}
