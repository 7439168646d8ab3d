-- +goose Up

-- The registrar's price that a person has accepted for the latest submission, such as
-- "250.00 EUR"; '' if nobody was asked.
ALTER TABLE registrar_operations ADD COLUMN accepted_price text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE registrar_operations DROP COLUMN accepted_price;
