-- AlterTable
ALTER TABLE "organizations" ADD COLUMN     "brand_color" TEXT,
ADD COLUMN     "brand_logo" BYTEA,
ADD COLUMN     "brand_logo_hash" TEXT,
ADD COLUMN     "brand_logo_type" TEXT;

-- Colours go into style attributes of mails as they stand.
alter table organizations add constraint organizations_brand_color check (brand_color ~ '^#[0-9a-f]{6}$');
alter table organizations add constraint organizations_brand_logo check (
  num_nonnulls(brand_logo, brand_logo_type, brand_logo_hash) in (0, 3)
  and brand_logo_type in ('image/png', 'image/jpeg', 'image/webp') and length(brand_logo) <= 204800);
