-- AlterTable
ALTER TABLE "bulk_sends" ADD COLUMN     "parameters" JSONB;