-- DropIndex
DROP INDEX "audit_entries_organization_id_id_idx";

-- DropIndex
DROP INDEX "credit_entries_organization_id_id_idx";

-- AlterTable
ALTER TABLE "credit_accounts" ADD COLUMN     "low_mailed_at" TIMESTAMPTZ(3),
ADD COLUMN     "low_warned_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "saved_searches" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "page" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "query" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "saved_searches_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "customer_requests" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "requested_by_id" UUID NOT NULL,
    "requested_at" TIMESTAMPTZ(3) NOT NULL,
    "sent_at" TIMESTAMPTZ(3),

    CONSTRAINT "customer_requests_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateIndex
CREATE UNIQUE INDEX "saved_searches_organization_id_user_id_page_name_key" ON "saved_searches"("organization_id", "user_id", "page", "name");

-- CreateIndex
CREATE UNIQUE INDEX "customer_requests_organization_id_kind_day_key" ON "customer_requests"("organization_id", "kind", "day");

-- CreateIndex
CREATE INDEX "messages_organization_id_occurred_at_id_idx" ON "messages"("organization_id", "occurred_at" DESC, "id" DESC);

-- AddForeignKey
ALTER TABLE "saved_searches" ADD CONSTRAINT "saved_searches_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "saved_searches" ADD CONSTRAINT "saved_searches_organization_id_user_id_fkey" FOREIGN KEY ("organization_id", "user_id") REFERENCES "users"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "customer_requests" ADD CONSTRAINT "customer_requests_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE saved_searches ADD CONSTRAINT saved_searches_page_check CHECK (page IN ('messages', 'people'));
ALTER TABLE customer_requests ADD CONSTRAINT customer_requests_kind_check CHECK (kind IN ('whatsapp', 'sms', 'credits'));
