import { z } from 'zod';
import type { Notification } from '../../contracts/records';
import { channelNames } from '../../domain/channel-trouble';
import type { SendChannel } from '../../domain/eligibility';
import type { ActingUser, Actor } from '../../domain/permissions';
import type { Database } from '../database';
import { notificationSeenSql } from '../mail/private-mails';
import { decodeCursor, toPage, type Page } from '../page';
import { fullNameSql, isoSql } from '../sql';
import { visiblePerson } from '../visibility';

type UserActor = Actor & { user: ActingUser };
type Row = Omit<Notification, 'text'> & {
  data: {
    by?: string;
    state?: string;
    reason?: string;
    channel?: SendChannel;
    name?: string;
    balance?: number;
    count?: number;
  };
};

const position = z.tuple([z.uuid()]);

/** The user's own, newest first. Whom they may no longer see is not named. */
export async function listNotifications(
  db: Database,
  actor: UserActor,
  query: { cursor?: string; limit: number },
): Promise<Page<Notification>> {
  const before = query.cursor === undefined ? null : decodeCursor(query.cursor, position)[0];
  const rows = await db.query<Row>(
    `select n.id, n.kind, n.data, ${fullNameSql('p')} as "personName",
       case when p.id is null then null else n.conversation_id end as "conversationId",
       case when p.id is not null then n.data ->> 'applicationId' end as "applicationId",
       (select w.id from mails w where n.kind = 'privateMail' and w.organization_id = n.organization_id and w.user_id = n.user_id
         and w.id = (n.data ->> 'mailId')::uuid) as "mailId",
       ${isoSql('n.occurred_at')} as "occurredAt", ${isoSql(notificationSeenSql)} as "seenAt"
     from notifications n
     left join people p on p.organization_id = n.organization_id and p.id = n.person_id and ${visiblePerson(actor, 'p')}
     where n.organization_id = $1 and n.user_id = $2 and ($3::uuid is null or n.id < $3)
     order by n.id desc limit $4`,
    [actor.organizationId, actor.user.id, before, query.limit + 1],
  );
  return toPage(
    rows,
    query.limit,
    ({ data, ...row }) => ({ ...row, text: textOf({ data, ...row }) }),
    (row) => [row.id],
  );
}

/** Marks the user's own as seen, up to and including one. */
export async function markNotificationsSeen(db: Database, actor: UserActor, upToId: string): Promise<void> {
  await db.query(
    `update notifications set seen_at = $4
     where organization_id = $1 and user_id = $2 and seen_at is null and id <= $3`,
    [actor.organizationId, actor.user.id, upToId, await db.now()],
  );
}

function textOf({ kind, personName, data }: Row): string {
  const name = personName === null || personName === '' ? 'a person' : personName;
  switch (kind) {
    case 'messageReceived':
      return `New message from ${name}`;
    case 'privateMail':
      return `New confidential e-mail from ${name}`;
    case 'note':
      return `${data.by ?? 'A colleague'} wrote you a note on ${name}`;
    case 'handedOver':
      return `${data.by ?? 'A colleague'} handed the chat with ${name} over to you`;
    case 'lowBalance':
      return `${data.balance === 1 ? '1 credit is' : `${data.balance ?? 0} credits are`} left. Settings → Plan and credits is the place to request more.`;
    case 'application':
      return `${applicants(name, data.count ?? 1)} applied for ${data.name ?? 'a vacancy'}`;
    case 'channel':
      if (data.state === 'used') return `E-mails go under ${data.name} now: its DNS records were found.`;
      if (data.state === 'unused')
        return `E-mails no longer go under ${data.name}: ${data.reason}. Settings → Channels says what to do.`;
      return `${channelNames[data.channel ?? 'whatsapp']} is paused. Settings → Channels says what to do; messages wait until then.`;
    case 'webhook':
      if (data.state === 'disabled')
        return `${data.name ?? 'A webhook endpoint'} took no event for 7 days and is stopped. Settings → Webhooks says why; resume it there.`;
      return `Events do not get through to ${data.name ?? 'a webhook endpoint'}. Settings → Webhooks says why; they wait until then.`;
  }
}

function applicants(name: string, count: number): string {
  if (count === 1) return name;
  return count === 2 ? `${name} and one other` : `${name} and ${count - 1} others`;
}
