-- least: 1
-- What is counted: accounts of which only the balance is kept.
CREATE TABLE ledger (
	key   TEXT NOT NULL PRIMARY KEY,
	value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
