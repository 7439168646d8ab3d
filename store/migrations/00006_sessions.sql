-- +goose Up

-- Sessions at registrars that limit their number. There is a row for every session that may
-- exist: it is created before the session is opened, so that a process that is killed in
-- between leaves a trace. sealed is the session's id, '' until it is known. Only the process
-- that has leased a session uses it; a session that was released, or whose lease has expired,
-- is free. host is where it was opened.
CREATE TABLE registrar_sessions (
    pool         text      NOT NULL,
    number       bigint    NOT NULL,
    sealed       text      NOT NULL DEFAULT '',
    holder       text      NOT NULL,
    host         text      NOT NULL,
    leased_until timestamp NOT NULL,
    PRIMARY KEY (pool, number)
);

-- +goose Down
DROP TABLE registrar_sessions;
