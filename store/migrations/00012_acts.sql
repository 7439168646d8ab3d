-- +goose Up

-- Who did what: a row for every command that a person or a program has given, refused ones
-- too. Rows are only ever added. hash covers all other columns, and previous is the hash of
-- the row before, so a row that was changed or taken out is noticed. item is -1 where an
-- act concerns no unit of work.
CREATE TABLE acts (
    number        bigint    NOT NULL PRIMARY KEY,
    at            timestamp NOT NULL,
    actor         text      NOT NULL,
    client        text      NOT NULL,
    api_key       text      NOT NULL,
    via           text      NOT NULL,
    command       text      NOT NULL,
    order_number  text      NOT NULL,
    item          integer   NOT NULL,
    reason        text      NOT NULL,
    outcome       text      NOT NULL,
    detail        text      NOT NULL,
    digest_before text      NOT NULL,
    digest_after  text      NOT NULL,
    source        text      NOT NULL,
    previous      text      NOT NULL,
    hash          text      NOT NULL
);
CREATE INDEX acts_order ON acts (order_number, number);
CREATE INDEX acts_at ON acts (at);
CREATE UNIQUE INDEX acts_source ON acts (source) WHERE source <> '';

-- +goose Down
DROP TABLE acts;
