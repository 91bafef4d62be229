/** SQL expressions of what is about to go: to whom, when it was wanted, its id (of a send to many: that one's), and the clock. */
type Going = { organizationId: string; personId: string; wanted: string; id: string; now: string };

/**
 * R-SEND-10: what a night put off goes in the order in which it was wanted, whatever it is: an automatic message, a scheduled one, one of many.
 * True where something else that was wanted earlier, and is due, still waits for this person. Whatever is not done within some minutes (a
 * large send, a worker that is away) holds up nothing any more.
 */
export const earlierWaitsSql = ({ organizationId, personId, wanted, id, now }: Going): string => {
  const waits = `earlier.state = 'planned' and earlier.due_at <= ${now} and earlier.due_at > ${now} - interval '10 minutes'
    and earlier.wanted_at is not null and (earlier.wanted_at, earlier.id) < (${wanted}, ${id})`;
  return `(
    exists (select 1 from scheduled_messages earlier
      where earlier.organization_id = ${organizationId} and earlier.person_id = ${personId} and ${waits})
    or exists (select 1 from applications theirs
      join action_runs earlier on earlier.organization_id = theirs.organization_id and earlier.application_id = theirs.id
      where theirs.organization_id = ${organizationId} and theirs.person_id = ${personId} and ${waits})
    or exists (select 1 from bulk_recipients earlier
      join bulk_sends send on send.organization_id = earlier.organization_id and send.id = earlier.bulk_send_id and send.state = 'running'
      where earlier.organization_id = ${organizationId} and earlier.person_id = ${personId} and earlier.state = 'waiting'
        and earlier.not_before < ${now} + interval '5 seconds' and earlier.not_before > ${now} - interval '1 minute'
        and (coalesce(send.scheduled_at, send.created_at), send.id) < (${wanted}, ${id})
        and not (earlier.channel = 'whatsapp' and coalesce(send.whatsapp_held_until > ${now}, false))
        and exists (select 1 from channel_accounts account where account.organization_id = earlier.organization_id
          and account.channel = earlier.channel and account.state = 'connected')))`;
};
