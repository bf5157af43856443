package archive

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/counter"
)

// Entry is one thing in an archive: a DataKey, Record, AuditEntry, Counter,
// Revision, Version or Account.
type Entry interface{ payload(*encoder) }

// The types of entries.
const (
	typeDataKey byte = iota + 1
	typeRecord
	typeAudit
	typeCounter
	typeRevision
	typeVersion
	typeTrailer
	typeAccount // Since version 2.
)

// DataKeyLength is that of a data key, in bytes.
const DataKeyLength = 32

// DataKey is a key that seals values, in clear.
type DataKey struct {
	ID      string
	Created time.Time
	Key     []byte
}

// Record is a record of a base.
type Record store.Record

// AuditEntry is an entry of the audit log.
type AuditEntry store.AuditEntry

// Counter is what a counter stood at.
type Counter counter.Reading

// Revision begins what one revision changed, in changes: so many data keys and
// versions follow it, then so many audit entries.
type Revision struct {
	Revision store.Revision
	// Time is that of the last audit entry of the revision.
	Time time.Time
	// Versions is the number of data keys and versions.
	Versions int
	// AuditEntries is the number of audit entries.
	AuditEntries int
}

// Version is a state of a record, written by the revision before it.
type Version store.Version

// Account is an account of the store's ledger.
type Account store.Account

// typeOf is the type of an entry.
func typeOf(e Entry) byte {
	switch e.(type) {
	case DataKey:
		return typeDataKey
	case Record:
		return typeRecord
	case AuditEntry:
		return typeAudit
	case Counter:
		return typeCounter
	case Revision:
		return typeRevision
	case Account:
		return typeAccount
	default:
		return typeVersion
	}
}

// encoder writes a payload.
type encoder struct{ b []byte }

func (e *encoder) text(s string) {
	e.b = binary.BigEndian.AppendUint16(e.b, uint16(len(s))) //nolint:gosec // Keys, ids and names are bounded by the store.
	e.b = append(e.b, s...)
}

func (e *encoder) blob(b []byte) {
	e.b = binary.BigEndian.AppendUint32(e.b, uint32(len(b))) //nolint:gosec // Values are bounded by the store.
	e.b = append(e.b, b...)
}

func (e *encoder) number(n uint64)  { e.b = binary.BigEndian.AppendUint64(e.b, n) }
func (e *encoder) count(n int)      { e.b = binary.BigEndian.AppendUint32(e.b, uint32(n)) } //nolint:gosec // Checked by the writer.
func (e *encoder) time(t time.Time) { e.number(uint64(nanoseconds(t))) }                    //nolint:gosec // The same bits.

// nanoseconds are those since 1970; the zero time is the smallest number.
func nanoseconds(t time.Time) int64 {
	if t.IsZero() {
		return math.MinInt64
	}
	return t.UnixNano()
}

func (k DataKey) payload(e *encoder) {
	e.text(k.ID)
	e.time(k.Created)
	e.b = append(e.b, k.Key...)
}

func (r Record) payload(e *encoder) {
	e.text(string(r.Key))
	e.text(r.ID)
	e.number(uint64(r.Created))
	e.number(uint64(r.Changed))
	e.blob(r.Value)
}

func (a AuditEntry) payload(e *encoder) {
	e.number(a.Sequence)
	e.number(uint64(a.Revision))
	e.blob(a.Data)
}

func (r Revision) payload(e *encoder) {
	e.number(uint64(r.Revision))
	e.time(r.Time)
	e.count(r.Versions)
	e.count(r.AuditEntries)
}

func (v Version) payload(e *encoder) {
	e.text(string(v.Key))
	e.text(v.ID)
	e.number(uint64(v.Created))
	deleted := byte(0)
	if v.Deleted {
		deleted = 1
	}
	e.b = append(e.b, deleted)
	e.blob(v.Value)
}

func (a Account) payload(e *encoder) {
	e.text(a.Key)
	e.blob(a.Value)
}

// counterJSON is a counter as it is written.
type counterJSON struct {
	Kind     string    `json:"kind"`
	Scope    string    `json:"scope,omitempty"` // Empty is region.
	Name     string    `json:"name"`
	Key      string    `json:"key"`
	PeriodMs int64     `json:"periodMs"`
	Start    time.Time `json:"start,omitzero"`
	End      time.Time `json:"end,omitzero"`
	Calls    int64     `json:"calls"`
	Bytes    int64     `json:"bytes"`
}

// kinds are the names of the kinds of counters.
var kinds = map[counter.Kind]string{counter.KindRate: "rate", counter.KindQuota: "quota"}

// text is the counter as it is written. A time that no calendar has is an error.
func (c Counter) text() ([]byte, error) {
	scope := ""
	if c.Scope != counter.ScopeRegion {
		scope = c.Scope.String()
	}
	return json.Marshal(counterJSON{
		Kind: kinds[c.Kind], Scope: scope, Name: c.Name, Key: c.Key, PeriodMs: c.Period.Milliseconds(),
		Start: c.Start.UTC().Round(0), End: c.End.UTC().Round(0), Calls: c.Used.Calls, Bytes: c.Used.Bytes,
	})
}

