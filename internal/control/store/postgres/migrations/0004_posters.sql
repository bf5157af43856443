-- What those lock who post to the ledger, one at a time, and an update that does
-- so. It stays empty, so that nothing ever has to clean it up.
CREATE TABLE posters ();
