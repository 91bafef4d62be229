import type { Tx } from '../database';
import { askedOneByOne } from '../sql';
import { noticeMailbox } from './mailbox-signals';

type Erased = {
  organizationId: string;
  personIds: string[];
  conversationIds: string[];
  addresses: string[];
};

/**
 * The mails of erased people, in everybody's mailbox, private ones too: those in their file alone, those from their addresses that are in
 * nobody's, those that are to nobody else, what came to their reply addresses, and what answers or passes these on. A mail that is in the file of others as well is theirs, too, and
 * stays there. Users' mails do not come again from their servers (`deleted_mails`).
 */
export async function eraseMails(
  tx: Tx,
  { organizationId, personIds, conversationIds, addresses }: Erased,
): Promise<void> {
  // asked one by one: how many a person has is not guessed well
  const found = await tx.query<{ id: string }>(
    `with recursive found as (
       select f.mail_id as id from mail_filings f where f.organization_id = $1 and f.person_id = any($2::uuid[])
       union
       select w.id from mails w where w.organization_id = $1 and w.conversation_id = any($4::uuid[])
       union
       select w.id from mails w where w.organization_id = $1 and lower(w.from_address) = any($3::text[])
       union
       select w.id from mails w where w.organization_id = $1 and ${isTo('w', '$3')}
         and not exists (select 1 from jsonb_array_elements(w."to" || w.cc || w.bcc) a where lower(a ->> 'address') <> all($3::text[]))
       union
       select answer.id from found cross join lateral (
         select w.organization_id, w.id, w.user_id, w.message_id_header from mails w where w.organization_id = $1 and w.id = found.id limit 1) said
       cross join lateral (
         select w.id, w.user_id from mails w where w.organization_id = $1 and w.reply_to_mail_id = said.id
         union all
         select w.id, w.user_id from mails w where w.organization_id = $1 and w.in_reply_to = said.message_id_header) answer
       where answer.user_id is not distinct from said.user_id and ${ofNobodyElse('said')})
     select w.id from found cross join lateral (select organization_id, id from mails where organization_id = $1 and id = found.id limit 1) w
     where ${ofNobodyElse('w')}`,
    [organizationId, personIds, addresses, conversationIds],
  );
  const mails = await tx.query<{ id: string; userId: string | null }>(
    `select id, user_id as "userId" from mails where organization_id = $1 and id = any($2::uuid[]) order by id for update`,
    [organizationId, found.map(({ id }) => id)],
  );
  const mailIds = mails.map(({ id }) => id);
  await tx.query(
    `insert into deleted_mails (organization_id, user_id, message_id_header, content_hash, private, deleted_at)
     select organization_id, user_id, message_id_header, content_hash, bool_or(private), $3 from mails
     where organization_id = $1 and id = any($2::uuid[]) and user_id is not null and state in ('received', 'sent')
     group by organization_id, user_id, message_id_header, content_hash
     on conflict (organization_id, user_id, message_id_header, content_hash) do nothing`,
    [organizationId, mailIds, await tx.now()],
  );
  const removals = [
    'update mails set reply_to_mail_id = null where organization_id = $1 and reply_to_mail_id = any($2::uuid[])',
    'delete from message_notices where organization_id = $1 and mail_id = any($2::uuid[])',
    'delete from media where organization_id = $1 and mail_id = any($2::uuid[])',
    // the bytes as they came, and the filings, go along
    'delete from mails where organization_id = $1 and id = any($2::uuid[])',
  ];
  // mostly none, when it is done again for what came late
  if (mailIds.length > 0) for (const sql of removals) await tx.query(sql, [organizationId, mailIds]);
  await tx.query('delete from mail_filings where organization_id = $1 and person_id = any($2::uuid[])', [
    organizationId,
    personIds,
  ]);
  for (const userId of new Set(mails.map((mail) => mail.userId)))
    if (userId !== null) noticeMailbox(tx, organizationId, userId);
}

/** One of these addresses is among those it is to: as the index `mails_by_recipient` has them. */
const isTo = (mail: string, addresses: string): string =>
  `lower(jsonb_path_query_array(${mail}."to" || ${mail}.cc || ${mail}.bcc, '$[*].address')::text)::jsonb ?| ${addresses}::text[]`;

const ofNobodyElse = (mail: string): string =>
  askedOneByOne(
    `not exists (select 1 from mail_filings theirs where theirs.organization_id = ${mail}.organization_id and theirs.mail_id = ${mail}.id
       and theirs.person_id <> all($2::uuid[]))`,
  );

/** A draft to several is no more to them. */
export async function dropRecipients(tx: Tx, { organizationId, addresses }: Erased): Promise<void> {
  const kept = (list: string) =>
    `${list} = coalesce((select jsonb_agg(a) from jsonb_array_elements(${list}) a where lower(a ->> 'address') <> all($2::text[])), '[]')`;
  await tx.query(
    `update mails w set ${['"to"', 'cc', 'bcc'].map(kept).join(', ')}
     where w.organization_id = $1 and w.state = 'draft' and ${isTo('w', '$2')}`,
    [organizationId, addresses],
  );
}
