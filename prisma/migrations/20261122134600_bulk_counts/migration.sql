-- CreateTable
CREATE TABLE "bulk_counts" (
    "organization_id" UUID NOT NULL,
    "bulk_send_id" UUID NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "outcome" TEXT NOT NULL,
    "reason" TEXT,
    "people" INTEGER NOT NULL,
    "credits" INTEGER NOT NULL,

    CONSTRAINT "bulk_counts_pkey" PRIMARY KEY ("organization_id","bulk_send_id","id")
);

-- AddForeignKey
ALTER TABLE "bulk_counts" ADD CONSTRAINT "bulk_counts_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What became of an accepted one: on its way or sent, unless its message says otherwise.
create function bulk_outcome(state message_state) returns text language sql immutable parallel safe as $$
  select case when state in ('failed', 'suppressed', 'cancelled') then state::text when state in ('unknown', 'unconfirmed') then 'unknown'
    else 'accepted' end
$$;

-- A row for each end that the recipients of one statement have come to. Without a join, whose plan would be kept for one as for many.
create function bulk_recipients_counted() returns trigger language plpgsql as $$
begin
  insert into bulk_counts (organization_id, bulk_send_id, outcome, reason, people, credits)
  select organization_id, bulk_send_id, state::text, reason, sum(people), sum(people * credits)
  from (
    select organization_id, bulk_send_id, state, reason, -1 as people, case when state = 'accepted' then (
      select m.credits from messages m where m.organization_id = r.organization_id and m.id = r.message_id) else 0 end as credits
    from before r where state <> 'waiting'
    union all
    select organization_id, bulk_send_id, state, reason, 1, case when state = 'accepted' then (
      select m.credits from messages m where m.organization_id = r.organization_id and m.id = r.message_id) else 0 end
    from after r where state <> 'waiting') changed
  group by organization_id, bulk_send_id, state, reason having sum(people) <> 0;
  return null;
end $$;

-- Only what goes another way than to be sent: sending and receipts cost nothing here.
create function bulk_message_counted() returns trigger language plpgsql as $$
begin
  insert into bulk_counts (organization_id, bulk_send_id, outcome, reason, people, credits)
  select r.organization_id, r.bulk_send_id, k.outcome, k.reason, k.people,
    case when k.outcome in ('accepted', 'unknown') then k.people * new.credits else 0 end
  from bulk_recipients r,
    (values (bulk_outcome(old.state), old.reason, -1), (bulk_outcome(new.state), new.reason, 1)) k(outcome, reason, people)
  where r.organization_id = new.organization_id and r.message_id = new.id and r.state = 'accepted';
  return null;
end $$;

create trigger bulk_recipients_counted after update on bulk_recipients
  referencing old table as before new table as after for each statement execute function bulk_recipients_counted();
create trigger bulk_message_counted after update on messages for each row
  when (new.origin = 'bulk' and (old.state in ('failed', 'suppressed', 'cancelled', 'unknown', 'unconfirmed')
      or new.state in ('failed', 'suppressed', 'cancelled', 'unknown', 'unconfirmed'))
    and (old.state, old.reason) is distinct from (new.state, new.reason))
  execute function bulk_message_counted();

insert into bulk_counts (organization_id, bulk_send_id, outcome, reason, people, credits)
select organization_id, bulk_send_id, outcome, reason, count(*), sum(case when outcome in ('accepted', 'unknown') then credits else 0 end)
from (
  select r.organization_id, r.bulk_send_id, coalesce(m.reason, r.reason) as reason, coalesce(m.credits, 0) as credits,
    case when r.state = 'accepted' then bulk_outcome(m.state) else r.state::text end as outcome
  from bulk_recipients r left join messages m on m.organization_id = r.organization_id and m.id = r.message_id
  where r.state <> 'waiting') r
group by organization_id, bulk_send_id, outcome, reason;
