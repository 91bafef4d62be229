-- DropIndex
DROP INDEX "applications_organization_id_vacancy_id_stage_id_stage_entr_idx";

-- CreateIndex
CREATE INDEX "applications_organization_id_vacancy_id_person_id_idx" ON "applications"("organization_id", "vacancy_id", "person_id");

-- CreateIndex
CREATE INDEX "people_organization_id_last_name_first_name_id_idx" ON "people"("organization_id", "last_name", "first_name", "id");-- A board's columns and the number of each vacancy: counted and read from the index.

create index applications_waiting_idx on applications (organization_id, vacancy_id, stage_id, stage_entry_id)
  where rejected_at is null and withdrawn_at is null;
-- The inbox by a channel that few conversations have.
create index conversations_channels_idx on conversations using gin (channels);
-- Whether a message was sent again: looked up for each message shown.
create index messages_retry_idx on messages (organization_id, retry_of_id) where retry_of_id is not null;
