-- AlterTable
ALTER TABLE "webhook_deliveries" ADD COLUMN     "message_id" UUID;
-- One SMS account an organization.
CREATE UNIQUE INDEX channel_accounts_sms_idx ON channel_accounts (organization_id) WHERE channel = 'sms';
