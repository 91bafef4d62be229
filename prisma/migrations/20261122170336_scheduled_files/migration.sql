-- AlterTable
ALTER TABLE "scheduled_messages" ADD COLUMN     "media_ids" UUID[] DEFAULT ARRAY[]::UUID[];