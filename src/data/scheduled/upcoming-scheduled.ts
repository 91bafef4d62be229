import type { UpcomingSend } from '../../contracts/actions';
import { unattendedReasonText } from '../../contracts/reasons';
import type { SendChannel } from '../../domain/eligibility';
import { mayCancelScheduled, type Actor } from '../../domain/permissions';
import type { Database } from '../database';
import { foretell, templateContentSql, type SendContent } from '../actions/foretell';
import { outgoingConfidentialSql } from '../messages/send-facts';
import { fullNameSql, isoSql } from '../sql';
import { scheduledFilesSql } from './scheduled-messages';
import { visibleApplication } from '../visibility';

type Row = Pick<
  UpcomingSend,
  | 'id'
  | 'applicationId'
  | 'vacancyId'
  | 'vacancyTitle'
  | 'stageName'
  | 'templateName'
  | 'text'
  | 'files'
  | 'copies'
  | 'by'
  | 'dueAt'
  | 'quiet'
> & {
  kind: 'scheduled' | 'fallback';
  personId: string;
  channels: SendChannel[];
  userId: string | null;
  /** A colleague owns the chat now (R-CHAT-3). */
  owned: boolean;
  /** What its author writes by e-mail is confidential by now (R-CONF-3). */
  confidential: boolean;
  content: SendContent;
};

/** What was scheduled for a person (or about one application), and what stands ready as a fallback, the soonest first. */
export async function listUpcomingScheduled(
  db: Database,
  { actor, dayMs }: { actor: Actor; dayMs: number },
  of: { personId: string } | { applicationId: string },
  limit: number,
): Promise<UpcomingSend[]> {
  const { organizationId } = actor;
  const byPerson = 'personId' in of;
  const now = await db.now();
  const rows = await db.query<Row>(
    `select s.id, case when s.after_message_id is null then 'scheduled' else 'fallback' end as kind, s.person_id as "personId",
       s.application_id as "applicationId", v.id as "vacancyId", v.title as "vacancyTitle", st.name as "stageName",
       case when s.fallback_channel = any(s.channels) or s.fallback_channel is null then s.channels
         else s.channels || s.fallback_channel end::text[] as channels,
       t.name as "templateName", s.body as text, ${scheduledFilesSql('s')} as files, s.copies, s.user_id as "userId",
       coalesce(s.origin = 'manual' and c.owner_id <> s.user_id and c.deadline_at > $3, false) as owned,
       ${outgoingConfidentialSql('s.organization_id', 's.user_id')} as confidential, ${fullNameSql('u')} as by, ${isoSql('s.due_at')} as "dueAt", s.quiet,
       jsonb_build_object('template', ${templateContentSql('t')}, 'title', s.title, 'body', s.body,
         'file', s.media_ids <> '{}', 'parameters', s.parameters) as content
     from scheduled_messages s
     join conversations c on c.organization_id = s.organization_id and c.person_id = s.person_id
     left join applications a on a.organization_id = s.organization_id and a.id = s.application_id
     left join vacancies v on v.organization_id = a.organization_id and v.id = a.vacancy_id
     left join stages st on st.organization_id = a.organization_id and st.id = a.stage_id
     left join templates t on t.organization_id = s.organization_id and t.id = s.template_id and t.removed_at is null
     left join users u on u.organization_id = s.organization_id and u.id = s.user_id
     where s.organization_id = $1 and ${byPerson ? 's.person_id' : 's.application_id'} = $2 and s.state = 'planned'
       and (a.id is null or ${visibleApplication(actor, 'a')})
       and not exists (select 1 from messages m where m.organization_id = s.organization_id and m.id = s.after_message_id
         and m.state in ('delivered', 'read', 'cancelled'))
     order by s.due_at, s.id limit ${limit}`,
    [organizationId, byPerson ? of.personId : of.applicationId, now],
  );
  const ways = rows.flatMap((row) => row.channels.map((channel) => ({ ...row, channel })));
  const foretold = await foretell(
    db,
    { organizationId, now, dayMs, spending: true },
    ways,
    ({ content }) => content,
  );
  return rows.map(({ personId: _, content, channels, userId, owned, confidential, ...row }) => {
    const tried = ways.flatMap((way, index) =>
      way.id === row.id
        ? [
            {
              channel: way.channel,
              reason:
                owned && way.channel === 'whatsapp'
                  ? ('chat_owned_by_other' as const)
                  : confidential && way.channel === 'email'
                    ? ('confidential_mail' as const)
                    : foretold[index]!.reason,
            },
          ]
        : [],
    );
    const { channel, reason } = tried.find((one) => one.reason === null) ?? {
      ...tried[0]!,
      channel: channels[0]!,
    };
    // R-CONF-3: what it says is their author's alone by now
    const hidden = confidential && channels.includes('email') && actor.user?.id !== userId;
    return {
      ...row,
      title: hidden ? null : (content.title ?? content.template?.title ?? null),
      ...(hidden && { text: null, files: [], copies: null }),
      channel,
      willSend: reason === null,
      reason,
      reasonText: reason === null ? null : unattendedReasonText(reason),
      waitsText: waitsText(row, now),
      mayCancel: mayCancelScheduled(actor, { userId }),
    };
  });
}

function waitsText(
  { kind, quiet, dueAt, by }: Pick<Row, 'kind' | 'quiet' | 'dueAt' | 'by'>,
  now: Date,
): string {
  if (new Date(dueAt) <= now) return 'It is due and about to be decided.';
  const why =
    kind === 'fallback'
      ? 'It goes only if WhatsApp has not delivered the message by then.'
      : by === null
        ? 'It was scheduled by a program.'
        : `It was scheduled by ${by}.`;
  return quiet ? `${why} Quiet hours put it off.` : why;
}