// payload writes what text returns; checkEntry has refused what it cannot write.
func (c Counter) payload(e *encoder) {
	if text, err := c.text(); err == nil {
		e.b = append(e.b, text...)
	}
}

// decoder reads a payload; its error sticks.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) take(n int) []byte {
	if d.bad || n < 0 || n > len(d.b) {
		d.bad = true
		return nil
	}
	taken := d.b[:n:n]
	d.b = d.b[n:]
	return taken
}

func (d *decoder) text() string {
	length := d.take(2)
	if d.bad {
		return ""
	}
	s := string(d.take(int(binary.BigEndian.Uint16(length))))
	d.bad = d.bad || !utf8.ValidString(s)
	return s
}

func (d *decoder) count() int {
	b := d.take(4)
	if d.bad {
		return 0
	}
	return int(binary.BigEndian.Uint32(b))
}

func (d *decoder) blob() []byte { return d.take(d.count()) }

func (d *decoder) number() uint64 {
	b := d.take(8)
	if d.bad {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

func (d *decoder) revision() store.Revision { return store.Revision(d.number()) }

func (d *decoder) time() time.Time {
	n := int64(d.number()) //nolint:gosec // The same bits.
	if n == math.MinInt64 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

func (d *decoder) flag() bool {
	b := d.take(1)
	if d.bad || b[0] > 1 {
		d.bad = true
		return false
	}
	return b[0] == 1
}

// decode reads an entry; its slices are parts of the payload.
func decode(kind byte, payload []byte) (Entry, error) {
	d := &decoder{b: payload}
	var e Entry
	switch kind {
	case typeDataKey:
		e = DataKey{ID: d.text(), Created: d.time(), Key: d.take(DataKeyLength)}
	case typeRecord:
		e = Record{Key: store.Key(d.text()), ID: d.text(), Created: d.revision(), Changed: d.revision(), Value: d.blob()}
	case typeAudit:
		e = AuditEntry{Sequence: d.number(), Revision: d.revision(), Data: d.blob()}
	case typeCounter:
		return decodeCounter(payload)
	case typeRevision:
		e = Revision{Revision: d.revision(), Time: d.time(), Versions: d.count(), AuditEntries: d.count()}
	case typeVersion:
		v := Version{Record: store.Record{Key: store.Key(d.text()), ID: d.text(), Created: d.revision()}, Deleted: d.flag()}
		v.Value = d.blob()
		e = v
	case typeAccount:
		return decodeAccount(d)
	default:
		return nil, fmt.Errorf("there is no type %d of entries: %w", kind, ErrDamaged)
	}
	if d.bad || len(d.b) > 0 {
		return nil, fmt.Errorf("an entry of type %d is not as long as it says: %w", kind, ErrDamaged)
	}
	return e, nil
}

func decodeAccount(d *decoder) (Entry, error) {
	a := Account{Key: d.text(), Value: d.blob()}
	if d.bad || len(d.b) > 0 {
		return nil, fmt.Errorf("an account is not as long as it says: %w", ErrDamaged)
	}
	if err := store.CheckAccounts([]store.Account{store.Account(a)}); err != nil {
		return nil, fmt.Errorf("an account is none: %w: %w", err, ErrDamaged)
	}
	return a, nil
}

func decodeCounter(payload []byte) (Entry, error) {
	var c counterJSON
	if err := json.Unmarshal(payload, &c); err != nil {
		return nil, fmt.Errorf("a counter is no JSON: %w", ErrDamaged)
	}
	reading := counter.Reading{
		Name: c.Name, Key: c.Key, Period: time.Duration(c.PeriodMs) * time.Millisecond,
		Start: c.Start, End: c.End, Used: counter.Usage{Calls: c.Calls, Bytes: c.Bytes},
	}
	for kind, name := range kinds {
		if name == c.Kind {
			reading.Kind = kind
		}
	}
	known := true
	if c.Scope != "" {
		reading.Scope, known = counter.ParseScope(c.Scope)
	}
	if !known || reading.Kind == 0 || c.PeriodMs < 0 || c.PeriodMs > math.MaxInt64/int64(time.Millisecond) {
		return nil, fmt.Errorf("a counter is none: %w", ErrDamaged)
	}
	return Counter(reading), nil
}

// checkEntry says why the writer may not take an entry.
func checkEntry(e Entry) error {
	var err error
	switch e := e.(type) {
	case DataKey:
		if len(e.Key) != DataKeyLength || len(e.ID) > math.MaxUint16 || !utf8.ValidString(e.ID) {
			err = errors.New("it is no data key")
		}
	case Record:
		err = store.CheckRecord(e.Key, e.ID, e.Value)
	case AuditEntry:
		err = store.CheckAudit(e.Data)
	case Version:
		err = store.CheckRecord(e.Key, e.ID, e.Value)
	case Counter:
		_, err = e.text()
	case Account:
		err = store.CheckAccounts([]store.Account{store.Account(e)})
	case Revision:
		if e.Versions < 0 || e.Versions > MaxEntries || e.AuditEntries < 0 || e.AuditEntries > MaxEntries {
			err = ErrLimit
		}
	}
	if err != nil {
		return fmt.Errorf("writing an entry: %w", err)
	}
	return nil
}
