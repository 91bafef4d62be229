-- DropIndex
DROP INDEX "applications_organization_id_vacancy_id_stage_id_id_idx";

-- CreateIndex
CREATE INDEX "applications_organization_id_vacancy_id_stage_id_stage_entr_idx" ON "applications"("organization_id", "vacancy_id", "stage_id", "stage_entry_id");