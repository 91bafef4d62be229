import { hideKeys } from '../../domain/mail-keys';
import type { ConversationIds } from '../conversations/conversation-store';
import type { Database } from '../database';
import type { Copies } from '../../contracts/messages';
import { mailOfMessage } from './confidential';
import { fileMail, lockPeopleByEmail } from './file-mail';

/**
 * R-BOX-5: an e-mail from a conversation, of which known people got a copy, is in their files as well. It becomes a mail of nobody's, by which
 * all its messages go together should it be made private. A second time changes nothing.
 */
export async function fileCopies(
  db: Database,
  { organizationId, conversationId }: ConversationIds,
  messageId: string,
  { cc, bcc }: Copies,
): Promise<void> {
  await db.transact(async (tx) => {
    const [about] = await tx.query<{ personId: string }>(
      'select person_id as "personId" from conversations where organization_id = $1 and id = $2 and erased_at is null',
      [organizationId, conversationId],
    );
    if (!about) return;
    const addresses = [...cc, ...bcc].map(({ address }) => address);
    const known = await lockPeopleByEmail(tx, organizationId, addresses, about.personId);
    const keys = await tx.query<{ personId: string }>(
      `select distinct person_id as "personId" from contact_points where organization_id = $1 and kind = 'email' and key = any($2)`,
      [organizationId, addresses],
    );
    const people = known.filter(
      ({ personId }) => personId !== about.personId && keys.some((one) => one.personId === personId),
    );
    if (people.length === 0) return;
    const [message] = await tx.query<{ userId: string | null; subject: string; text: string; date: Date }>(
      `select m.sender_user_id as "userId", coalesce(m.title, '') as subject, coalesce(m.body, '') as text, m.sent_at as date from messages m
       where m.organization_id = $1 and m.id = $2 and m.state in ('sent', 'delivered', 'read')
         and not exists (select 1 from mail_filings f where f.organization_id = m.organization_id and f.message_id = m.id)`,
      [organizationId, messageId],
    );
    if (!message) return;
    const mailId = await mailOfMessage(tx, organizationId, null, messageId);
    const [mail] = await tx.query<{ messageId: string; contentHash: string }>(
      `update mails set text = $3 where organization_id = $1 and id = $2
       returning message_id_header as "messageId", content_hash as "contentHash"`,
      [organizationId, mailId, hideKeys(message.text)],
    );
    const { userId, ...said } = message;
    await fileMail(
      tx,
      { organizationId, mailId, direction: 'out', userId, private: false },
      { ...mail!, ...said, text: hideKeys(said.text), inReplyTo: null, references: [], quiet: false },
      people,
    );
  });
}
