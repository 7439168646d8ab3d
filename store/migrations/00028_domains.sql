-- +goose Up

-- What an open unit is to others of its domain: '' bears none beside it, a renewal and a change
-- that neither moves nor deletes the domain bear each other.
ALTER TABLE provisionings ADD COLUMN bears text NOT NULL DEFAULT '';
UPDATE provisionings SET bears = 'change' WHERE state = 'open' AND workflow_id LIKE 'domain-renewal/%';
UPDATE provisionings SET bears = 'renewal' WHERE state = 'open' AND (workflow_id LIKE 'contact-change/%'
    OR workflow_id LIKE 'name-server-change/%' OR workflow_id LIKE 'settings-change/%');
DROP INDEX provisionings_open_domain;
CREATE UNIQUE INDEX provisionings_open_domain ON provisionings (domain) WHERE state = 'open' AND domain <> '' AND bears <> 'change';
CREATE UNIQUE INDEX provisionings_open_renewal ON provisionings (domain) WHERE state = 'open' AND domain <> '' AND bears = 'change';

-- What an order sells, as JSON: what a renewal needs to know long after it. '' for one that
-- brings no domain.
ALTER TABLE provisionings ADD COLUMN sells text NOT NULL DEFAULT '';

-- The domains that are held for customers, from the order or the import that brought each until
-- it has left. The workflow of its life writes state to attention_since, and reminded. held_round
-- counts how often it was brought: what a life knows of an earlier time says nothing of this one.
CREATE TABLE domains (
    name text NOT NULL PRIMARY KEY,
    registrar text NOT NULL,
    client text NOT NULL,
    order_number text NOT NULL,
    item integer NOT NULL,
    sells text NOT NULL,
    account_id integer NOT NULL,
    renewal text NOT NULL,
    state text NOT NULL,
    state_since timestamp NOT NULL,
    word text NOT NULL DEFAULT '',
    expires timestamp,
    held text NOT NULL DEFAULT '',
    read_at timestamp,
    next_at timestamp,
    next text NOT NULL DEFAULT '',
    attention text NOT NULL DEFAULT '',
    attention_since timestamp,
    reminded text NOT NULL DEFAULT '',
    look_at timestamp,
    looks integer NOT NULL DEFAULT 1,
    held_round bigint NOT NULL DEFAULT 1,
    created_at timestamp NOT NULL,
    ended_at timestamp
);
-- Whose workflow has to be told to look.
CREATE INDEX domains_look ON domains (look_at) WHERE look_at IS NOT NULL;
-- Whose next date has passed without a word of the workflow.
CREATE INDEX domains_next ON domains (next_at) WHERE ended_at IS NULL AND next_at IS NOT NULL;
-- Lists.
CREATE INDEX domains_expires ON domains (expires, name) WHERE ended_at IS NULL;
CREATE INDEX domains_state ON domains (state, name);
CREATE INDEX domains_registrar ON domains (registrar, name);
CREATE INDEX domains_client ON domains (client, name);
CREATE INDEX domains_account ON domains (account_id, name);
CREATE INDEX domains_attention ON domains (attention_since, name) WHERE attention <> '';

-- +goose Down
DROP TABLE domains;
ALTER TABLE provisionings DROP COLUMN sells;
DROP INDEX provisionings_open_renewal;
DROP INDEX provisionings_open_domain;
CREATE UNIQUE INDEX provisionings_open_domain ON provisionings (domain) WHERE state = 'open' AND domain <> '';
ALTER TABLE provisionings DROP COLUMN bears;
