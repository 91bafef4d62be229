-- a file needs no text
alter table scheduled_messages drop constraint scheduled_messages_content;
alter table scheduled_messages add constraint scheduled_messages_content check (body is not null or template_id is not null or media_ids <> '{}');
