-- AlterTable
ALTER TABLE "bulk_sends" ADD COLUMN     "whatsapp_held_until" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "channel_accounts" ADD COLUMN     "messages_per_second" INTEGER,
ADD COLUMN     "messaging_tier" TEXT,
ADD COLUMN     "provider_rate" INTEGER,
ADD COLUMN     "tier_from_provider" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE UNLOGGED TABLE "send_rates" (
    "organization_id" UUID NOT NULL,
    "channel_account_id" UUID NOT NULL,
    "next_at" TIMESTAMPTZ(6) NOT NULL,
    "slow_factor" DOUBLE PRECISION NOT NULL DEFAULT 1,
    "slowed_at" TIMESTAMPTZ(3),

    CONSTRAINT "send_rates_pkey" PRIMARY KEY ("organization_id","channel_account_id")
);

-- CreateTable
CREATE TABLE "outreach" (
    "organization_id" UUID NOT NULL,
    "waba_id" TEXT NOT NULL,
    "contact_point_id" UUID NOT NULL,
    "message_id" UUID NOT NULL,
    "reached_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "outreach_pkey" PRIMARY KEY ("organization_id","waba_id","contact_point_id")
);

-- CreateTable
CREATE TABLE "messaging_limits" (
    "organization_id" UUID NOT NULL,
    "waba_id" TEXT NOT NULL,
    "leases" JSONB NOT NULL DEFAULT '[]',
    "held_until" TIMESTAMPTZ(3),

    CONSTRAINT "messaging_limits_pkey" PRIMARY KEY ("organization_id","waba_id")
);

-- CreateIndex
CREATE INDEX "outreach_organization_id_waba_id_reached_at_idx" ON "outreach"("organization_id", "waba_id", "reached_at");

-- AddForeignKey
ALTER TABLE "send_rates" ADD CONSTRAINT "send_rates_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "outreach" ADD CONSTRAINT "outreach_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "messaging_limits" ADD CONSTRAINT "messaging_limits_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;alter table channel_accounts add check (messages_per_second between 1 and 10000), add check (provider_rate > 0);
alter table send_rates add check (slow_factor > 0 and slow_factor <= 1);
