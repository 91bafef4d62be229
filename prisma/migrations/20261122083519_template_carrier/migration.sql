-- AlterTable
ALTER TABLE "organizations" ADD COLUMN     "carrier_template_id" UUID;
-- the list of templates, in the order of its pages
create index templates_list on templates (organization_id, lower(name), language, id) where removed_at is null;
