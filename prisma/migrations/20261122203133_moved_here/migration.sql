-- AlterTable
ALTER TABLE "mails" ADD COLUMN     "moved_here" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "server_seen" BOOLEAN;
create index mails_moved_here on mails (organization_id, user_id) where moved_here;
