-- +goose Up

-- What the request relied on when it was first intended, such as the expiry date
-- before a renewal: a repeat must compare with that, and not with the present state.
ALTER TABLE registrar_operations ADD COLUMN guard text NOT NULL DEFAULT '';

-- When a failed or cancelled operation was last read at the registrar, whose support
-- may restart it.
ALTER TABLE registrar_operations ADD COLUMN checked_at timestamp;
CREATE INDEX registrar_operations_ended ON registrar_operations (account, finished_at)
    WHERE state IN ('failed', 'cancelled');
CREATE INDEX registrar_operations_reference ON registrar_operations (reference);

-- +goose Down
DROP INDEX registrar_operations_reference;
DROP INDEX registrar_operations_ended;
ALTER TABLE registrar_operations DROP COLUMN checked_at;
ALTER TABLE registrar_operations DROP COLUMN guard;
