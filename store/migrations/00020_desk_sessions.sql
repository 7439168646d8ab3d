-- +goose Up

-- Who is logged in at the desk page. hash is the SHA-256 of the session's token, which has 256
-- random bits; the token itself is stored nowhere. A session permits what its API key permits at
-- the moment, and ends with it.
CREATE TABLE desk_sessions (
    hash       text      NOT NULL PRIMARY KEY,
    key_id     text      NOT NULL REFERENCES api_keys (id),
    created_at timestamp NOT NULL,
    seen_at    timestamp NOT NULL,
    expires_at timestamp NOT NULL
);
CREATE INDEX desk_sessions_expired ON desk_sessions (expires_at);

-- Tickets, each of which logs in once; hash as above.
CREATE TABLE desk_tickets (
    hash       text      NOT NULL PRIMARY KEY,
    key_id     text      NOT NULL REFERENCES api_keys (id),
    expires_at timestamp NOT NULL
);
CREATE INDEX desk_tickets_expired ON desk_tickets (expires_at);

-- How long requests were under way, of those that have ended lately.
CREATE INDEX registrar_operations_finished ON registrar_operations (finished_at) WHERE state = 'done';

-- +goose Down
DROP INDEX registrar_operations_finished;
DROP TABLE desk_tickets;
DROP TABLE desk_sessions;
