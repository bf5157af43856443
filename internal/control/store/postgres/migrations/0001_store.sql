-- The store of decision 0071. Keys sort by bytes, as everywhere in the store.

-- What writers lock, one at a time. It stays empty, so that nothing ever has to
-- be cleaned up in it while a writer waits.
CREATE TABLE writers ();

-- One row an update. The token finds out, when a connection was lost in the
-- middle of a commit, whether that had happened.
CREATE TABLE revisions (
	revision bigint PRIMARY KEY CHECK (revision > 0),
	token    uuid NOT NULL UNIQUE,
	time     timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Every state of every record: the truth.
CREATE TABLE versions (
	key        text COLLATE "C" NOT NULL,
	collection text COLLATE "C" NOT NULL,
	name       text COLLATE "C" NOT NULL,
	revision   bigint NOT NULL,
	deleted    boolean NOT NULL,
	id         text COLLATE "C" NOT NULL,
	value      bytea NOT NULL,
	created    bigint NOT NULL,
	PRIMARY KEY (key, revision)
);
CREATE INDEX versions_by_collection ON versions (collection, name, revision);
CREATE INDEX versions_by_revision ON versions (revision, key);

-- The latest state of each record that was not deleted, so that reading it does
-- not pass over what was.
CREATE TABLE records (
	key        text COLLATE "C" PRIMARY KEY,
	collection text COLLATE "C" NOT NULL,
	name       text COLLATE "C" NOT NULL,
	id         text COLLATE "C" NOT NULL,
	value      bytea NOT NULL,
	created    bigint NOT NULL,
	changed    bigint NOT NULL
);
CREATE INDEX records_by_collection ON records (collection, name);

-- The number of records in a collection since a revision.
CREATE TABLE counts (
	collection text COLLATE "C" NOT NULL,
	revision   bigint NOT NULL,
	records    bigint NOT NULL CHECK (records >= 0),
	PRIMARY KEY (collection, revision)
);

CREATE TABLE audit (
	sequence bigint PRIMARY KEY CHECK (sequence > 0),
	revision bigint NOT NULL,
	data     bytea NOT NULL
);
CREATE INDEX audit_by_revision ON audit (revision, sequence);
