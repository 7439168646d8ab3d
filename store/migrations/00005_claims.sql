-- +goose Up

-- When the latest submission was last permitted to send its request; NULL if it was not.
-- Another submission may follow only when this is old enough.
ALTER TABLE registrar_operations ADD COLUMN claimed_at timestamp;

-- Things that exist or were paid for at a registrar but that no order takes care of. kind
-- says why:
-- perhaps-paid-twice, abandoned, left. A row is open until a person settles it.
CREATE TABLE loose_ends (
    id              text      NOT NULL PRIMARY KEY,
    kind            text      NOT NULL,
    order_number    text      NOT NULL,
    workflow_id     text      NOT NULL,
    account         text      NOT NULL,
    domain          text      NOT NULL,
    reference       text      NOT NULL,
    other_reference text      NOT NULL DEFAULT '',
    detail          text      NOT NULL,
    found_at        timestamp NOT NULL,
    settled_at      timestamp,
    settled_by      text      NOT NULL DEFAULT '',
    settled_reason  text      NOT NULL DEFAULT ''
);
CREATE INDEX loose_ends_open ON loose_ends (found_at) WHERE settled_at IS NULL;

-- Whether an order is open whose workflow a row of the ledger names.
CREATE INDEX provisionings_workflow ON provisionings (workflow_id);

-- +goose Down
DROP INDEX provisionings_workflow;
DROP TABLE loose_ends;
ALTER TABLE registrar_operations DROP COLUMN claimed_at;
