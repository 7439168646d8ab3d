-- +goose Up

-- With 100,000 orders waiting, and more that have ended, no list may sort all rows to show a
-- hundred of them: these indexes have the order of the lists.
DROP INDEX provisionings_created;
CREATE INDEX provisionings_listed ON provisionings (created_at DESC, order_number DESC, item);
DROP INDEX provisionings_stopped;
CREATE INDEX provisionings_stopped ON provisionings (created_at DESC, order_number DESC, item)
    WHERE state = 'open' AND run_state <> '';

-- A round of the watch reads the open rows of an account in pages, oldest first.
DROP INDEX registrar_operations_untold;
CREATE INDEX registrar_operations_untold ON registrar_operations (account, intended_at, key) WHERE told_at IS NULL;
CREATE INDEX registrar_operations_open ON registrar_operations (intended_at, key) WHERE finished_at IS NULL;
CREATE INDEX registrar_operations_domain ON registrar_operations (domain, intended_at, key);

CREATE INDEX confirmations_received ON confirmations (received_at, event_id);

-- +goose Down
DROP INDEX confirmations_received;
DROP INDEX registrar_operations_domain;
DROP INDEX registrar_operations_open;
DROP INDEX registrar_operations_untold;
CREATE INDEX registrar_operations_untold ON registrar_operations (account) WHERE told_at IS NULL;
DROP INDEX provisionings_stopped;
CREATE INDEX provisionings_stopped ON provisionings (created_at) WHERE state = 'open' AND run_state <> '';
DROP INDEX provisionings_listed;
CREATE INDEX provisionings_created ON provisionings (created_at);
