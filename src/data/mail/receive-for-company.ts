import type { ParsedMail } from '../../channels/email/parse-mail';
import type { Database } from '../database';
import { lastApplicationSql } from '../inbound/store-inbound';
import { administratorIds } from '../organization/administrators';
import { idsIn } from './message-ids';
import { receiveForUser } from './receive-mail';
import { privatelyFor, receiveReply, type ReplyContext } from './receive-reply';
import type { ReplyAddressRow } from './reply-addresses';
import { answeredBy } from './store-mail';

/**
 * A mail to the address that the company writes by, from programs that ignore Reply-To: it belongs to the thread of ours that it answers; else, of a known
 * sender, to their conversation, under the application of what was last written to them (R-MAIL-5). Nobody else's thread is guessed: all other waits in
 * the mailboxes of the Administrators, and can be filed there (R-BOX-5). When this returns it is kept.
 */
export async function receiveForCompany(
  db: Database,
  context: ReplyContext,
  organizationId: string,
  mail: ParsedMail,
  raw: Buffer,
): Promise<void> {
  // What bounces goes to the reply address: a report that comes here proves nothing.
  const to = mail.bounce ? undefined : await threadOf(db, organizationId, mail);
  if (to) return void (await receiveReply(db, context, to, mail, raw));
  // R-CONF-2: a confidential one is one user's
  const userId = await db.transact((tx) =>
    privatelyFor(tx, { organizationId, conversationId: null }, mail, []),
  );
  // Each keeps it once: when one fails and the sender comes again, the others know it.
  const userIds = userId === null ? await administratorIds(db, organizationId) : [userId];
  if (userIds.length === 0) throw new Error('the organization has no Administrator');
  for (const each of userIds)
    await receiveForUser(db, { organizationId, userId: each, folder: 'inbox' }, mail, raw);
}

type Thread = Pick<ReplyAddressRow, 'conversationId' | 'applicationId' | 'personId'>;

async function threadOf(
  db: Database,
  organizationId: string,
  mail: ParsedMail,
): Promise<ReplyAddressRow | undefined> {
  const answered = idsIn(answeredBy(mail));
  const [thread] =
    answered.length === 0
      ? []
      : await db.query<Thread>(
          `select c.id as "conversationId", c.person_id as "personId", m.application_id as "applicationId" from messages m
           join conversations was on was.organization_id = m.organization_id and was.id = m.conversation_id
           join conversations c on c.organization_id = m.organization_id and c.id = coalesce(was.merged_into_id, was.id)
           join people p on p.organization_id = c.organization_id and p.id = c.person_id and p.erased_at is null
           where m.organization_id = $1 and m.id = any($2::uuid[]) and m.direction = 'out'
           order by array_position($2::uuid[], m.id) limit 1`,
          [organizationId, answered],
        );
  const [known] = thread
    ? [thread]
    : await db.query<Thread>(
        `select c.id as "conversationId", c.person_id as "personId", ${lastApplicationSql('c')} as "applicationId"
         from contact_points cp
         join conversations c on c.organization_id = cp.organization_id and c.person_id = cp.person_id and c.merged_into_id is null
         where cp.organization_id = $1 and cp.kind = 'email' and cp.key = $2`,
        [organizationId, mail.from.address],
      );
  return known && { ...known, organizationId, party: 'person' };
}
