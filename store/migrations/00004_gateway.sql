-- +goose Up

-- A number for order systems that identify orders by an integer.
ALTER TABLE orders ADD COLUMN id bigint NOT NULL DEFAULT 0;

-- When the unit's workflow was started. Until then only the holder of the unit starts
-- it: first the process that accepted the order, then the relay, each until start_after.
ALTER TABLE provisionings ADD COLUMN started_at timestamp;
ALTER TABLE provisionings ADD COLUMN start_after timestamp;
-- Earlier units were started by the process that accepted them, or terminated since.
UPDATE provisionings SET started_at = created_at, start_after = created_at;
CREATE INDEX provisionings_unstarted ON provisionings (start_after) WHERE started_at IS NULL AND state = 'open';
CREATE INDEX provisionings_domain ON provisionings (domain, created_at);

-- Delivery from the inbox: how often it was tried, when it is tried next, and what
-- went wrong the last time.
ALTER TABLE confirmations ADD COLUMN attempts integer NOT NULL DEFAULT 0;
ALTER TABLE confirmations ADD COLUMN deliver_after timestamp;
ALTER TABLE confirmations ADD COLUMN trouble text NOT NULL DEFAULT '';
UPDATE confirmations SET deliver_after = received_at;
CREATE INDEX confirmations_undelivered ON confirmations (deliver_after) WHERE state = 'received';
CREATE INDEX confirmations_domain ON confirmations (domain, received_at);

-- Keys of the gateway's callers. hash is the SHA-256 of the whole key, which has 256
-- random bits; the key itself is shown once and stored nowhere. client is the owner of
-- the key and outlives a change of keys.
CREATE TABLE api_keys (
    id         text      NOT NULL PRIMARY KEY,
    name       text      NOT NULL UNIQUE,
    client     text      NOT NULL,
    hash       text      NOT NULL,
    scopes     text      NOT NULL,
    created_at timestamp NOT NULL,
    revoked_at timestamp
);

-- Which order a caller's Idempotency-Key stands for, and what was answered.
CREATE TABLE idempotency_keys (
    client       text      NOT NULL,
    key          text      NOT NULL,
    request      text      NOT NULL,
    order_number text      NOT NULL REFERENCES orders (number),
    status       integer   NOT NULL DEFAULT 0,
    created_at   timestamp NOT NULL,
    PRIMARY KEY (client, key)
);

-- +goose Down
DROP TABLE idempotency_keys;
DROP TABLE api_keys;
DROP INDEX confirmations_domain;
DROP INDEX confirmations_undelivered;
ALTER TABLE confirmations DROP COLUMN trouble;
ALTER TABLE confirmations DROP COLUMN deliver_after;
ALTER TABLE confirmations DROP COLUMN attempts;
DROP INDEX provisionings_domain;
DROP INDEX provisionings_unstarted;
ALTER TABLE provisionings DROP COLUMN start_after;
ALTER TABLE provisionings DROP COLUMN started_at;
ALTER TABLE orders DROP COLUMN id;
