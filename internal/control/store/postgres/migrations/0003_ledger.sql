-- What is counted: accounts of which only the balance is kept. They change all
-- the time, so pages keep room for the new state of a row beside the old one.
CREATE TABLE ledger (
	key   text COLLATE "C" PRIMARY KEY,
	value bytea NOT NULL
) WITH (fillfactor = 80);
