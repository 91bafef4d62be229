/** What became of one, in the words of R-SEND-6: a message that is queued or on its way still waits. */
export const outcomeSql = `case when r.state = 'waiting' then 'waiting' when r.state = 'suppressed' then 'suppressed'
  when r.state = 'cancelled' then 'cancelled' when m.state in ('queued', 'dispatching', 'scheduled') then 'waiting'
  when m.state in ('sent', 'delivered', 'read') then 'sent' when m.state in ('unknown', 'unconfirmed') then 'unknown'
  else m.state::text end`;

export const recipientTables = `from bulk_recipients r
  left join messages m on m.organization_id = r.organization_id and m.id = r.message_id`;

/**
 * R-SEND-6: the counts of a send `b`, as `k`, from what is kept (the triggers of `bulk_counts`): the ends that differ are counted, who is in
 * none waits, and who was accepted and is not on its way any more was sent. Only what is on its way is looked at.
 */
export const countedTables = `
  cross join lateral (
    select coalesce(sum(people), 0)::int as ended, coalesce(sum(people) filter (where outcome = 'accepted'), 0)::int as accepted,
      coalesce(sum(people) filter (where outcome = 'unknown'), 0)::int as unknown,
      coalesce(sum(people) filter (where outcome = 'suppressed'), 0)::int as suppressed,
      coalesce(sum(people) filter (where outcome = 'failed'), 0)::int as failed,
      coalesce(sum(people) filter (where outcome = 'cancelled'), 0)::int as cancelled, coalesce(sum(credits), 0)::int as credits
    from bulk_counts where organization_id = b.organization_id and bulk_send_id = b.id) k
  cross join lateral (
    select count(*)::int as people from messages m
    where m.organization_id = b.organization_id and m.state in ('queued', 'dispatching') and m.origin = 'bulk' and b.state <> 'finished'
      and (select r.bulk_send_id from bulk_recipients r where r.organization_id = m.organization_id and r.message_id = m.id) = b.id) on_way`;

export const countsSql = `jsonb_build_object('planned', b.planned, 'waiting', b.planned - k.ended + on_way.people,
  'sent', k.accepted - on_way.people, 'unknown', k.unknown, 'suppressed', k.suppressed, 'failed', k.failed, 'cancelled', k.cancelled)`;
