-- +goose Up

-- The ledger of undo: one row for each thing that an item of an order takes back. object names
-- the thing, such as "subscription 700101"; calls counts the calls that were to remove it.
CREATE TABLE undo_steps (
    order_number text      NOT NULL REFERENCES orders (number),
    item         integer   NOT NULL,
    what         text      NOT NULL,
    object       text      NOT NULL,
    state        text      NOT NULL,
    note         text      NOT NULL DEFAULT '',
    calls        integer   NOT NULL DEFAULT 0,
    at           timestamp NOT NULL,
    updated      timestamp NOT NULL,
    PRIMARY KEY (order_number, item, what)
);

-- When the order of a request asked to take it back. Nothing of it is submitted from then on.
ALTER TABLE registrar_operations ADD COLUMN withdrawal_at timestamp;

-- +goose Down
ALTER TABLE registrar_operations DROP COLUMN withdrawal_at;
DROP TABLE undo_steps;
