-- +goose Up

-- The ledger of paid calls. key is derived from order and step.
CREATE TABLE registrar_operations (
    key          text      NOT NULL PRIMARY KEY,
    account      text      NOT NULL,
    kind         text      NOT NULL,
    domain       text      NOT NULL,
    workflow_id  text      NOT NULL,
    state        text      NOT NULL,
    reference    text      NOT NULL DEFAULT '',
    word         text      NOT NULL DEFAULT '',
    submissions  integer   NOT NULL DEFAULT 0,
    reopened     integer   NOT NULL DEFAULT 0,
    intended_at  timestamp NOT NULL,
    updated_at   timestamp NOT NULL,
    finished_at  timestamp,
    told_at      timestamp
);
-- The rows that the watch reads each round: those that are open, and those that have
-- finished without their orders knowing.
CREATE INDEX registrar_operations_untold ON registrar_operations (account) WHERE told_at IS NULL;

-- What happened to each row, for the auditor. note holds no personal data.
CREATE TABLE registrar_operation_events (
    key         text      NOT NULL REFERENCES registrar_operations (key),
    sequence    integer   NOT NULL,
    state       text      NOT NULL,
    note        text      NOT NULL,
    happened_at timestamp NOT NULL,
    PRIMARY KEY (key, sequence)
);

-- Contacts made at a registrar, so that a repeat uses the same one.
CREATE TABLE registrar_contacts (
    account    text      NOT NULL,
    owner_key  text      NOT NULL,
    digest     text      NOT NULL,
    handle     text      NOT NULL,
    created_at timestamp NOT NULL,
    PRIMARY KEY (account, owner_key, digest)
);

-- Confirmations that arrived from outside, before they are delivered.
CREATE TABLE confirmations (
    event_id    text      NOT NULL PRIMARY KEY,
    source      text      NOT NULL,
    account     text      NOT NULL,
    domain      text      NOT NULL,
    reference   text      NOT NULL,
    claim       text      NOT NULL,
    state       text      NOT NULL,
    workflow_id text      NOT NULL DEFAULT '',
    received_at timestamp NOT NULL,
    handled_at  timestamp
);
CREATE INDEX confirmations_waiting ON confirmations (state, received_at);

-- +goose Down
DROP TABLE confirmations;
DROP TABLE registrar_contacts;
DROP TABLE registrar_operation_events;
DROP TABLE registrar_operations;
