-- +goose Up

-- What a request was answered with, sealed, for its repeats; '' where the answer follows from the
-- order itself, or from before answers were kept.
ALTER TABLE idempotency_keys ADD COLUMN answer text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE idempotency_keys DROP COLUMN answer;
