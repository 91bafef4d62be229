-- AlterTable
ALTER TABLE "action_runs" ADD COLUMN     "wanted_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "contact_points" ADD COLUMN     "wa_user_id" TEXT;

-- AlterTable
ALTER TABLE "organizations" ADD COLUMN     "events_removed_to" BIGINT NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "webhook_endpoints" ADD COLUMN     "away_since" TIMESTAMPTZ(3),
ADD COLUMN     "disabled_at" TIMESTAMPTZ(3),
ADD COLUMN     "mailed_at" TIMESTAMPTZ(3),
ADD COLUMN     "missed" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "old_secret_sealed" BYTEA,
ADD COLUMN     "old_secret_until" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "application_notices" (
    "organization_id" UUID NOT NULL,
    "application_id" UUID NOT NULL,
    "vacancy_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "mailed_at" TIMESTAMPTZ(3),

    CONSTRAINT "application_notices_pkey" PRIMARY KEY ("organization_id","application_id")
);

-- CreateIndex
CREATE INDEX "application_notices_organization_id_vacancy_id_mailed_at_idx" ON "application_notices"("organization_id", "vacancy_id", "mailed_at");

-- CreateIndex
CREATE UNIQUE INDEX "contact_points_organization_id_wa_user_id_key" ON "contact_points"("organization_id", "wa_user_id");

-- AddForeignKey
ALTER TABLE "application_notices" ADD CONSTRAINT "application_notices_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
-- What the sweep removes once it is old enough.
CREATE INDEX event_deliveries_delivered_idx ON event_deliveries (delivered_at) WHERE state = 'delivered';
CREATE INDEX webhook_deliveries_poison_idx ON webhook_deliveries (received_at) WHERE state = 'poison';
CREATE INDEX user_tokens_expires_idx ON user_tokens (expires_at);
CREATE INDEX sign_in_attempts_reset_idx ON sign_in_attempts (reset_at);

-- New applications that still wait for their mail.
CREATE INDEX application_notices_waiting_idx ON application_notices (created_at) WHERE mailed_at IS NULL;
