-- What the schema language cannot say: checks, partial indexes and search indexes.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- R-CRED-2: a balance never goes below zero; the ledger's signs follow its kinds.
ALTER TABLE credit_accounts ADD CONSTRAINT credit_accounts_balance_check CHECK (balance >= 0);
ALTER TABLE credit_entries ADD CONSTRAINT credit_entries_amount_check CHECK (
  CASE kind
    WHEN 'reserve' THEN amount < 0
    WHEN 'commit' THEN amount = 0
    WHEN 'release' THEN amount > 0
    WHEN 'refund' THEN amount > 0
    WHEN 'grant' THEN amount > 0
    ELSE true
  END
);
ALTER TABLE credit_entries ADD CONSTRAINT credit_entries_message_check CHECK (
  (kind IN ('reserve', 'commit', 'release', 'refund')) = (message_id IS NOT NULL)
);

-- R-CHAT-1, R-CHAT-9: only an Active chat has an owner; it stands in the owner's My Chats, else in the responsible user's.
ALTER TABLE conversations ADD CONSTRAINT conversations_owner_check CHECK ((status = 'active') = (owner_id IS NOT NULL));
ALTER TABLE conversations ADD CONSTRAINT conversations_deadline_check CHECK ((status = 'closed') = (deadline_at IS NULL));
ALTER TABLE conversations ADD CONSTRAINT conversations_inbox_check CHECK (
  inbox_user_id IS NOT DISTINCT FROM CASE WHEN status = 'active' THEN owner_id ELSE responsible_user_id END
);

ALTER TABLE users ADD CONSTRAINT users_email_check CHECK (email = lower(email));
ALTER TABLE contact_points ADD CONSTRAINT contact_points_key_check CHECK (key <> '' AND (kind <> 'email' OR key = lower(key)));
ALTER TABLE messages ADD CONSTRAINT messages_direction_check CHECK ((direction = 'in') = (state = 'received'));
ALTER TABLE messages ADD CONSTRAINT messages_credits_check CHECK (credits >= 0);
ALTER TABLE messages ADD CONSTRAINT messages_dispatching_check CHECK (
  state <> 'dispatching' OR (attempt_token IS NOT NULL AND dispatch_deadline_at IS NOT NULL)
);

-- The queue of one conversation, the overdue, and what still waits for an end.
CREATE INDEX messages_queue_idx ON messages (organization_id, conversation_id, position) WHERE state IN ('queued', 'dispatching');
CREATE INDEX messages_ageing_idx ON messages (state, dispatch_deadline_at) WHERE state IN ('dispatching', 'unknown');
CREATE INDEX messages_scheduled_idx ON messages (scheduled_at) WHERE state = 'scheduled';
CREATE INDEX conversations_overdue_idx ON conversations (deadline_at) WHERE deadline_at IS NOT NULL;
CREATE INDEX conversations_unanswered_idx ON conversations (organization_id, unanswered_since, id) WHERE unanswered_since IS NOT NULL;
CREATE INDEX conversations_badge_idx ON conversations (organization_id, inbox_user_id, unanswered_since, id) WHERE unanswered_since IS NOT NULL;
CREATE INDEX webhook_deliveries_pending_idx ON webhook_deliveries (received_at) WHERE state = 'pending';
CREATE INDEX media_pending_idx ON media (created_at) WHERE state = 'pending';
CREATE INDEX notifications_unseen_idx ON notifications (organization_id, user_id) WHERE seen_at IS NULL;
CREATE UNIQUE INDEX opt_outs_in_force_idx ON opt_outs (organization_id, key_hash, marketing_only) WHERE undone_at IS NULL;
CREATE UNIQUE INDEX stage_entries_in_force_idx ON stage_entries (organization_id, application_id) WHERE left_at IS NULL;

-- Search by name and number.
CREATE INDEX people_name_search_idx ON people USING gin ((lower(first_name || ' ' || last_name)) gin_trgm_ops);
CREATE INDEX contact_points_search_idx ON contact_points USING gin (key gin_trgm_ops);

-- Deleting by reference, and looking up from the other side.
CREATE INDEX stage_entries_stage_idx ON stage_entries (organization_id, to_stage_id);
CREATE INDEX applications_stage_idx ON applications (organization_id, stage_id);
CREATE INDEX conversations_owner_idx ON conversations (organization_id, owner_id) WHERE owner_id IS NOT NULL;
CREATE INDEX people_employer_idx ON people (organization_id, employer_id) WHERE employer_id IS NOT NULL;
