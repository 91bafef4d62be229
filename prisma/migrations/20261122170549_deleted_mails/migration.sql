-- AlterTable
ALTER TABLE "mails" ADD COLUMN     "attachment_names" TEXT NOT NULL DEFAULT '';

-- CreateTable
CREATE TABLE "deleted_mails" (
    "organization_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "message_id_header" TEXT NOT NULL,
    "content_hash" TEXT NOT NULL,
    "private" BOOLEAN NOT NULL,
    "deleted_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "deleted_mails_pkey" PRIMARY KEY ("organization_id","user_id","message_id_header","content_hash")
);

-- CreateIndex
CREATE INDEX "deleted_mails_organization_id_message_id_header_idx" ON "deleted_mails"("organization_id", "message_id_header");

-- AddForeignKey
ALTER TABLE "deleted_mails" ADD CONSTRAINT "deleted_mails_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
update mails m set attachment_names = left(f.names, 10000) from (
  select organization_id, mail_id, string_agg(filename || ' ' || translate(filename, '._-', '   '), ' ' order by id) as names
  from media where mail_id is not null and filename is not null group by organization_id, mail_id) f
where m.organization_id = f.organization_id and m.id = f.mail_id;

-- Whom it is to is searched without the names of its fields; addresses as a whole, and by what stands on either side of the @.
drop index mails_search;
create index mails_search on mails using gin (to_tsvector('simple', subject || ' ' || from_name || ' ' || from_address || ' '
  || jsonb_path_query_array("to" || cc, '$[*].*')::text || ' '
  || translate(from_address || ' ' || jsonb_path_query_array("to" || cc, '$[*].*')::text, '@', ' ') || ' ' || attachment_names || ' ' || left(text, 100000)));
-- Words that stand in many mails are looked for from the newest on.
create index mails_by_time on mails (organization_id, user_id, occurred_at desc, id desc);
