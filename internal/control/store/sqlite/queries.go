package sqlite

// The statements of the store. Each connection prepares those that it runs,
// once.
const (
	beginReading = `BEGIN`
	beginWriting = `BEGIN IMMEDIATE`
	commit       = `COMMIT`
	rollback     = `ROLLBACK`

	readState  = `SELECT revision, audit, version FROM state`
	writeState = `UPDATE state SET revision = ?1, audit = ?2, version = ?3`

	// latestOf and pastOf join a record r with its version v, the latter at the
	// revision ?1.
	latestOf = ` JOIN versions v ON v.number = r.version`
	pastOf   = ` JOIN versions v ON v.number = (SELECT p.number FROM versions p
		WHERE p.record = r.number AND p.revision <= ?1 ORDER BY p.revision DESC LIMIT 1)`

	numberOf = `(SELECT number FROM collections WHERE key = `

	recordColumns = `SELECT r.key, v.id, v.value, v.created, v.revision FROM records r`

	getLatest = recordColumns + latestOf + ` WHERE r.key = ?1`
	getPast   = recordColumns + pastOf + ` WHERE r.key = ?2 AND v.deleted = 0`

	// The page is cut before versions are joined, so that passing over records
	// reads an index only.
	listLatest = `SELECT r.key, v.id, v.value, v.created, v.revision FROM (
		SELECT name, key, version FROM records WHERE collection = ` + numberOf + `?1) AND name > ?2
		AND version IS NOT NULL ORDER BY name LIMIT ?3 OFFSET ?4) r` + latestOf + ` ORDER BY r.name`
	listFromEnd = `SELECT r.key, v.id, v.value, v.created, v.revision FROM (
		SELECT name, key, version FROM records WHERE collection = ` + numberOf + `?1)
		AND version IS NOT NULL ORDER BY name DESC LIMIT ?2 OFFSET ?3) r` + latestOf + ` ORDER BY r.name`
	listPast = recordColumns + pastOf +
		` WHERE r.collection = ` + numberOf + `?2) AND r.name > ?3 AND v.deleted = 0 ORDER BY r.name LIMIT ?4 OFFSET ?5`

	countLatest = `SELECT records FROM collections WHERE key = ?1`
	countPast   = `SELECT count(*) FROM records r` + pastOf + ` WHERE r.collection = ` + numberOf + `?2) AND v.deleted = 0`

	treeLatest = recordColumns + latestOf + ` WHERE r.key > ?1 AND r.key < ?2 ORDER BY r.key LIMIT ?3`
	treePast   = recordColumns + pastOf +
		` WHERE r.key > ?2 AND r.key < ?3 AND v.deleted = 0 ORDER BY r.key LIMIT ?4`

	versionColumns = `SELECT r.key, v.id, v.value, v.created, v.revision, v.deleted FROM versions v`

	readChanges = versionColumns + ` JOIN records r ON r.number = v.record
		WHERE v.revision > ?1 AND v.revision <= ?2 ORDER BY v.revision`
	readHistory = versionColumns + ` JOIN records r ON r.number = v.record
		WHERE v.record = (SELECT number FROM records WHERE key = ?1) AND v.revision <= ?2
		ORDER BY v.revision DESC LIMIT ?3`

	readAudit  = `SELECT sequence, revision, data FROM audit WHERE sequence > ?1 AND sequence <= ?2 ORDER BY sequence LIMIT ?3`
	countAudit = `SELECT coalesce(max(sequence), 0) FROM audit WHERE revision <= ?1`
	writeAudit = `INSERT INTO audit (sequence, revision, data) VALUES (?1, ?2, ?3)`

	touchRecord = `SELECT r.number, coalesce(r.version, 0), coalesce(v.created, 0), coalesce(v.id, '')
		FROM records r LEFT JOIN versions v ON v.number = r.version WHERE r.key = ?1`
	sameValue      = `SELECT value = ?2 FROM versions WHERE number = ?1`
	makeCollection = `INSERT INTO collections (key, records) VALUES (?1, 0) ON CONFLICT (key) DO NOTHING`
	makeRecord     = `INSERT INTO records (key, collection, name, version)
		SELECT ?1, number, ?3, ?4 FROM collections WHERE key = ?2`
	pointRecord  = `UPDATE records SET version = nullif(?2, 0) WHERE number = ?1`
	forgetRecord = `DELETE FROM records WHERE number = ?1`

	writeVersion = `INSERT INTO versions (number, record, revision, created, deleted, id, value)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (number) DO UPDATE
		SET created = excluded.created, deleted = excluded.deleted, id = excluded.id, value = excluded.value`
	forgetVersion = `DELETE FROM versions WHERE number = ?1`
	addCount      = `UPDATE collections SET records = records + ?2 WHERE key = ?1`
)
