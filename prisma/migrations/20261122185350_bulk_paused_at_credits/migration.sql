-- AlterTable
ALTER TABLE "bulk_sends" ADD COLUMN     "paused_at_credits" INTEGER;