-- +goose Up

-- A keyed digest of the login of the customer that the order makes; '' for an order of an
-- existing account, and for orders from before there were digests.
ALTER TABLE orders ADD COLUMN customer text NOT NULL DEFAULT '';
CREATE INDEX orders_customer ON orders (customer) WHERE customer <> '';

-- +goose Down
DROP INDEX orders_customer;
ALTER TABLE orders DROP COLUMN customer;
