import { listConversations } from '../src/data/conversations/conversations';
import type { Database } from '../src/data/database';
import { listPeople } from '../src/data/people/person-read';
import type { Actor } from '../src/domain/permissions';

/** A list's first page: over HTTP, by the function behind it, and by hand. */
export type RawPage = {
  name: string;
  path: string;
  /** What the route calls. */
  read: (db: Database, actor: Actor) => Promise<{ items: { id: string }[] }>;
  /** One statement as one would write it who needed this page alone: same filter, order, columns and number of rows; `$1` is the organization. */
  sql: string;
};

const limit = 50;
const dayMs = 86_400_000;

const inbox = (name: string, filter: { q?: string; channel?: string }, condition: string): RawPage => ({
  name,
  path: `/api/v1/conversations?${new URLSearchParams({ view: 'all', ...filter }).toString()}`,
  read: (db, actor) => listConversations(db, { actor, dayMs }, { view: 'all', ...filter, limit }),
  sql: `(${inboxSql} and ${condition} and c.unanswered_since is not null order by c.unanswered_since, c.id limit ${limit + 1})
    union all
    (${inboxSql} and ${condition} and c.unanswered_since is null and c.last_message_at is not null
     order by c.last_message_at desc, c.id desc limit ${limit + 1})
    limit ${limit + 1}`,
});

const people = (
  name: string,
  filter: { kind?: 'candidate'; tag?: string; q?: string },
  condition: string,
) => ({
  name,
  path: `/api/v1/people?${new URLSearchParams(filter).toString()}`,
  read: (db: Database, actor: Actor) => listPeople(db, actor, { ...filter, limit }),
  sql: `${peopleSql} and ${condition} order by p.last_name, p.first_name, p.id limit ${limit + 1}`,
});

const inboxSql = `
  select c.id, c.status, c.chat_version, c.channels, p.id as person_id, p.kind, p.first_name, p.last_name, p.to_review, e.name as employer,
    o.id as owner_id, o.first_name as owner_first, o.last_name as owner_last, o.role as owner_role,
    l.id as last_owner_id, l.first_name as last_owner_first, l.last_name as last_owner_last, l.role as last_owner_role,
    r.id as responsible_id, r.first_name as responsible_first, r.last_name as responsible_last, r.role as responsible_role,
    c.deadline_at, c.unanswered_since, c.inbound_count as unread,
    (select max(w.last_inbound_at) from contact_points cp
       join service_windows w on w.organization_id = cp.organization_id and w.contact_point_id = cp.id
       where cp.organization_id = c.organization_id and cp.person_id = c.person_id) as last_inbound_at,
    m.id as message_id, m.direction, m.kind as message_kind, m.body, m.state, m.origin, m.occurred_at,
    s.first_name as sender_first, s.last_name as sender_last
  from conversations c
  join people p on p.organization_id = c.organization_id and p.id = c.person_id
  left join employers e on e.organization_id = p.organization_id and e.id = p.employer_id
  left join users o on o.organization_id = c.organization_id and o.id = c.owner_id
  left join users l on l.organization_id = c.organization_id and l.id = c.last_owner_id
  left join users r on r.organization_id = c.organization_id and r.id = c.responsible_user_id
  left join messages m on m.organization_id = c.organization_id and m.id = c.last_message_id
  left join users s on s.organization_id = m.organization_id and s.id = m.sender_user_id
  where c.organization_id = $1 and c.merged_into_id is null`;

const peopleSql = `
  select p.id, p.kind, p.first_name, p.last_name, e.name as employer, p.to_review, p.tags, p.whatsapp_consent,
    u.id as responsible_id, u.first_name as responsible_first, u.last_name as responsible_last, u.role as responsible_role,
    c.id as conversation_id, c.last_message_at,
    (select cp.value from contact_points cp where cp.organization_id = p.organization_id and cp.person_id = p.id and cp.kind = 'phone'
       order by cp.position, cp.id limit 1) as phone,
    (select cp.value from contact_points cp where cp.organization_id = p.organization_id and cp.person_id = p.id and cp.kind = 'email'
       order by cp.position, cp.id limit 1) as email
  from people p
  join conversations c on c.organization_id = p.organization_id and c.person_id = p.id
  left join employers e on e.organization_id = p.organization_id and e.id = p.employer_id
  left join users u on u.organization_id = p.organization_id and u.id = p.responsible_user_id
  where p.organization_id = $1 and p.merged_into_id is null and p.erased_at is null`;

const named = `lower(p.first_name || ' ' || p.last_name) like '%bakker%'`;
const keyed = `exists (select 1 from contact_points cp where cp.organization_id = c.organization_id and cp.person_id = c.person_id
  and cp.key like '%bakker%')`;

export const rawPages: readonly RawPage[] = [
  inbox('inbox, All Chats', {}, 'true'),
  inbox('inbox, by name', { q: 'bakker' }, `(${named} or ${keyed})`),
  inbox('inbox, by channel', { channel: 'sms' }, `c.channels @> array['sms']::channel[]`),
  people('candidate base', { kind: 'candidate' }, `p.kind = 'candidate'`),
  people('candidate base, by tag', { tag: 'forklift' }, `p.tags @> array['forklift']`),
  people('candidate base, by name', { q: 'bakker' }, named),
];
