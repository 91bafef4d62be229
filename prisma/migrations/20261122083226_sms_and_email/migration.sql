-- AlterTable
ALTER TABLE "channel_accounts" ADD COLUMN     "secret_sealed" BYTEA,
ADD COLUMN     "settings" JSONB NOT NULL DEFAULT '{}';
-- Every organization sends e-mail over the installation's mail server.
insert into channel_accounts (organization_id, id, channel, name, state, state_changed_at, created_at, updated_at)
select id, gen_random_uuid(), 'email', 'E-mail', 'connected', created_at, created_at, created_at from organizations;
