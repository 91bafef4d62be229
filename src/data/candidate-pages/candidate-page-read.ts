import { z } from 'zod';
import type { CandidatePage, PageMessage } from '../../contracts/candidate-pages';
import type { Brand, Language } from '../../contracts/common';
import type { CandidatePageLink } from '../../domain/candidate-page-link';
import { notFound } from '../../domain/errors';
import type { Database } from '../database';
import { decodeCursor, toPage } from '../page';
import { brandSql } from '../organization/brand';
import { isoSql, type Queryable } from '../sql';
import { pageLivesDays } from './candidate-pages';

/** The page that a link opens, and what stands on it. */
export type OpenedPage = {
  organizationId: string;
  pageId: string;
  personId: string;
  conversationId: string;
  applicationId: string | null;
  companyName: string;
  brand: Brand;
  language: Language;
  vacancyTitle: string | null;
  firstName: string;
  rejected: boolean;
  contactEmail: string | null;
  lastMessageAt: Date;
};

/** One and the same answer, whatever is wrong with the link. */
export const noSuchLink = () => notFound('link');

/** The page of a link that lives at `now`. A merged person's page is that of whom they became part of. @throws DomainError `not_found` */
export async function openPage(db: Queryable, link: CandidatePageLink, now: Date): Promise<OpenedPage> {
  const page = await findPage(db, link);
  const livesUntil = page.lastMessageAt.getTime() + pageLivesDays * 86_400_000;
  if (livesUntil <= now.getTime()) throw noSuchLink();
  return page;
}

/** The same, whether it still lives or not. */
export async function findPage(db: Queryable, link: CandidatePageLink): Promise<OpenedPage> {
  const [page] = await db.query<OpenedPage>(
    `select cp.organization_id as "organizationId", cp.id as "pageId", p.id as "personId", c.id as "conversationId",
       cp.application_id as "applicationId", o.name as "companyName", ${brandSql('o')} as brand, o.language, v.title as "vacancyTitle",
       p.first_name as "firstName", a.rejected_at is not null as rejected, o.public_contact_email as "contactEmail",
       cp.last_message_at as "lastMessageAt"
     from candidate_pages cp
     join organizations o on o.id = cp.organization_id
     join people was on was.organization_id = cp.organization_id and was.id = cp.person_id
     join people p on p.organization_id = cp.organization_id and p.id = coalesce(was.merged_into_id, was.id) and p.erased_at is null
     join conversations c on c.organization_id = p.organization_id and c.person_id = p.id
     left join applications a on a.organization_id = cp.organization_id and a.id = cp.application_id and a.person_id = p.id
     left join vacancies v on v.organization_id = a.organization_id and v.id = a.vacancy_id
     where cp.organization_id = $1 and cp.id = $2 and cp.version = $3 and (cp.application_id is null or a.id is not null)`,
    [link.organizationId, link.pageId, link.version],
  );
  if (!page) throw noSuchLink();
  return page;
}

const position = z.tuple([z.iso.datetime(), z.number().int()]);

/** R-MAIL-5: what was said about the application over all channels, to whoever holds the link. */
export async function readCandidatePage(
  db: Database,
  link: CandidatePageLink,
  query: { cursor?: string | undefined; limit: number },
): Promise<CandidatePage> {
  const page = await openPage(db, link, await db.now());
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor, position);
  const rows = await db.query<Row>(
    `select ${columns} from messages m
     where ${shownSql} and ($4::timestamptz is null or (m.occurred_at, m.position) < ($4::timestamptz, $5::int))
     order by m.occurred_at desc, m.position desc limit $6`,
    [...whatIsShown(page), after?.[0] ?? null, after?.[1] ?? null, query.limit + 1],
  );
  const { companyName, brand, language, vacancyTitle, firstName, rejected, contactEmail } = page;
  return {
    companyName,
    brand,
    language,
    vacancyTitle,
    firstName,
    mayWrite: !rejected,
    contactEmail: rejected ? contactEmail : null,
    ...toPage(
      rows,
      query.limit,
      ({ position: _, ...message }) => message,
      (row) => [row.occurredAt, row.position],
    ),
  };
}

