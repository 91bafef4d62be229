-- CreateEnum
CREATE TYPE "mail_security" AS ENUM ('none', 'ssl', 'tls');

-- CreateEnum
CREATE TYPE "mailbox_kind" AS ENUM ('imap', 'pop');

-- CreateEnum
CREATE TYPE "mailbox_state" AS ENUM ('off', 'connecting', 'importing', 'ready', 'failing');

-- CreateEnum
CREATE TYPE "mail_state" AS ENUM ('received', 'held', 'draft', 'queued', 'dispatching', 'sent', 'failed', 'unknown');

-- CreateEnum
CREATE TYPE "mail_folder" AS ENUM ('inbox', 'sent', 'drafts', 'archive', 'junk', 'trash');

-- CreateEnum
CREATE TYPE "reply_party" AS ENUM ('person', 'user', 'address');

-- AlterTable
ALTER TABLE "media" ADD COLUMN     "content_id" TEXT,
ADD COLUMN     "mail_id" UUID;

-- AlterTable
ALTER TABLE "users" ADD COLUMN     "mail_name" TEXT;

-- CreateTable
CREATE TABLE "mail_domains" (
    "organization_id" UUID NOT NULL,
    "domain" TEXT NOT NULL,
    "dkim_selector" TEXT NOT NULL,
    "dkim_key_sealed" BYTEA NOT NULL,
    "checks" JSONB,
    "checked_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "mail_domains_pkey" PRIMARY KEY ("organization_id")
);

-- CreateTable
CREATE TABLE "candidate_pages" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "application_id" UUID,
    "version" INTEGER NOT NULL DEFAULT 1,
    "last_message_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "candidate_pages_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "reply_addresses" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "conversation_id" UUID NOT NULL,
    "application_id" UUID,
    "party" "reply_party" NOT NULL,
    "user_id" UUID,
    "address" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "reply_addresses_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "message_notices" (
    "organization_id" UUID NOT NULL,
    "message_id" UUID NOT NULL,
    "address" TEXT NOT NULL,
    "user_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "mailed_at" TIMESTAMPTZ(3),

    CONSTRAINT "message_notices_pkey" PRIMARY KEY ("organization_id","message_id","address")
);

-- CreateTable
CREATE TABLE "mailboxes" (
    "organization_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "from_address" TEXT,
    "signature" TEXT,
    "incoming_confidential" BOOLEAN NOT NULL DEFAULT false,
    "outgoing_confidential" BOOLEAN NOT NULL DEFAULT false,
    "fetch" BOOLEAN NOT NULL DEFAULT false,
    "kind" "mailbox_kind" NOT NULL DEFAULT 'imap',
    "host" TEXT,
    "port" INTEGER,
    "security" "mail_security" NOT NULL DEFAULT 'tls',
    "username" TEXT,
    "password_sealed" BYTEA,
    "keep_copy" BOOLEAN NOT NULL DEFAULT true,
    "remove_after_days" INTEGER,
    "smtp_host" TEXT,
    "smtp_port" INTEGER,
    "smtp_security" "mail_security" NOT NULL DEFAULT 'tls',
    "smtp_username" TEXT,
    "smtp_password_sealed" BYTEA,
    "oauth_provider" TEXT,
    "oauth_token_sealed" BYTEA,
    "state" "mailbox_state" NOT NULL DEFAULT 'off',
    "state_reason" TEXT,
    "state_detail" TEXT,
    "state_changed_at" TIMESTAMPTZ(3) NOT NULL,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "import_total" INTEGER,
    "import_done" INTEGER,
    "fetched_at" TIMESTAMPTZ(3),
    "reconciled_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "lease_holder" TEXT,
    "lease_until" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "mailboxes_pkey" PRIMARY KEY ("organization_id","user_id")
);

-- CreateTable
CREATE TABLE "mailbox_folders" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "path" TEXT NOT NULL,
    "special_use" TEXT,
    "folder" "mail_folder",
    "uid_validity" BIGINT,
    "last_uid" BIGINT NOT NULL DEFAULT 0,
    "mod_seq" BIGINT,
    "synced_at" TIMESTAMPTZ(3),

    CONSTRAINT "mailbox_folders_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "mailbox_items" (
    "organization_id" UUID NOT NULL,
    "folder_id" UUID NOT NULL,
    "server_id" TEXT NOT NULL,
    "mail_id" UUID NOT NULL,
    "fetched_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "mailbox_items_pkey" PRIMARY KEY ("organization_id","folder_id","server_id")
);

-- CreateTable
CREATE TABLE "mails" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "user_id" UUID,
    "direction" "direction" NOT NULL,
    "state" "mail_state" NOT NULL,
    "folder" "mail_folder" NOT NULL,
    "thread_id" UUID NOT NULL,
    "message_id_header" TEXT NOT NULL,
    "content_hash" TEXT NOT NULL,
    "in_reply_to" TEXT,
    "references" TEXT[],
    "from_name" TEXT NOT NULL,
    "from_address" TEXT NOT NULL,
    "to" JSONB NOT NULL,
    "cc" JSONB NOT NULL DEFAULT '[]',
    "bcc" JSONB NOT NULL DEFAULT '[]',
    "reply_to" TEXT,
    "subject" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "quoted" TEXT,
    "html" TEXT,
    "quiet" BOOLEAN NOT NULL DEFAULT false,
    "size" INTEGER NOT NULL,
    "attachments" INTEGER NOT NULL DEFAULT 0,
    "private" BOOLEAN NOT NULL DEFAULT false,
    "held_reason" TEXT,
    "reply_to_mail_id" UUID,
    "seen_at" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "attempt_token" UUID,
    "dispatch_deadline_at" TIMESTAMPTZ(3),
    "not_before" TIMESTAMPTZ(3),
    "reason" TEXT,
    "reason_detail" TEXT,
    "appended_at" TIMESTAMPTZ(3),
    "sent_at" TIMESTAMPTZ(3),
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "mails_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "mail_raws" (
    "organization_id" UUID NOT NULL,
    "mail_id" UUID NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "mail_raws_pkey" PRIMARY KEY ("organization_id","mail_id")
);

