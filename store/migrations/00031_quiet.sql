-- +goose Up

-- At a registrar that has nothing but a queue of news a round reads, by their references, the
-- waiting operations of which nothing was heard for longest, and tells the orders of those that
-- have ended. Neither may read the rows of all that wait.
CREATE INDEX registrar_operations_quiet ON registrar_operations (
    account, (CASE WHEN checked_at > updated_at THEN checked_at ELSE updated_at END), key)
    WHERE told_at IS NULL AND reference <> '' AND state IN ('pending', 'submitted');
CREATE INDEX registrar_operations_unspoken ON registrar_operations (account, finished_at, key)
    WHERE told_at IS NULL AND finished_at IS NOT NULL;

-- +goose Down
DROP INDEX registrar_operations_unspoken;
DROP INDEX registrar_operations_quiet;
