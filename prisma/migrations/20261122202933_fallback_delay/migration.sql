-- AlterTable
ALTER TABLE "scheduled_messages" ADD COLUMN     "after_seconds" INTEGER;