// Package catalog knows what stands where in a place of backups: the names of
// archives, what is noted beside them, which changes follow which base, and what
// may go.
//
// Backups that are made continuously are in a chain: a folder with bases, and
// the archives of changes, each of which names the one before by its digest.
// Those that are made by hand stand at the top. docs/formats/backup.md describes
// the names.
package catalog

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/control/store"
)

const (
	// Suffix ends the names of archives.
	Suffix = ".sallybak"
	// noteSuffix and proofSuffix follow it in the names of what is noted of one.
	noteSuffix  = ".json"
	proofSuffix = ".proof.json"
	// stampForm is the form of times in names, in UTC.
	stampForm = "20060102T150405Z"
	// digestLength is that of digests and ids in names, in bytes.
	digestLength = 8
	chainPrefix  = "chain-"
	basePrefix   = "base-"
	handPrefix   = "backup-"
)

// changesForm is the form of the name of an archive of changes.
var changesForm = regexp.MustCompile(`^changes-(\d{10})-(\d{20})-(\d{20})-([0-9a-f]{16})-([0-9a-f]{16})\.sallybak$`)

// baseForm is the form of the name of a base, in a chain or made by hand.
var baseForm = regexp.MustCompile(`^(base|backup)-(\d{8}T\d{6}Z)-([0-9a-f]{16})\.sallybak$`)

// chainForm is the form of the name of a chain.
var chainForm = regexp.MustCompile(`^chain-\d{8}T\d{6}Z-[0-9a-f]{16}$`)

// unique is a new id.
func unique() string {
	var b [digestLength]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// NewChain is the name of a new chain.
func NewChain(now time.Time) string {
	return chainPrefix + now.UTC().Format(stampForm) + "-" + unique()
}

// NewBase is the name of a new base in a chain, or of one that is made by hand,
// where the chain is "". The id is what the first changes after it name.
func NewBase(chain string, now time.Time) (name, id string) {
	id = unique()
	if chain == "" {
		return handPrefix + now.UTC().Format(stampForm) + "-" + id + Suffix, id
	}
	return chain + "/" + basePrefix + now.UTC().Format(stampForm) + "-" + id + Suffix, id
}

// Changes is an archive of changes in a chain.
type Changes struct {
	Chain string
	Name  string
	// Sequence numbers the archives of a chain in the order of their making.
	Sequence uint64
	// From is the revision after which they begin, To the one that they lead to.
	From, To store.Revision
	// Digest begins the SHA-256 of the archive; Previous is that of the one
	// before, or the id of the base that the chain begins with.
	Digest, Previous string
	Size             int64
	Modified         time.Time
}

// Path is the name of an archive of changes.
func (c Changes) Path() string {
	return fmt.Sprintf("%s/changes-%010d-%020d-%020d-%s-%s%s", c.Chain, c.Sequence, c.From, c.To, c.Digest, c.Previous, Suffix)
}

// Short is a SHA-256 as names have it.
func Short(sum []byte) string { return hex.EncodeToString(sum[:digestLength]) }

// IsArchive reports whether a name is that of an archive.
func IsArchive(name string) bool { return strings.HasSuffix(name, Suffix) }

// parseChanges reads the name of an archive of changes.
func parseChanges(chain, file string) (c Changes, ok bool) {
	m := changesForm.FindStringSubmatch(file)
	if m == nil {
		return c, false
	}
	numbers := [3]uint64{}
	for i := range numbers {
		n, err := strconv.ParseUint(m[i+1], 10, 64)
		if err != nil {
			return c, false
		}
		numbers[i] = n
	}
	c = Changes{
		Chain: chain, Name: chain + "/" + file, Sequence: numbers[0],
		From: store.Revision(numbers[1]), To: store.Revision(numbers[2]), Digest: m[4], Previous: m[5],
	}
	return c, c.From <= c.To
}

// parseBase reads the name of a base.
func parseBase(chain, file string) (b Base, ok bool) {
	m := baseForm.FindStringSubmatch(file)
	if len(m) == 0 || (m[1] == "backup") != (chain == "") {
		return b, false
	}
	created, err := time.Parse(stampForm, m[2])
	if err != nil {
		return b, false
	}
	b = Base{Chain: chain, Name: file, ID: m[3], Created: created}
	if chain != "" {
		b.Name = chain + "/" + file
	}
	return b, true
}
