-- A board's columns, and the number of each vacancy, are still counted and read from the index: without who was erased.
drop index applications_waiting_idx;
create index applications_waiting_idx on applications (organization_id, vacancy_id, stage_id, stage_entry_id)
  where rejected_at is null and withdrawn_at is null and erased_at is null;
