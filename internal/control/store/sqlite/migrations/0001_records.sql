-- least: 1
-- The records, their versions, the audit log and the numbers of a store.

PRAGMA application_id = 0x53616c79;

-- The latest state. There is one row, so that a writer reads and writes one
-- page to number what it does.
CREATE TABLE state (
	one      INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
	revision INTEGER NOT NULL,
	audit    INTEGER NOT NULL,
	version  INTEGER NOT NULL
) STRICT;

INSERT INTO state (one, revision, audit, version) VALUES (1, 0, 0, 0);

-- Every collection that ever had a record, and how many it has now.
CREATE TABLE collections (
	number  INTEGER NOT NULL PRIMARY KEY,
	key     TEXT NOT NULL UNIQUE,
	records INTEGER NOT NULL
) STRICT;

-- Every key that ever was. version is that of the record as it is now; NULL
-- where it was deleted.
CREATE TABLE records (
	number     INTEGER NOT NULL PRIMARY KEY,
	key        TEXT NOT NULL UNIQUE,
	collection INTEGER NOT NULL,
	name       TEXT NOT NULL,
	version    INTEGER
) STRICT;

-- Small enough that passing over many records of a page is quick.
CREATE INDEX records_by_collection ON records (collection, name, version);

-- Every state of every record. A value is kept once, whether it is the latest
-- or not. revision is the one that wrote the state, created the one that made
-- the record.
CREATE TABLE versions (
	number   INTEGER NOT NULL PRIMARY KEY,
	record   INTEGER NOT NULL,
	revision INTEGER NOT NULL,
	created  INTEGER NOT NULL,
	deleted  INTEGER NOT NULL,
	id       TEXT NOT NULL,
	value    BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX versions_by_record ON versions (record, revision);

CREATE INDEX versions_by_revision ON versions (revision);

CREATE TABLE audit (
	sequence INTEGER NOT NULL PRIMARY KEY,
	revision INTEGER NOT NULL,
	data     BLOB NOT NULL
) STRICT;

CREATE INDEX audit_by_revision ON audit (revision);
