-- AlterTable
ALTER TABLE "mails" ADD COLUMN     "conversation_id" UUID;

update mails w set conversation_id = (
  select c.id from mail_filings f join conversations c on c.organization_id = f.organization_id and c.person_id = f.person_id
  where f.organization_id = w.organization_id and f.mail_id = w.id order by f.person_id limit 1)
where w.user_id is null;

-- Once per mailbox, and once per conversation for what came to its reply addresses, however often it is delivered.
drop index mails_once;
create unique index mails_once on mails (organization_id, user_id, message_id_header, content_hash) nulls not distinct
  where (state in ('received', 'held') or direction = 'out' and state = 'sent') and conversation_id is null;
create unique index mails_once_in_conversation on mails (organization_id, conversation_id, message_id_header, content_hash)
  where (state in ('received', 'held') or direction = 'out' and state = 'sent') and conversation_id is not null;

-- AlterTable
ALTER TABLE "message_notices" DROP CONSTRAINT "message_notices_pkey",
ADD COLUMN     "id" UUID,
ADD COLUMN     "mail_id" UUID,
ALTER COLUMN "message_id" DROP NOT NULL;

update message_notices n set mail_id = message_id, message_id = null
where exists (select 1 from mails w where w.organization_id = n.organization_id and w.id = n.message_id);
update message_notices set id = gen_random_uuid();

-- AlterTable
ALTER TABLE "message_notices" ALTER COLUMN "id" SET NOT NULL,
ADD CONSTRAINT "message_notices_pkey" PRIMARY KEY ("organization_id", "id");

create unique index message_notices_once on message_notices (organization_id, message_id, mail_id, address) nulls not distinct;
alter table message_notices add constraint message_notices_of_one_thing check (num_nonnulls(message_id, mail_id) = 1);
