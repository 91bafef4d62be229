-- AlterTable
ALTER TABLE "mail_domains" ADD COLUMN     "changed_at" TIMESTAMPTZ(3),
ADD COLUMN     "mailed_at" TIMESTAMPTZ(3),
ADD COLUMN     "next_check_at" TIMESTAMPTZ(3);