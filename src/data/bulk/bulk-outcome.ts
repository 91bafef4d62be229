/** What became of one, in the words of R-SEND-6: a message that is queued or on its way still waits. */
export const outcomeSql = `case when r.state = 'waiting' then 'waiting' when r.state = 'suppressed' then 'suppressed'
  when r.state = 'cancelled' then 'cancelled' when m.state in ('queued', 'dispatching', 'scheduled') then 'waiting'
  when m.state in ('sent', 'delivered', 'read') then 'sent' when m.state in ('unknown', 'unconfirmed') then 'unknown'
  else m.state::text end`;

export const recipientTables = `from bulk_recipients r
  left join messages m on m.organization_id = r.organization_id and m.id = r.message_id`;
