-- +goose Up

-- Keys that seal, each wrapped by a sealing key. key_id is the id of that sealing key; both are
-- empty after the key was destroyed.
CREATE TABLE data_keys (
    reference    text      NOT NULL PRIMARY KEY,
    wrapped      text      NOT NULL,
    key_id       text      NOT NULL,
    created_at   timestamp NOT NULL,
    destroyed_at timestamp
);
CREATE INDEX data_keys_of_key ON data_keys (key_id, reference);
-- The few that belong to no order.
CREATE INDEX data_keys_others ON data_keys (reference) WHERE reference NOT LIKE 'order/%';

-- Which sealing keys the database needs: a few rows, which every program reads when it starts.
CREATE TABLE sealing_keys (
    id         text      NOT NULL PRIMARY KEY,
    since      timestamp NOT NULL
);
-- What stands before the colon of a sealed value is the id of its key: 16 characters at most.
INSERT INTO sealing_keys (id, since)
SELECT rtrim(rtrim(substr(sealed, 1, 17), 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/='), ':'), CURRENT_TIMESTAMP FROM (
    SELECT document AS sealed FROM orders
    UNION ALL SELECT document FROM order_revisions
    UNION ALL SELECT sealed FROM secrets
    UNION ALL SELECT sealed FROM quotes
    UNION ALL SELECT answer FROM idempotency_keys
    UNION ALL SELECT secret FROM hooks
    UNION ALL SELECT old_secret FROM hooks
    UNION ALL SELECT sealed FROM registrar_sessions
) AS values_sealed WHERE substr(sealed, 1, 17) LIKE '%:%' GROUP BY 1;

-- Which keys have sealed histories in Temporal, so that no program starts without one.
CREATE TABLE history_keys (
    id         text      NOT NULL PRIMARY KEY,
    since      timestamp NOT NULL
);

ALTER TABLE orders ADD COLUMN erased_at timestamp;
ALTER TABLE provisionings ADD COLUMN erased_at timestamp;
ALTER TABLE quotes ADD COLUMN order_number text NOT NULL DEFAULT '';
CREATE INDEX quotes_order ON quotes (order_number) WHERE order_number <> '';
CREATE INDEX idempotency_keys_order ON idempotency_keys (order_number);
-- The owner's key is order/item/kind; without the kind it names the unit of work.
CREATE INDEX registrar_contacts_unit ON registrar_contacts ((rtrim(rtrim(owner_key, 'abcdefghijklmnopqrstuvwxyz-'), '/')));

-- +goose Down

DROP INDEX registrar_contacts_unit;
DROP INDEX idempotency_keys_order;
DROP INDEX quotes_order;
ALTER TABLE quotes DROP COLUMN order_number;
ALTER TABLE provisionings DROP COLUMN erased_at;
ALTER TABLE orders DROP COLUMN erased_at;
DROP TABLE history_keys;
DROP TABLE sealing_keys;
DROP TABLE data_keys;
