-- +goose Up

-- From when on the ended runs of an erased order are to be deleted in Temporal; NULL once they are.
ALTER TABLE orders ADD COLUMN runs_due timestamp;
UPDATE orders SET runs_due = erased_at WHERE erased_at IS NOT NULL;
CREATE INDEX orders_runs_due ON orders (runs_due) WHERE runs_due IS NOT NULL;

-- +goose Down

DROP INDEX orders_runs_due;
ALTER TABLE orders DROP COLUMN runs_due;
