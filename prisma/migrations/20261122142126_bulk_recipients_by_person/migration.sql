-- CreateIndex
CREATE INDEX "bulk_recipients_organization_id_person_id_idx" ON "bulk_recipients"("organization_id", "person_id");
