-- The next planned action of a move, and the earlier ones of the same entry, found without looking at all the others.
CREATE INDEX action_runs_planned_idx ON action_runs (organization_id, move_id, id) WHERE state = 'planned';
