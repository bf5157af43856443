package archive

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"strings"

	"github.com/sallyport/sallyport/internal/counter"
)

// Counts are the numbers of entries of an archive.
type Counts struct {
	DataKeys     uint64 `json:"dataKeys"`
	Records      uint64 `json:"records"`
	AuditEntries uint64 `json:"auditEntries"`
	Counters     uint64 `json:"counters"`
	Revisions    uint64 `json:"revisions"`
	Versions     uint64 `json:"versions"`
	Accounts     uint64 `json:"accounts,omitempty"`
}

// of is the count of a type.
func (c *Counts) of(kind byte) *uint64 {
	return map[byte]*uint64{
		typeDataKey: &c.DataKeys, typeRecord: &c.Records, typeAudit: &c.AuditEntries,
		typeCounter: &c.Counters, typeRevision: &c.Revisions, typeVersion: &c.Versions,
		typeAccount: &c.Accounts,
	}[kind]
}

// Digests are the SHA-256 of the entries by type, in hexadecimal. Equal digests
// are equal contents, whatever the revisions.
type Digests struct {
	DataKeys     string `json:"dataKeys"`
	Records      string `json:"records"`
	AuditEntries string `json:"auditEntries"`
	Counters     string `json:"counters"`
	// Changes is that of revisions and versions.
	Changes string `json:"changes"`
	// Accounts is "" where there are none, as in version 1.
	Accounts string `json:"accounts,omitempty"`
}

// Canonical is the digest of all: the canonical digest.
func (d Digests) Canonical() string {
	sum := sha256.New()
	for _, part := range []string{d.DataKeys, d.Records, d.AuditEntries, d.Counters, d.Changes, d.Accounts} {
		raw, _ := hex.DecodeString(part) // What is none is of another digest in any case.
		sum.Write(raw)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Trailer ends an archive.
type Trailer struct {
	Counts  Counts  `json:"counts"`
	Digests Digests `json:"digests"`
	// Digest is the canonical digest.
	Digest string `json:"digest"`
	// Secrets is how many sealed values opened when the archive was written.
	Secrets uint64 `json:"secrets"`
}

// Digester counts entries and computes their digests, of an archive or of what
// is compared with one. Entries of each type come in the order of the format.
// Its zero value is not usable; NewDigester makes one.
type Digester struct {
	counts  Counts
	sums    map[byte]hash.Hash
	encoder encoder
}

// NewDigester returns a digester that has seen nothing.
func NewDigester() *Digester {
	d := &Digester{sums: map[byte]hash.Hash{}}
	for _, kind := range []byte{typeDataKey, typeRecord, typeAudit, typeCounter, typeRevision, typeAccount} {
		d.sums[kind] = sha256.New()
	}
	d.sums[typeVersion] = d.sums[typeRevision]
	return d
}

// Add takes the next entry.
func (d *Digester) Add(e Entry) {
	kind := typeOf(e)
	*d.counts.of(kind)++
	switch entry := e.(type) { // Revisions are not those of a restored store.
	case Record:
		entry.Created, entry.Changed = 0, 0
		e = entry
	case AuditEntry:
		entry.Revision = 0
		e = entry
	}
	d.encoder.b = append(d.encoder.b[:0], 0, 0, 0, 0)
	e.payload(&d.encoder)
	binary.BigEndian.PutUint32(d.encoder.b, uint32(len(d.encoder.b)-4)) //nolint:gosec // Bounded by MaxEntry.
	d.sums[kind].Write(d.encoder.b)
	d.encoder.shrink()
}

// Trailer is what an archive with these entries ends with.
func (d *Digester) Trailer(secrets uint64) Trailer {
	text := func(kind byte) string { return hex.EncodeToString(d.sums[kind].Sum(nil)) }
	t := Trailer{Counts: d.counts, Secrets: secrets, Digests: Digests{
		DataKeys: text(typeDataKey), Records: text(typeRecord), AuditEntries: text(typeAudit),
		Counters: text(typeCounter), Changes: text(typeRevision),
	}}
	if d.counts.Accounts > 0 {
		t.Digests.Accounts = text(typeAccount)
	}
	t.Digest = t.Digests.Canonical()
	return t
}

// keptBuffer is how long a buffer may stay between entries, in bytes.
const keptBuffer = 1 << 20

// shrink lets go of a buffer that one large entry has made long.
func (e *encoder) shrink() {
	if cap(e.b) > keptBuffer {
		e.b = nil
	}
}

// CompareCounters orders counters as archives have them. One quota may have two
// windows at a time, as where its beginning was moved or clocks differ.
func CompareCounters(a, b counter.Reading) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), strings.Compare(a.Name, b.Name), strings.Compare(a.Key, b.Key), cmp.Compare(a.Period, b.Period),
		cmp.Compare(a.Scope, b.Scope), a.End.Compare(b.End))
}
