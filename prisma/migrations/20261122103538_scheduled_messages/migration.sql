-- AlterTable
ALTER TABLE "bulk_sends" ADD COLUMN     "fallback_after_seconds" INTEGER,
ADD COLUMN     "fallback_channel" "channel",
ADD COLUMN     "scheduled_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "messages" ADD COLUMN     "fallback_of_id" UUID;

-- AlterTable
ALTER TABLE "stage_actions" ADD COLUMN     "fallback_after_seconds" INTEGER,
ADD COLUMN     "fallback_channel" "channel";

-- CreateTable
CREATE TABLE "scheduled_messages" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "batch_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "application_id" UUID,
    "channels" "channel"[],
    "title" TEXT,
    "body" TEXT,
    "template_id" UUID,
    "parameters" JSONB,
    "reply_to_id" UUID,
    "origin" "message_origin" NOT NULL,
    "user_id" UUID,
    "api_key_id" UUID,
    "stage_entry_id" UUID,
    "fallback_channel" "channel",
    "fallback_after_seconds" INTEGER,
    "after_message_id" UUID,
    "state" "action_run_state" NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "quiet" BOOLEAN NOT NULL DEFAULT false,
    "reason" TEXT,
    "message_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "settled_at" TIMESTAMPTZ(3),

    CONSTRAINT "scheduled_messages_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateIndex
CREATE UNIQUE INDEX "scheduled_messages_organization_id_after_message_id_key" ON "scheduled_messages"("organization_id", "after_message_id");

-- AddForeignKey
ALTER TABLE "scheduled_messages" ADD CONSTRAINT "scheduled_messages_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
-- What waits: of a batch, of a person, and what nobody took up in time.
create index scheduled_messages_batch on scheduled_messages (organization_id, batch_id, due_at) where state = 'planned';
create index scheduled_messages_person on scheduled_messages (organization_id, person_id, due_at) where state = 'planned';
create index scheduled_messages_due on scheduled_messages (due_at) where state = 'planned';

-- A fallback has a channel and a time together, or neither.
alter table bulk_sends add constraint bulk_sends_fallback check ((fallback_channel is null) = (fallback_after_seconds is null));
alter table stage_actions add constraint stage_actions_fallback check ((fallback_channel is null) = (fallback_after_seconds is null));
alter table scheduled_messages add constraint scheduled_messages_fallback check ((fallback_channel is null) = (fallback_after_seconds is null));
alter table scheduled_messages add constraint scheduled_messages_content check (body is not null or template_id is not null);
