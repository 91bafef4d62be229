-- CreateTable
CREATE TABLE "report_days" (
    "organization_id" UUID NOT NULL,
    "day" DATE NOT NULL,
    "counts" JSONB,

    CONSTRAINT "report_days_pkey" PRIMARY KEY ("organization_id","day")
);

-- AddForeignKey
ALTER TABLE "report_days" ADD CONSTRAINT "report_days_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
-- The days that are to be added up again.
create index report_days_open_idx on report_days (organization_id, day) where counts is null;

-- Held together by those who change messages of days that are over, alone by whoever adds a day up.
create function lock_report_days(organization uuid, alone boolean) returns void language plpgsql as $$
begin
  if alone then perform pg_advisory_xact_lock(720119, hashtext(organization::text));
  else perform pg_advisory_xact_lock_shared(720119, hashtext(organization::text));
  end if;
end $$;

-- Whatever the time zone, the day is one of these three.
create function report_day_changed() returns trigger language plpgsql as $$
begin
  perform lock_report_days(new.organization_id, false);
  update report_days set counts = null where organization_id = new.organization_id and counts is not null
    and day between (new.occurred_at at time zone 'UTC')::date - 1 and (new.occurred_at at time zone 'UTC')::date + 1;
  return null;
end $$;

create trigger messages_come_late after insert on messages for each row
  when (new.occurred_at < now() - interval '5 days') execute function report_day_changed();
create trigger messages_change_late after update of state, credits on messages for each row
  when (new.occurred_at < now() - interval '5 days' and (old.state, old.credits) is distinct from (new.state, new.credits))
  execute function report_day_changed();

-- The days are those of the time zone.
create function report_days_moved() returns trigger language plpgsql as $$
begin
  perform lock_report_days(new.id, true);
  delete from report_days where organization_id = new.id;
  return null;
end $$;

create trigger report_days_moved after update of time_zone on organizations for each row
  when (old.time_zone <> new.time_zone) execute function report_days_moved();
