-- +goose Up

-- What a registrar has written about its account: the reference of its words, which are sealed in
-- quotes, what of the account they are about, and when the same came last.
ALTER TABLE confirmations ADD COLUMN quote text NOT NULL DEFAULT '';
ALTER TABLE confirmations ADD COLUMN matter text NOT NULL DEFAULT '';
ALTER TABLE confirmations ADD COLUMN seen_at timestamp;
-- What counts of it.
CREATE INDEX confirmations_account_news ON confirmations (seen_at, account, matter) WHERE seen_at IS NOT NULL;

-- +goose Down
DROP INDEX confirmations_account_news;
ALTER TABLE confirmations DROP COLUMN seen_at;
ALTER TABLE confirmations DROP COLUMN matter;
ALTER TABLE confirmations DROP COLUMN quote;
