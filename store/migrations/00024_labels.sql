-- +goose Up
-- An order belongs to a client, and the number that the client gives it is a label: unique among
-- the client's orders, and not among all. The column number is the key of everything that an order
-- has, as before. A label of '' is that of an order from before, or of one that an older version still
-- accepts: its number. So no row has to be written here.
ALTER TABLE orders ADD COLUMN label text NOT NULL DEFAULT '';
CREATE UNIQUE INDEX orders_label ON orders (client, label) WHERE label <> '';
CREATE INDEX orders_any_label ON orders (label);

-- Who made and who revoked a key, and when it was last used, to the hour.
ALTER TABLE api_keys ADD COLUMN created_by text NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN revoked_by text NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN used_at timestamp;

-- +goose Down
ALTER TABLE api_keys DROP COLUMN used_at;
ALTER TABLE api_keys DROP COLUMN revoked_by;
ALTER TABLE api_keys DROP COLUMN created_by;
DROP INDEX orders_any_label;
DROP INDEX orders_label;
ALTER TABLE orders DROP COLUMN label;
