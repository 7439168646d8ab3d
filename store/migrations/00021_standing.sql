-- +goose Up

-- What monitoring counts every few seconds: all open units by state, reason, account and type,
-- which this index answers by itself, and the requests whose outcome nobody knows, which are few.
CREATE INDEX provisionings_standing ON provisionings (
    registrar, workflow_id, shown, reason, run_state, run_since, since, created_at) WHERE state = 'open';
CREATE INDEX registrar_operations_unknown ON registrar_operations (account, intended_at) WHERE state = 'unknown';

-- +goose Down
DROP INDEX registrar_operations_unknown;
DROP INDEX provisionings_standing;
