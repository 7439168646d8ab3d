-- +goose Up

-- What amendments have made of an order: the whole document each time, sealed. A revision
-- counts for a unit of work from the moment at which the unit goes by it. base is the revision
-- that was amended, changes the names of what differs from the one by which the unit went.
-- command is the id of the command that brought it, "" for none, and digest a keyed digest of
-- what the command said: a repeat of it stores nothing.
CREATE TABLE order_revisions (
	order_number text NOT NULL REFERENCES orders (number),
	revision integer NOT NULL,
	item integer NOT NULL,
	base integer NOT NULL,
	command text NOT NULL DEFAULT '',
	digest text NOT NULL DEFAULT '',
	changes text NOT NULL,
	document text NOT NULL,
	actor text NOT NULL,
	reason text NOT NULL,
	created_at timestamp NOT NULL,
	PRIMARY KEY (order_number, revision)
);
CREATE UNIQUE INDEX order_revisions_of_commands ON order_revisions (order_number, item, command) WHERE command <> '';

-- The revision by which a unit of work goes, the run of the workflow that carries it, and how
-- many runs have done so.
ALTER TABLE provisionings ADD COLUMN revision integer NOT NULL DEFAULT 0;
ALTER TABLE provisionings ADD COLUMN run_id text NOT NULL DEFAULT '';
ALTER TABLE provisionings ADD COLUMN runs integer NOT NULL DEFAULT 0;
-- The command by which the unit was given up, as JSON; '' if it was not.
ALTER TABLE provisionings ADD COLUMN given_up text NOT NULL DEFAULT '';
UPDATE provisionings SET runs = 1 WHERE started_at IS NOT NULL;

-- +goose Down
ALTER TABLE provisionings DROP COLUMN given_up;
ALTER TABLE provisionings DROP COLUMN runs;
ALTER TABLE provisionings DROP COLUMN run_id;
ALTER TABLE provisionings DROP COLUMN revision;
DROP TABLE order_revisions;
