-- R-CONF-1: a message that becomes private leaves the conversation, and the sums of its day.
create function report_day_left() returns trigger language plpgsql as $$
begin
  perform lock_report_days(old.organization_id, false);
  update report_days set counts = null where organization_id = old.organization_id and counts is not null
    and day between (old.occurred_at at time zone 'UTC')::date - 1 and (old.occurred_at at time zone 'UTC')::date + 1;
  return null;
end $$;

create trigger messages_go_late after delete on messages for each row
  when (old.occurred_at < now() - interval '5 days') execute function report_day_left();
