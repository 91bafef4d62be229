-- What a resumed channel has still to be told about, a few each second.
create index conversations_resuming_idx on conversations (organization_id, id) where blocked_by = 'resuming';
