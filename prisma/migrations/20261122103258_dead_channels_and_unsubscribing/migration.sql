-- AlterTable
ALTER TABLE "channel_accounts" ADD COLUMN     "paused_at" TIMESTAMPTZ(3),
ADD COLUMN     "told_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "opt_outs" ADD COLUMN     "message_id" UUID,
ADD COLUMN     "source" TEXT;