-- +goose Up

-- The place in its trace with which a unit was accepted, as the header traceparent of W3C's Trace
-- Context: its workflow continues the trace, also if it is started later. Empty where nothing is
-- traced.
ALTER TABLE provisionings ADD COLUMN trace text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE provisionings DROP COLUMN trace;
