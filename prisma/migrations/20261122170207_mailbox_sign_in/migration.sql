-- AlterTable
ALTER TABLE "mailboxes" ADD COLUMN     "oauth_renewing_until" TIMESTAMPTZ(3),
ADD COLUMN     "oauth_state" TEXT;