import type { Role } from '../../contracts/common';
import { maySend } from '../../domain/permissions';
import type { Database } from '../database';
import { fullNameSql, isAttachmentSql } from '../sql';
import { mailDomainSql } from './mail-domain';
import type { ReplyParty, ReplyThread } from './reply-addresses';

type Notice = { organizationId: string; id: string; address: string };

/** A candidate's message that a notification address hears of (R-MAIL-2). */
export type MessageNotice = Notice &
  ReplyThread & {
    messageId: string;
    organization: string;
    /** Null: no answer could be received. */
    mailDomain: string | null;
    personName: string;
    vacancyTitle: string;
    channel: 'email' | 'page';
    title: string | null;
    text: string;
    attachments: number;
    /** Who answers by the notice; null: their role does not let them. */
    party: ReplyParty | null;
  };

/** The answer of a user or a notification address that was not passed on. */
export type RefusedReply = Notice & {
  mailId: string;
  conversationId: string;
  organization: string;
  /** As `refusalSentence` knows it. */
  reason: string;
  subject: string;
  text: string;
  messageIdHeader: string;
};

/** What no mail server has taken by then is not tried any more. */
const triedForMs = 3 * 86_400_000;

/** The newest of each address go first: one whose server is away holds up nobody. */
const dueSql = (kind: 'message_id' | 'mail_id'): string => `(
  select * from (
    select *, row_number() over (partition by organization_id, address order by created_at desc) as place
    from message_notices where mailed_at is null and created_at > $1 and ${kind} is not null) due
  order by place, created_at desc limit 100)`;

const textAtMost = 20_000;

export async function messageNoticesToMail(
  db: Database,
  installationDomain: string | null,
): Promise<MessageNotice[]> {
  const since = new Date((await db.now()).getTime() - triedForMs);
  const rows = await db.query<
    Omit<MessageNotice, 'party'> & { userId: string | null; role: Role | null; assigned: boolean }
  >(
    `select n.organization_id as "organizationId", n.id, n.message_id as "messageId", n.address, m.conversation_id as "conversationId",
       m.application_id as "applicationId", o.name as organization, ${mailDomainSql('o', '$2')} as "mailDomain",
       ${fullNameSql('p')} as "personName", v.title as "vacancyTitle", m.channel, m.title, left(coalesce(m.body, ''), ${textAtMost}) as text,
       (select count(*)::int from media f where f.organization_id = m.organization_id and (f.message_id = m.id
         or f.mail_id = w.id and ${isAttachmentSql('f', 'w')})) as attachments,
       n.user_id as "userId", u.role,
       exists (select 1 from vacancy_users vu where vu.organization_id = n.organization_id and vu.vacancy_id = v.id and vu.user_id = n.user_id)
         as assigned
     from ${dueSql('message_id')} n
     join organizations o on o.id = n.organization_id
     join messages m on m.organization_id = n.organization_id and m.id = n.message_id
     join conversations c on c.organization_id = m.organization_id and c.id = m.conversation_id
     join people p on p.organization_id = c.organization_id and p.id = c.person_id and p.erased_at is null
     join applications a on a.organization_id = m.organization_id and a.id = m.application_id
     join vacancies v on v.organization_id = a.organization_id and v.id = a.vacancy_id
     left join mails w on w.organization_id = m.organization_id and w.id = (m.content ->> 'mailId')::uuid
     left join users u on u.organization_id = n.organization_id and u.id = n.user_id and u.deactivated_at is null
     where n.user_id is null or u.id is not null
     order by n.created_at, n.address`,
    [since, installationDomain],
  );
  return rows.map(({ userId, role, assigned, ...notice }) => ({
    ...notice,
    party: partyOf(notice.address, userId, role, assigned),
  }));
}

/** R-ROLE-1: by the same rule as in the app, where the vacancy's tray is what an Interviewer writes from. */
function partyOf(
  address: string,
  userId: string | null,
  role: Role | null,
  assigned: boolean,
): ReplyParty | null {
  if (userId === null) return { party: 'address', address };
  const user = { id: userId, name: '', role: role!, accessToOwnBase: false };
  return maySend(user, { fromTray: assigned, ownsChat: false }) ? { party: 'user', userId } : null;
}

export async function refusedRepliesToMail(db: Database): Promise<RefusedReply[]> {
  const since = new Date((await db.now()).getTime() - triedForMs);
  return db.query<RefusedReply>(
    `select n.organization_id as "organizationId", n.id, n.mail_id as "mailId", n.address, c.id as "conversationId",
       o.name as organization, w.held_reason as reason, w.subject, left(w.text, ${textAtMost}) as text,
       w.message_id_header as "messageIdHeader"
     from ${dueSql('mail_id')} n
     join organizations o on o.id = n.organization_id
     join mails w on w.organization_id = n.organization_id and w.id = n.mail_id and w.held_reason is not null
     join mail_filings f on f.organization_id = w.organization_id and f.mail_id = w.id
     join conversations c on c.organization_id = f.organization_id and c.person_id = f.person_id
     order by n.created_at`,
    [since],
  );
}

export async function noteNoticeMailed(db: Database, { organizationId, id }: Notice): Promise<void> {
  await db.query('update message_notices set mailed_at = $3 where organization_id = $1 and id = $2', [
    organizationId,
    id,
    await db.now(),
  ]);
}
