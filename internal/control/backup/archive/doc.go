// Package archive writes and reads the archives of backups: streams that are
// compressed, encrypted and authenticated in chunks, in constant memory. Nothing
// of their content can be read, or changed unseen, without the backup's own key.
//
// docs/formats/backup.md is the format.
package archive

import "errors"

// Limits of the format.
const (
	// MaxHeader bounds the header, in bytes.
	MaxHeader = 64 << 10
	// MaxEntry bounds the payload of an entry, in bytes: a value of the store
	// with its key and its id.
	MaxEntry = 32<<20 + 64<<10
	// MaxEntries bounds the entries of an archive.
	MaxEntries = 100_000_000
	// MaxChunks bounds the chunks of an archive: their numbers have 32 bits.
	MaxChunks = 1<<32 - 1
)

const (
	magic = "SALLYBAK"
	// version is that of the format as it is written here. withoutAccounts is the
	// oldest whose reader can read what holds none.
	version         = 2
	withoutAccounts = 1
	// preludeLength is that of what stands before the header, in bytes.
	preludeLength = 20
	// chunkLength is that of a chunk's content, tagLength what encryption adds.
	chunkLength = 64 << 10
	tagLength   = 16
)

var (
	// ErrNotArchive says that it does not begin as an archive does.
	ErrNotArchive = errors.New("it is not a backup archive")
	// ErrVersion says that a newer release wrote the archive, and this one cannot
	// read it.
	ErrVersion = errors.New("a newer release wrote the archive, and this one cannot read it")
	// ErrKey says that the archive was written with another key.
	ErrKey = errors.New("the archive does not open with this key")
	// ErrDamaged says that the archive is not what was written: it was changed,
	// or cut off.
	ErrDamaged = errors.New("the archive is damaged or cut off")
	// ErrLimit says that a limit of the format is exceeded.
	ErrLimit = errors.New("more than an archive may hold")
	// ErrOrder refuses entries that are not in the order of the format.
	ErrOrder = errors.New("the entries are not in the order of an archive")
)
