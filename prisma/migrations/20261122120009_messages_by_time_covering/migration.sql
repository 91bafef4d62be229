-- DropIndex
DROP INDEX "messages_organization_id_occurred_at_id_idx";
-- Reports add up from this index alone: by time, with what the sums ask of a message.
create index messages_time_idx on messages (organization_id, occurred_at desc, id desc) include (channel, state, direction, credits);
