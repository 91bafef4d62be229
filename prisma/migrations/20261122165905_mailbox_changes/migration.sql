-- AlterTable
ALTER TABLE "mailbox_items" ADD COLUMN     "seen" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "mailboxes" ADD COLUMN     "connected_at" TIMESTAMPTZ(3),
ADD COLUMN     "seen_changed_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "mails" ADD COLUMN     "server_folder" "mail_folder";
-- What is stored already: as if the server had it so.
update mailbox_items i set seen = m.seen_at is not null from mails m where m.organization_id = i.organization_id and m.id = i.mail_id;
update mails m set server_folder = p.folder from (
  select i.organization_id, i.mail_id, min(f.folder) as folder from mailbox_items i
  join mailbox_folders f on f.organization_id = i.organization_id and f.id = i.folder_id
  where f.folder is not null group by i.organization_id, i.mail_id) p
where m.organization_id = p.organization_id and m.id = p.mail_id;
