-- +goose Up

-- Whose order it is: the client whose API key placed it. What the command line places, and what
-- was placed before there was this column, is the operator's own.
ALTER TABLE orders ADD COLUMN client text NOT NULL DEFAULT 'local';

-- What lists showed before the last change, as state and reason with a slash between: one
-- statement changes the state and tells from what.
ALTER TABLE provisionings ADD COLUMN shown_before text NOT NULL DEFAULT '';

-- The endpoints that are told news. client '' is told those of all clients. url is '' for a
-- terminal that listens until listening_until. secret and old_secret are sealed; the old one
-- signs as well until old_until. try_after keeps an endpoint that fails from being asked for
-- each of its news.
CREATE TABLE hooks (
    id text PRIMARY KEY,
    client text NOT NULL,
    url text NOT NULL,
    events text NOT NULL,
    secret text NOT NULL,
    old_secret text NOT NULL DEFAULT '',
    old_until timestamp,
    created_at timestamp NOT NULL,
    created_by text NOT NULL,
    delivered_at timestamp,
    failing_since timestamp,
    failed_at timestamp,
    failures integer NOT NULL DEFAULT 0,
    try_after timestamp,
    disabled_at timestamp,
    disabled_for text NOT NULL DEFAULT '',
    listening_until timestamp
);

-- The outbox: one row for each event and each endpoint that wants it, written in the
-- transaction of what it tells. ordinal counts the rows of an order at an endpoint. A process
-- that sends one holds it until held_until.
CREATE TABLE news (
    hook text NOT NULL,
    event_id text NOT NULL,
    type text NOT NULL,
    order_number text NOT NULL,
    item integer NOT NULL,
    ordinal integer NOT NULL,
    body text NOT NULL,
    state text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    created_at timestamp NOT NULL,
    next_at timestamp NOT NULL,
    held_until timestamp,
    expires_at timestamp NOT NULL,
    handled_at timestamp,
    status integer NOT NULL DEFAULT 0,
    trouble text NOT NULL DEFAULT '',
    PRIMARY KEY (hook, event_id)
);
CREATE INDEX news_due ON news (hook, next_at) WHERE state = 'waiting';
CREATE INDEX news_waiting ON news (created_at) WHERE state = 'waiting';
CREATE INDEX news_order ON news (order_number, hook, ordinal DESC, event_id DESC);
CREATE INDEX news_listed ON news (created_at DESC, event_id DESC);
CREATE INDEX news_listed_of_hook ON news (hook, created_at DESC, event_id DESC);
CREATE INDEX news_handled ON news (handled_at) WHERE state <> 'waiting';

-- +goose Down
DROP TABLE news;
DROP TABLE hooks;
ALTER TABLE provisionings DROP COLUMN shown_before;
ALTER TABLE orders DROP COLUMN client;
