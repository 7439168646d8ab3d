-- +goose Up

-- The round of the account's walk in which its list last had the domain, and in which the domain
-- was last compared as a whole; 0 is never.
ALTER TABLE domains ADD COLUMN seen_round bigint NOT NULL DEFAULT 0;
ALTER TABLE domains ADD COLUMN compared_round bigint NOT NULL DEFAULT 0;
-- Which domains have waited longest to be compared.
CREATE INDEX domains_compared ON domains (registrar, compared_round, name) WHERE ended_at IS NULL;

-- The walk over each registrar account: how often it is to be, 0 is not at all, its latest round,
-- and the last one that came to its end.
CREATE TABLE walks (
    account text NOT NULL PRIMARY KEY,
    every_seconds bigint NOT NULL DEFAULT 0,
    since timestamp NOT NULL,
    round bigint NOT NULL DEFAULT 0,
    began_at timestamp,
    good_round bigint NOT NULL DEFAULT 0,
    good_at timestamp
);

-- What differs between us and the registrar accounts, Billing and Operations: one open row of a
-- kind for a domain at an account. It holds no personal data.
CREATE TABLE drift_facts (
    registrar text NOT NULL,
    domain text NOT NULL,
    kind text NOT NULL,
    severity text NOT NULL,
    ours text NOT NULL,
    theirs text NOT NULL,
    first_seen timestamp NOT NULL,
    last_seen timestamp NOT NULL,
    round bigint NOT NULL,
    told_at timestamp,
    cleared_at timestamp
);
CREATE UNIQUE INDEX drift_facts_open ON drift_facts (domain, kind, registrar) WHERE cleared_at IS NULL;
-- A list of one account, and what a walk clears.
CREATE INDEX drift_facts_account ON drift_facts (registrar, domain, kind) WHERE cleared_at IS NULL;
CREATE INDEX drift_facts_severity ON drift_facts (severity, domain, kind, registrar) WHERE cleared_at IS NULL;
-- What is removed.
CREATE INDEX drift_facts_cleared ON drift_facts (registrar, cleared_at) WHERE cleared_at IS NOT NULL;

-- +goose Down
DROP TABLE drift_facts;
DROP TABLE walks;
DROP INDEX domains_compared;
ALTER TABLE domains DROP COLUMN compared_round;
ALTER TABLE domains DROP COLUMN seen_round;
