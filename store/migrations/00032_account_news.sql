-- +goose Up

-- The reference of what a registrar has written about its account, which is sealed in quotes.
ALTER TABLE confirmations ADD COLUMN quote text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE confirmations DROP COLUMN quote;
