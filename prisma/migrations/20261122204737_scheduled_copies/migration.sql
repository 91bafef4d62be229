-- AlterTable
ALTER TABLE "scheduled_messages" ADD COLUMN     "copies" JSONB;