-- Erasing a person looks for their mails by address, by reply address and by what they answer, among those of everybody.
create index mails_by_sender on mails (organization_id, lower(from_address));
create index mails_by_recipient on mails using gin ((lower(jsonb_path_query_array("to" || cc || bcc, '$[*].address')::text)::jsonb));
create index mails_answering on mails (organization_id, in_reply_to) where in_reply_to is not null;
create index mails_replying on mails (organization_id, reply_to_mail_id) where reply_to_mail_id is not null;
create index mails_of_conversation on mails (organization_id, conversation_id) where conversation_id is not null;
