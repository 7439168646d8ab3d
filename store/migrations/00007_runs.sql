-- +goose Up

-- What a person or a fault has done to the workflow of an open unit, such as terminated; ''
-- while it runs normally. run_seen_at is when it was last compared with Temporal.
ALTER TABLE provisionings ADD COLUMN run_state text NOT NULL DEFAULT '';
ALTER TABLE provisionings ADD COLUMN run_seen_at timestamp;
UPDATE provisionings SET run_seen_at = started_at;
CREATE INDEX provisionings_run_seen ON provisionings (run_seen_at) WHERE state = 'open' AND started_at IS NOT NULL;
CREATE INDEX provisionings_stopped ON provisionings (created_at) WHERE state = 'open' AND run_state <> '';

-- +goose Down
DROP INDEX provisionings_stopped;
DROP INDEX provisionings_run_seen;
ALTER TABLE provisionings DROP COLUMN run_seen_at;
ALTER TABLE provisionings DROP COLUMN run_state;
