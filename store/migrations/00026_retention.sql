-- +goose Up

-- Orders that may be erased after a time, the oldest first.
CREATE INDEX orders_kept ON orders (received_at) WHERE erased_at IS NULL;
CREATE INDEX refusals_received ON refusals (received_at);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

-- The last act that was removed for its age: the record goes on from its hash. One row at most.
CREATE TABLE acts_removed (
    one        integer   NOT NULL PRIMARY KEY,
    number     bigint    NOT NULL,
    hash       text      NOT NULL,
    removed_at timestamp NOT NULL
);

-- Jobs that one process at a time carries out, and until when one holds them.
CREATE TABLE jobs (
    name       text      NOT NULL PRIMARY KEY,
    held_until timestamp NOT NULL
);

-- +goose Down

DROP TABLE jobs;
DROP TABLE acts_removed;
DROP INDEX idempotency_keys_created;
DROP INDEX refusals_received;
DROP INDEX orders_kept;
