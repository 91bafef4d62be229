import { z } from 'zod';
import type { ParsedMail } from '../../channels/email/parse-mail';
import type { PrivateMail } from '../../contracts/confidential';
import { decodeCursor, toPage, type Page } from '../page';
import { isoSql, type Queryable } from '../sql';
import type { Tx } from '../database';
import { pastOf } from '../inbound/store-inbound';
import { notify } from '../notify';
import type { MailUser } from './confidential';
import type { MailPerson } from './file-mail';
import { writtenAt } from './store-mail';

const position = z.tuple([z.iso.datetime(), z.uuid()]);

/** R-CONF-1: what the user has with a person privately, newest first; nobody else's. */
export async function listPrivateMails(
  db: Queryable,
  { organizationId, user }: MailUser,
  personId: string,
  query: { cursor?: string | undefined; limit: number },
): Promise<Page<PrivateMail>> {
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor, position);
  const rows = await db.query<PrivateMail>(
    `select w.id, w.direction, jsonb_build_object('name', w.from_name, 'address', w.from_address) as "from", w."to", w.subject, w.text,
       (select coalesce(jsonb_agg(jsonb_build_object('id', f.id, 'filename', coalesce(f.filename, 'attachment'), 'mimeType', f.mime_type,
           'size', coalesce(f.size, 0), 'url', '/api/v1/media/' || f.id) order by f.id), '[]')
         from media f where f.organization_id = w.organization_id and f.mail_id = w.id and f.state = 'stored') as attachments,
       ${isoSql('w.occurred_at')} as "occurredAt"
     from mail_filings mf join mails w on w.organization_id = mf.organization_id and w.id = mf.mail_id
     where mf.organization_id = $1 and mf.person_id = $2 and w.user_id = $3 and w.private and w.state in ('received', 'sent')
       and ($4::timestamptz is null or (w.occurred_at, w.id) < ($4::timestamptz, $5::uuid))
     order by w.occurred_at desc, w.id desc limit $6`,
    [organizationId, personId, user.id, after?.[0] ?? null, after?.[1] ?? null, query.limit + 1],
  );
  return toPage(
    rows,
    query.limit,
    (row) => row,
    (row) => [row.occurredAt, row.id],
  );
}

/**
 * R-CONF-1: a confidential mail from somebody who is known is told of as a message of theirs would be (R-LOG-4), but to its user alone. What it
 * says is in none of it.
 */
export async function notifyPrivately(
  tx: Tx,
  { organizationId, userId, mailId, ...when }: PrivateArrival,
  mail: Pick<ParsedMail, 'date' | 'quiet'>,
  [person]: MailPerson[],
): Promise<void> {
  const now = await tx.now();
  const past = pastOf({ channel: 'email', ...when, at: writtenAt(mail, now), now }) !== null;
  if (!person || mail.quiet || past) return;
  const { personId, conversationId } = person;
  const data = { mailId };
  await notify(tx, organizationId, {
    userIds: [userId],
    kind: 'privateMail',
    personId,
    conversationId,
    data,
    at: now,
  });
}

type PrivateArrival = {
  organizationId: string;
  userId: string;
  mailId: string;
  arrived?: boolean | undefined;
  imported?: boolean | undefined;
};

/** Of a row `n` of `notifications`: when it was seen, which the mail that it tells of has been as well. */
export const notificationSeenSql = `coalesce(n.seen_at, (select w.seen_at from mails w
  where n.kind = 'privateMail' and w.organization_id = n.organization_id and w.user_id = n.user_id and w.id = (n.data ->> 'mailId')::uuid))`;
