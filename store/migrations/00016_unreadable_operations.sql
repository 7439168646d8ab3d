-- +goose Up

-- Items of the registrars' lists of pending operations that the last round of the watch could not
-- read. reference is '' for an item whose id cannot be read either; items counts those that are
-- alike. rule says what is wrong, without a value.
CREATE TABLE unreadable_operations (
    account    text      NOT NULL,
    reference  text      NOT NULL,
    rule       text      NOT NULL,
    items      integer   NOT NULL,
    first_seen timestamp NOT NULL,
    last_seen  timestamp NOT NULL,
    PRIMARY KEY (account, reference, rule)
);

-- +goose Down
DROP TABLE unreadable_operations;
