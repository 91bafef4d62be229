-- AlterTable
ALTER TABLE "scheduled_messages" ADD COLUMN     "wanted_at" TIMESTAMPTZ(3);