-- +goose Up

-- Sessions at registrars that allow only so many. There is a row for every one that may
-- exist: it is made before the session is opened, so that a process which is killed in
-- between leaves its trace. sealed is the session's id, '' until it is known. A session is
-- used by the one who has leased it; released or lapsed, it is anybody's. host is where it
-- was opened.
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
