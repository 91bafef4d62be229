-- CreateEnum
CREATE TYPE "bulk_send_state" AS ENUM ('running', 'paused', 'finished', 'cancelled');

-- CreateEnum
CREATE TYPE "bulk_recipient_state" AS ENUM ('waiting', 'accepted', 'suppressed', 'cancelled');

-- CreateTable
CREATE TABLE "bulk_sends" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "state" "bulk_send_state" NOT NULL,
    "channels" "channel"[],
    "template_id" UUID,
    "title" TEXT,
    "body" TEXT,
    "created_by_id" UUID,
    "api_key_id" UUID,
    "planned" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "reason" TEXT,

    CONSTRAINT "bulk_sends_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "bulk_recipients" (
    "organization_id" UUID NOT NULL,
    "bulk_send_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "person_id" UUID NOT NULL,
    "application_id" UUID,
    "channel" "channel" NOT NULL,
    "state" "bulk_recipient_state" NOT NULL,
    "message_id" UUID,
    "reason" TEXT,
    "not_before" TIMESTAMPTZ(3),

    CONSTRAINT "bulk_recipients_pkey" PRIMARY KEY ("organization_id","bulk_send_id","position")
);

-- AddForeignKey
ALTER TABLE "bulk_sends" ADD CONSTRAINT "bulk_sends_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bulk_recipients" ADD CONSTRAINT "bulk_recipients_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bulk_recipients" ADD CONSTRAINT "bulk_recipients_organization_id_bulk_send_id_fkey" FOREIGN KEY ("organization_id", "bulk_send_id") REFERENCES "bulk_sends"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
-- Who waits, in order: claimed with skip locked.
create index bulk_recipients_waiting on bulk_recipients (organization_id, bulk_send_id, position) where state = 'waiting';
create index bulk_recipients_by_message on bulk_recipients (organization_id, message_id) where message_id is not null;
