-- +goose Up

-- The watch of each registrar account: when it was first seen, how its schedule stood at the
-- last look, and when its last good round ended.
CREATE TABLE watches (
    account    text      NOT NULL PRIMARY KEY,
    schedule   text      NOT NULL,
    since      timestamp NOT NULL,
    checked_at timestamp NOT NULL,
    good_at    timestamp
);

-- +goose Down
DROP TABLE watches;
