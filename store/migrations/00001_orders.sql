-- +goose Up

-- One row per accepted order. The document is the whole order, sealed, because it
-- holds personal data, passwords and transfer keys.
CREATE TABLE orders (
    number       text      NOT NULL PRIMARY KEY,
    fingerprint  text      NOT NULL,
    source       text      NOT NULL,
    document     text      NOT NULL,
    received_at  timestamp NOT NULL
);
CREATE INDEX orders_fingerprint ON orders (fingerprint);

-- One row per unit of work of an order: a domain with or without hosting, or a
-- hosting item without a domain. One workflow carries each unit.
CREATE TABLE provisionings (
    order_number text      NOT NULL REFERENCES orders (number),
    item         integer   NOT NULL,
    workflow_id  text      NOT NULL,
    domain       text      NOT NULL,
    registrar    text      NOT NULL,
    plan         text      NOT NULL,
    state        text      NOT NULL,
    created_at   timestamp NOT NULL,
    closed_at    timestamp,
    PRIMARY KEY (order_number, item)
);
-- One open provisioning per domain, whatever the number of clicks.
CREATE UNIQUE INDEX provisionings_open_domain ON provisionings (domain) WHERE state = 'open' AND domain <> '';
CREATE INDEX provisionings_created ON provisionings (created_at);

-- Ids, chosen once, before the first call. scope is the order, or the order and
-- item; kind and name say what the id is for. range_name keeps ranges apart.
CREATE TABLE reserved_ids (
    scope      text   NOT NULL,
    kind       text   NOT NULL,
    name       text   NOT NULL,
    range_name text   NOT NULL,
    value      bigint NOT NULL,
    PRIMARY KEY (scope, kind, name),
    UNIQUE (range_name, value)
);
CREATE TABLE counters (
    name  text   NOT NULL PRIMARY KEY,
    value bigint NOT NULL
);

-- Secrets that we make ourselves, sealed.
CREATE TABLE secrets (
    reference  text      NOT NULL PRIMARY KEY,
    sealed     text      NOT NULL,
    created_at timestamp NOT NULL
);

-- Orders that were refused: when, from where and by which rules, but no part of
-- the order itself.
CREATE TABLE refusals (
    id          text      NOT NULL PRIMARY KEY,
    source      text      NOT NULL,
    reasons     text      NOT NULL,
    received_at timestamp NOT NULL
);

-- +goose Down
DROP TABLE refusals;
DROP TABLE secrets;
DROP TABLE counters;
DROP TABLE reserved_ids;
DROP TABLE provisionings;
DROP TABLE orders;
