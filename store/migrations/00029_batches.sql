-- +goose Up

-- Orders that came together. A batch is stored in pieces, held by whoever stores it until
-- held_until, and nothing of it is placed before it is whole. limit_cents is the most that all its
-- lines together may cost, and cost_cents what they may cost; without a currency there is none.
CREATE TABLE batches (
    id              text      NOT NULL PRIMARY KEY,
    client          text      NOT NULL,
    label           text      NOT NULL,
    mode            text      NOT NULL,
    state           text      NOT NULL,
    lines           integer   NOT NULL,
    idempotency_key text      NOT NULL,
    request         text      NOT NULL,
    limit_cents     bigint    NOT NULL,
    limit_currency  text      NOT NULL,
    cost_cents      bigint    NOT NULL,
    cost_currency   text      NOT NULL,
    unpriced        integer   NOT NULL,
    created_by      text      NOT NULL,
    created_at      timestamp NOT NULL,
    held_until      timestamp NOT NULL,
    started_at      timestamp,
    ended_at        timestamp
);
CREATE UNIQUE INDEX batches_idempotency ON batches (client, idempotency_key) WHERE idempotency_key <> '';
CREATE INDEX batches_listed ON batches (created_at, id);
CREATE INDEX batches_of_client ON batches (client, created_at, id);
CREATE INDEX batches_unfinished ON batches (state, created_at, id) WHERE ended_at IS NULL;
CREATE INDEX batches_ended ON batches (ended_at) WHERE ended_at IS NOT NULL;

-- The lines of batches. document is the order, sealed, and is removed as soon as the line has
-- become an order, was refused or was cancelled. Nobody takes a waiting line before next_at: another
-- one has it, or it is tried again then. cents is what the line may cost, and bounds says which of
-- its requests may cost how much; without a currency nobody knows.
CREATE TABLE batch_lines (
    batch        text      NOT NULL,
    line         integer   NOT NULL,
    account      text      NOT NULL,
    domain       text      NOT NULL,
    state        text      NOT NULL,
    document     text      NOT NULL,
    cents        bigint    NOT NULL,
    currency     text      NOT NULL,
    bounds       text      NOT NULL,
    order_number text      NOT NULL,
    reasons      text      NOT NULL,
    attempts     integer   NOT NULL,
    trouble      text      NOT NULL,
    next_at      timestamp NOT NULL,
    settled_at   timestamp,
    PRIMARY KEY (batch, line)
);
CREATE INDEX batch_lines_state ON batch_lines (batch, state, line);
CREATE INDEX batch_lines_due ON batch_lines (batch, account, next_at, line) WHERE state = 'waiting';

-- When the next line of a registrar account may be placed, whichever process does it.
CREATE TABLE batch_rates (
    account text      NOT NULL PRIMARY KEY,
    next_at timestamp NOT NULL
);

-- +goose Down

DROP TABLE batch_rates;
DROP TABLE batch_lines;
DROP TABLE batches;
DELETE FROM data_keys WHERE reference LIKE 'batch/%';
