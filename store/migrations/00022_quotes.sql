-- +goose Up

-- What outside systems have said in errors, sealed: it may quote a customer's data, so the
-- history of a workflow names it by its reference only. The same text of the same workflow is
-- one row, however often the call fails.
CREATE TABLE quotes (
    reference text PRIMARY KEY,
    workflow_id text NOT NULL,
    sealed text NOT NULL,
    created_at timestamp NOT NULL
);
CREATE INDEX quotes_workflow ON quotes (workflow_id);
CREATE INDEX quotes_created ON quotes (created_at);

-- +goose Down
DROP TABLE quotes;
