-- AlterTable
ALTER TABLE "conversations" ADD COLUMN     "answered_position" INTEGER,
ADD COLUMN     "answered_since" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "parked_reactions" (
    "channel_account_id" UUID NOT NULL,
    "provider_id" TEXT NOT NULL,
    "organization_id" UUID NOT NULL,
    "conversation_id" UUID NOT NULL,
    "emoji" TEXT NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "parked_reactions_pkey" PRIMARY KEY ("channel_account_id","provider_id","conversation_id")
);

-- AddForeignKey
ALTER TABLE "parked_reactions" ADD CONSTRAINT "parked_reactions_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;