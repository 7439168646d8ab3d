-- +goose Up

-- The state that lists show for a unit: running, waiting, attention, undoing, done, cancelled
-- or failed; '' while it is not known. reason says why an open unit needs a person, and since
-- how long the state has lasted. shown_at is when its workflow told it, by Temporal's clock;
-- NULL if the workflow has not told any. run_since is when run_state was found.
ALTER TABLE provisionings ADD COLUMN shown text NOT NULL DEFAULT '';
ALTER TABLE provisionings ADD COLUMN step integer NOT NULL DEFAULT 0;
ALTER TABLE provisionings ADD COLUMN reason text NOT NULL DEFAULT '';
ALTER TABLE provisionings ADD COLUMN since timestamp;
ALTER TABLE provisionings ADD COLUMN shown_at timestamp;
ALTER TABLE provisionings ADD COLUMN run_since timestamp;
UPDATE provisionings SET shown = state, since = closed_at WHERE state <> 'open';
UPDATE provisionings SET run_since = run_seen_at WHERE run_state <> '';
-- Lists look for these expressions, word for word. A run that does not go on needs a person,
-- whatever its workflow told last.
CREATE INDEX provisionings_shown ON provisionings (
    (CASE WHEN run_state <> '' THEN 'attention' WHEN shown = '' THEN 'running' ELSE shown END),
    created_at DESC, order_number DESC, item);
CREATE INDEX provisionings_reason ON provisionings (
    (CASE WHEN run_state <> '' THEN run_state ELSE reason END),
    created_at DESC, order_number DESC, item) WHERE state = 'open';

-- +goose Down
DROP INDEX provisionings_reason;
DROP INDEX provisionings_shown;
ALTER TABLE provisionings DROP COLUMN run_since;
ALTER TABLE provisionings DROP COLUMN shown_at;
ALTER TABLE provisionings DROP COLUMN since;
ALTER TABLE provisionings DROP COLUMN reason;
ALTER TABLE provisionings DROP COLUMN step;
ALTER TABLE provisionings DROP COLUMN shown;