/** One message that stands on the page. */
export async function readPageMessage(
  db: Database,
  link: CandidatePageLink,
  messageId: string,
): Promise<PageMessage> {
  const page = await openPage(db, link, await db.now());
  const [row] = await db.query<Row>(`select ${columns} from messages m where ${shownSql} and m.id = $4`, [
    ...whatIsShown(page),
    messageId,
  ]);
  if (!row) throw notFound('message');
  const { position: _, ...message } = row;
  return message;
}

/** A file of a message that stands on the page. */
export async function readPageFile(
  db: Database,
  link: CandidatePageLink,
  mediaId: string,
): Promise<{ bytes: Buffer; mimeType: string; filename: string | null }> {
  const page = await openPage(db, link, await db.now());
  const [file] = await db.query<{ bytes: Buffer; mimeType: string; filename: string | null }>(
    `select f.bytes, f.mime_type as "mimeType", f.filename from media f
     where f.organization_id = $1 and f.id = $4 and f.state = 'stored'
       and exists (select 1 from messages m where ${shownSql} and ${fileOfSql})`,
    [...whatIsShown(page), mediaId],
  );
  if (!file) throw notFound('file');
  return file;
}

/** Differs whenever the page shows something else; `conversationId`: where changes come from. */
export async function readPageState(
  db: Database,
  link: CandidatePageLink,
): Promise<{ state: string; organizationId: string; pageId: string; conversationId: string }> {
  const page = await openPage(db, link, await db.now());
  const [row] = await db.query<{ shown: string }>(
    `select count(*) || ' ' || coalesce(max(m.position), 0) || ' ' || (select count(*) from media f join messages m
         on m.organization_id = f.organization_id and m.id = f.message_id where ${shownSql} and f.state = 'stored') as shown
     from messages m where ${shownSql}`,
    whatIsShown(page),
  );
  const { organizationId, pageId, conversationId, rejected, contactEmail } = page;
  return {
    state: [row!.shown, rejected, contactEmail].join(' '),
    organizationId,
    pageId,
    conversationId,
  };
}

type Row = PageMessage & { position: number };

/** Whose file `f` is: of the message `m`, or attached to the mail that it stands for. */
const fileOfSql = `(f.id = (m.content ->> 'mediaId')::uuid or f.message_id = m.id
  or f.id = any(array(select jsonb_array_elements_text(m.content -> 'mediaIds')::uuid))
  or f.content_id is null and f.mail_id = (select w.id from mails w
    where w.organization_id = m.organization_id and w.id = (m.content ->> 'mailId')::uuid and not w.private))`;

const columns = `m.id, m.direction, m.channel, m.title, m.body as text, m.position, ${isoSql('m.occurred_at')} as "occurredAt",
  coalesce((select jsonb_agg(jsonb_build_object('id', f.id, 'mimeType', f.mime_type, 'filename', f.filename, 'size', f.size)
      order by (select a.place from jsonb_array_elements_text(m.content -> 'mediaIds') with ordinality a(id, place) where a.id = f.id::text), f.id)
    from media f where f.organization_id = m.organization_id and f.state = 'stored' and ${fileOfSql}), '[]') as files`;

/**
 * Of messages `m`: what came, and what left as far as anybody knows. Private mail is no message (decision 0026). What a user has put into the
 * file by hand, and no address of it did, was said between others about the candidate.
 */
const shownSql = `m.organization_id = $1 and m.conversation_id = $2 and m.application_id is not distinct from $3::uuid
  and (m.direction = 'in' or m.state in ('sent', 'delivered', 'read', 'unknown', 'unconfirmed'))
  and m.kind not in ('numberChanged', 'unsupported')
  and (not exists (select 1 from mail_filings put join mails theirs on theirs.organization_id = put.organization_id and theirs.id = put.mail_id
      where put.organization_id = m.organization_id and put.message_id = m.id and put.by_hand and theirs.user_id is not null)
    or exists (select 1 from mail_filings own where own.organization_id = m.organization_id and own.message_id = m.id and not own.by_hand))`;

const whatIsShown = (page: OpenedPage) => [page.organizationId, page.conversationId, page.applicationId];