-- CreateTable
CREATE TABLE "mail_filings" (
    "organization_id" UUID NOT NULL,
    "mail_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "message_id" UUID,
    "by_hand" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "mail_filings_pkey" PRIMARY KEY ("organization_id","mail_id","person_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "mail_domains_domain_key" ON "mail_domains"("domain");

-- CreateIndex
CREATE INDEX "candidate_pages_organization_id_person_id_idx" ON "candidate_pages"("organization_id", "person_id");

-- CreateIndex
CREATE UNIQUE INDEX "mailbox_folders_organization_id_user_id_path_key" ON "mailbox_folders"("organization_id", "user_id", "path");

-- CreateIndex
CREATE INDEX "mailbox_items_organization_id_mail_id_idx" ON "mailbox_items"("organization_id", "mail_id");

-- CreateIndex
CREATE INDEX "mails_organization_id_user_id_folder_occurred_at_id_idx" ON "mails"("organization_id", "user_id", "folder", "occurred_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "mails_organization_id_user_id_thread_id_idx" ON "mails"("organization_id", "user_id", "thread_id");

-- CreateIndex
CREATE INDEX "mails_organization_id_message_id_header_idx" ON "mails"("organization_id", "message_id_header");

-- CreateIndex
CREATE INDEX "mail_filings_organization_id_person_id_mail_id_idx" ON "mail_filings"("organization_id", "person_id", "mail_id");

-- CreateIndex
CREATE INDEX "mail_filings_organization_id_message_id_idx" ON "mail_filings"("organization_id", "message_id");

-- CreateIndex
CREATE INDEX "media_organization_id_mail_id_idx" ON "media"("organization_id", "mail_id");

-- CreateIndex
CREATE UNIQUE INDEX "users_organization_id_mail_name_key" ON "users"("organization_id", "mail_name");

-- AddForeignKey
ALTER TABLE "mail_domains" ADD CONSTRAINT "mail_domains_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "candidate_pages" ADD CONSTRAINT "candidate_pages_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reply_addresses" ADD CONSTRAINT "reply_addresses_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "message_notices" ADD CONSTRAINT "message_notices_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mailboxes" ADD CONSTRAINT "mailboxes_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mailboxes" ADD CONSTRAINT "mailboxes_organization_id_user_id_fkey" FOREIGN KEY ("organization_id", "user_id") REFERENCES "users"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mailbox_folders" ADD CONSTRAINT "mailbox_folders_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mailbox_folders" ADD CONSTRAINT "mailbox_folders_organization_id_user_id_fkey" FOREIGN KEY ("organization_id", "user_id") REFERENCES "mailboxes"("organization_id", "user_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mailbox_items" ADD CONSTRAINT "mailbox_items_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mailbox_items" ADD CONSTRAINT "mailbox_items_organization_id_folder_id_fkey" FOREIGN KEY ("organization_id", "folder_id") REFERENCES "mailbox_folders"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mails" ADD CONSTRAINT "mails_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mails" ADD CONSTRAINT "mails_organization_id_user_id_fkey" FOREIGN KEY ("organization_id", "user_id") REFERENCES "users"("organization_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mail_raws" ADD CONSTRAINT "mail_raws_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mail_raws" ADD CONSTRAINT "mail_raws_organization_id_mail_id_fkey" FOREIGN KEY ("organization_id", "mail_id") REFERENCES "mails"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mail_filings" ADD CONSTRAINT "mail_filings_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mail_filings" ADD CONSTRAINT "mail_filings_organization_id_mail_id_fkey" FOREIGN KEY ("organization_id", "mail_id") REFERENCES "mails"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
-- Once per mailbox, and once per organization for what came to its reply addresses, however often it is delivered.
create unique index mails_once on mails (organization_id, user_id, message_id_header, content_hash) nulls not distinct
  where state in ('received', 'held') or direction = 'out' and state = 'sent';
create index mails_to_send on mails (organization_id, user_id, created_at) where state in ('queued', 'dispatching');
create index mails_held on mails (organization_id, created_at) where state = 'held';
create index mails_private on mails (organization_id, message_id_header) where private;
create index mails_unseen on mails (organization_id, user_id, folder) where seen_at is null and state = 'received';
create index mails_search on mails using gin (to_tsvector('simple', subject || ' ' || from_name || ' ' || from_address || ' ' || "to"::text || ' ' || left(text, 100000)));
create unique index candidate_pages_one on candidate_pages (organization_id, person_id, application_id) nulls not distinct;
create unique index reply_addresses_one on reply_addresses (organization_id, conversation_id, application_id, party, user_id, address)
  nulls not distinct;
create index message_notices_due on message_notices (created_at) where mailed_at is null;
alter table mails add constraint mails_private_is_somebodys check (not private or user_id is not null);

-- A name under the mail domain for each user there is: what stands before the @ of their address, told apart where several have the same.
update users u set mail_name = named.mail_name
from (
  select organization_id, id, base || case when number = 1 then '' else '-' || right(id::text, 6) end as mail_name
  from (
    select organization_id, id, base, row_number() over (partition by organization_id, base order by created_at, id) as number
    from (select organization_id, id, created_at,
        coalesce(nullif(regexp_replace(lower(split_part(email, '@', 1)), '[^a-z0-9._-]', '', 'g'), ''), 'user') as base from users) parts
  ) numbered
) named
where u.organization_id = named.organization_id and u.id = named.id;
