-- The few messages whose credits came back, for reports that leave them out.
CREATE INDEX credit_entries_given_back_idx ON credit_entries (organization_id, message_id) WHERE kind IN ('release', 'refund');
