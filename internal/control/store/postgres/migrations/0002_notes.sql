-- Facts that pass, such as which gateways are there. They are no part of what is
-- configured: they have no revision, and may be lost.
CREATE UNLOGGED TABLE notes (
	key     text COLLATE "C" PRIMARY KEY,
	value   bytea NOT NULL,
	written timestamptz NOT NULL,
	expires timestamptz NOT NULL
);
CREATE INDEX notes_by_expiry ON notes (expires);
