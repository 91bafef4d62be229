import { notFound } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import { hideKeys } from '../../domain/mail-keys';
import type { Queryable } from '../sql';
import { visiblePerson } from '../visibility';

/** Together they are put into the page: more would keep a browser busy. */
const inlineBytesAtMost = 10 * 1024 * 1024;

type InlinePicture = { contentId: string; mimeType: string; bytes: Buffer };

/**
 * The sanitised HTML of a message's mail, with the pictures that came along in it.
 *
 * @throws DomainError `not_found`, also where the mail has text alone
 */
export async function readMailHtml(
  db: Queryable,
  actor: Actor,
  messageId: string,
): Promise<{ html: string; subject: string; pictures: InlinePicture[] }> {
  const [mail] = await db.query<{ id: string; html: string; subject: string }>(
    `select w.id, w.html, w.subject ${mailOf(actor)} and w.html is not null`,
    [actor.organizationId, messageId],
  );
  if (!mail) throw notFound('mail');
  const pictures = await db.query<InlinePicture>(
    `select content_id as "contentId", mime_type as "mimeType", bytes from (
       select *, sum(size) over (order by id) as total from media
       where organization_id = $1 and mail_id = $2 and content_id is not null
         and mime_type in ('image/png', 'image/jpeg', 'image/gif', 'image/webp')) inline
     where total <= $3`,
    [actor.organizationId, mail.id, inlineBytesAtMost],
  );
  return { html: mail.html, subject: mail.subject, pictures };
}

/** The mail of a message as it came, but for what lets people answer. */
export async function readMailRaw(
  db: Queryable,
  actor: Actor,
  messageId: string,
): Promise<{ bytes: Buffer; subject: string }> {
  const [mail] = await db.query<{ bytes: Buffer; subject: string }>(
    `select raw.bytes, w.subject ${mailOf(actor, 'join mail_raws raw on raw.organization_id = w.organization_id and raw.mail_id = w.id')}`,
    [actor.organizationId, messageId],
  );
  if (!mail) throw notFound('mail');
  return { ...mail, bytes: Buffer.from(hideKeys(mail.bytes.toString('latin1')), 'latin1') };
}

/** R-CONF-1: by a message of a conversation that the actor sees, which a private mail has not. */
const mailOf = (actor: Actor, more = ''): string =>
  `from messages m
   join conversations c on c.organization_id = m.organization_id and c.id = m.conversation_id
   join people p on p.organization_id = c.organization_id and p.id = c.person_id
   join mails w on w.organization_id = m.organization_id and w.id = (m.content ->> 'mailId')::uuid and not w.private
   ${more}
   where m.organization_id = $1 and m.id = $2 and ${visiblePerson(actor, 'p')}`;
