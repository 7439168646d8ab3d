-- +goose Up

-- Whether a confirmation named an operation that was open when it came: those go first (0),
-- whatever else is sent (1).
ALTER TABLE confirmations ADD COLUMN turn integer NOT NULL DEFAULT 1;
DROP INDEX confirmations_undelivered;
CREATE INDEX confirmations_undelivered ON confirmations (account, turn, deliver_after) WHERE state = 'received';
-- Unmatched confirmations are looked up by what has appeared since, never read as a whole.
CREATE INDEX confirmations_reference ON confirmations (reference) WHERE state = 'unmatched';
CREATE INDEX confirmations_unmatched ON confirmations (domain) WHERE state = 'unmatched';
CREATE INDEX registrar_operations_updated ON registrar_operations (updated_at);

-- +goose Down
DROP INDEX registrar_operations_updated;
DROP INDEX confirmations_unmatched;
DROP INDEX confirmations_reference;
DROP INDEX confirmations_undelivered;
CREATE INDEX confirmations_undelivered ON confirmations (deliver_after) WHERE state = 'received';
ALTER TABLE confirmations DROP COLUMN turn;
