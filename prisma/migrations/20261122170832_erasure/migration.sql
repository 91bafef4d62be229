-- AlterTable
ALTER TABLE "applications" ADD COLUMN     "erased_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "conversations" ADD COLUMN     "erased_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "people" ADD COLUMN     "erase_again_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "provider_messages" ADD COLUMN     "remove_at" TIMESTAMPTZ(3);

create index provider_messages_removed_idx on provider_messages (remove_at) where remove_at is not null;
create index people_erased_again_idx on people (erase_again_at) where erase_again_at is not null;
