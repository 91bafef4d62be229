import { z } from 'zod';
import { reasonText, type ReasonCode } from '../contracts/reasons';
import type { Board, Card } from '../contracts/vacancies';
import { notFound } from '../domain/errors';
import type { Actor } from '../domain/permissions';
import type { Database } from './database';
import { decodeCursor, toPage } from './page';
import { fullNameSql, isoSql } from './sql';
import { getVacancy } from './vacancies';

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
  const rows = await db.query<{ stageId: string; total: number; cards: EnteredCard[] }>(
    `select s.id as "stageId", totals.total, coalesce(cards.list, '[]') as cards
     from stages s
     cross join lateral (
       select count(*)::int as total from applications a
       where a.organization_id = s.organization_id and a.vacancy_id = s.vacancy_id and a.stage_id = s.id
         and a.rejected_at is null and a.withdrawn_at is null) totals
     cross join lateral (
       select jsonb_agg(${cardSql} order by a.stage_entry_id desc) as list
       from (
         select * from applications a
         where a.organization_id = s.organization_id and a.vacancy_id = s.vacancy_id and a.stage_id = s.id
           and a.rejected_at is null and a.withdrawn_at is null and ($4::uuid is null or a.stage_entry_id < $4)
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
  return {
    vacancy,
    columns: rows.map(({ stageId, total, cards }) => {
      const { items, nextCursor } = toPage(cards, cardsPerColumn, toCard, (card) => [card.entryId]);
      return { stageId, total, cards: items, nextCursor };
    }),
  };
}

/** Without what only the cursor needs, and with the sentence for people beside the code. */
function toCard({ entryId: _, ...card }: EnteredCard): Card {
  if (!card.lastMessage) return card;
  const { reason } = card.lastMessage;
  const text = reason === null ? null : (reasonText[reason as ReasonCode] ?? null);
  return { ...card, lastMessage: { ...card.lastMessage, reasonText: text } };
}
