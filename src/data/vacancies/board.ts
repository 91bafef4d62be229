import { z } from 'zod';
import { reasonText, type ReasonCode } from '../../contracts/reasons';
import type { Board, Card, EndedCard } from '../../contracts/vacancies';
import { notFound } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import type { Database } from '../database';
import { decodeCursor, toPage, type Page } from '../page';
import { fullNameSql, isoSql } from '../sql';
import { getVacancy } from './vacancies';
import { visibleApplication } from '../visibility';

const cardsPerColumn = 50;
const position = z.tuple([z.uuid()]);

/** Stage entries have ascending ids: the order in which cards came into their stage. */
type EnteredCard = Card & { entryId: string };

const cardSql = `jsonb_build_object('entryId', a.stage_entry_id, 'applicationId', a.id, 'personId', p.id, 'conversationId', c.id,
  'name', ${fullNameSql('p')}, 'stageId', a.stage_id, 'enteredAt', ${isoSql('se.entered_at')},
  'unanswered', c.unanswered_since is not null,
  'lastMessage', case when m.id is null then null else jsonb_build_object('id', m.id, 'direction', m.direction,
    'channel', m.channel, 'state', m.state, 'automatic', m.origin in ('automatic', 'bulk', 'api'),
    'at', ${isoSql('m.occurred_at')}, 'reason', m.reason) end)`;

/** The stages of a vacancy with who came into them last on top; with `stageId` the next cards of that one alone. */
export async function getBoard(
  db: Database,
  actor: Actor,
  vacancyId: string,
  query: { stageId?: string; cursor?: string },
): Promise<Board> {
  const vacancy = await getVacancy(db, actor, vacancyId);
  if (query.stageId && !vacancy.stages.some((stage) => stage.id === query.stageId)) throw notFound('stage');
  const before = query.cursor === undefined ? null : decodeCursor(query.cursor, position)[0];
  const rows = await db.prepared<{ stageId: string; total: number; cards: EnteredCard[] }>(
    `select s.id as "stageId", totals.total, coalesce(cards.list, '[]') as cards
     from stages s
     cross join lateral (
       select count(*)::int as total from applications a
       where a.organization_id = s.organization_id and a.vacancy_id = s.vacancy_id and a.stage_id = s.id
         and a.rejected_at is null and a.withdrawn_at is null and a.erased_at is null) totals
     cross join lateral (
       select jsonb_agg(${cardSql} order by a.stage_entry_id desc) as list
       from (
         select * from applications a
         where a.organization_id = s.organization_id and a.vacancy_id = s.vacancy_id and a.stage_id = s.id
           and a.rejected_at is null and a.withdrawn_at is null and a.erased_at is null and ($4::uuid is null or a.stage_entry_id < $4)
         order by a.stage_entry_id desc limit $5) a
       join people p on p.organization_id = a.organization_id and p.id = a.person_id
       join conversations c on c.organization_id = a.organization_id and c.person_id = a.person_id
       join stage_entries se on se.organization_id = a.organization_id and se.id = a.stage_entry_id
       -- not the conversation's last message: one that was suppressed counts here, so that the silence is explained
       left join lateral (
         select * from messages m where m.organization_id = c.organization_id and m.conversation_id = c.id
         order by m.occurred_at desc, m.position desc limit 1) m on true) cards
     where s.organization_id = $1 and s.vacancy_id = $2 and ($3::uuid is null or s.id = $3)
     order by s.position, s.id`,
    [actor.organizationId, vacancyId, query.stageId ?? null, before, cardsPerColumn + 1],
  );
  const [ended] = await db.query<{ rejected: number; withdrawn: number }>(
    `select count(*) filter (where rejected_at is not null)::int as rejected,
       count(*) filter (where rejected_at is null)::int as withdrawn
     from applications where organization_id = $1 and vacancy_id = $2 and (rejected_at is not null or withdrawn_at is not null)
       and erased_at is null`,
    [actor.organizationId, vacancyId],
  );
  return {
    vacancy,
    ...ended!,
    columns: rows.map(({ stageId, total, cards }) => {
      const { items, nextCursor } = toPage(cards, cardsPerColumn, toCard, (card) => [card.entryId]);
      return { stageId, total, cards: items, nextCursor };
    }),
  };
}

const endedPosition = z.tuple([z.iso.datetime(), z.uuid()]);

/** The rejected of a vacancy, or those who withdrew and were not rejected, the latest first. */
export async function listEnded(
  db: Database,
  actor: Actor,
  vacancyId: string,
  query: { outcome: 'rejected' | 'withdrawn'; cursor?: string; limit: number },
): Promise<Page<EndedCard>> {
  const before = query.cursor === undefined ? null : decodeCursor(query.cursor, endedPosition);
  const at = query.outcome === 'rejected' ? 'a.rejected_at' : 'a.withdrawn_at';
  const rows = await db.query<EndedCard>(
    `select a.id as "applicationId", p.id as "personId", ${fullNameSql('p')} as name, s.name as "stageName", ${isoSql(at)} as at
     from applications a
     join people p on p.organization_id = a.organization_id and p.id = a.person_id
     join stages s on s.organization_id = a.organization_id and s.id = a.stage_id
     where a.organization_id = $1 and a.vacancy_id = $2 and ${at} is not null
       and ${query.outcome === 'rejected' ? 'true' : 'a.rejected_at is null'} and ${visibleApplication(actor, 'a')}
       and ($3::timestamptz is null or (${at}, a.id) < ($3::timestamptz, $4::uuid))
     order by ${at} desc, a.id desc limit $5`,
    [actor.organizationId, vacancyId, before?.[0] ?? null, before?.[1] ?? null, query.limit + 1],
  );
  return toPage(
    rows,
    query.limit,
    (row) => row,
    (row) => [row.at, row.applicationId],
  );
}

/** Without what only the cursor needs, and with the sentence for people beside the code. */
function toCard({ entryId: _, ...card }: EnteredCard): Card {
  if (!card.lastMessage) return card;
  const { reason } = card.lastMessage;
  const text = reason === null ? null : (reasonText[reason as ReasonCode] ?? null);
  return { ...card, lastMessage: { ...card.lastMessage, reasonText: text } };
}
