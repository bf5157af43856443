package usage

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/control/store"
)

// What tells which totals have changed since another time:
//
//	usage/stamp            the number of parcels that were counted: its stamp
//	usage/stamped/START    the stamp of the last parcel with calls of a minute
const (
	stampKey      = "usage/stamp"
	stampedPrefix = "usage/stamped/"
)

// ErrStamp says that a ledger is behind the stamp that is asked for: it is
// another one, or an older copy of it.
var ErrStamp = errors.New("the usage in the store is older than what was seen of it")

// Range is a part of the ledger: the accounts whose keys are not below From and
// below To.
type Range struct{ From, To string }

// Ranges are what belongs into backups, in the order of the keys: the marks, so
// that a parcel is not counted again that was counted before the backup, and the
// totals. Stamps do not: they belong to one store.
func Ranges() []Range {
	return []Range{below(markPrefix), below(totalPrefix)}
}

// below are all keys with a prefix that ends in a slash.
func below(prefix string) Range {
	return Range{prefix, strings.TrimSuffix(prefix, "/") + "0"} // What follows the slash.
}

// Within reports whether an account belongs into backups.
func Within(key string) bool {
	return slices.ContainsFunc(Ranges(), func(r Range) bool { return key >= r.From && key < r.To })
}

// stamp is how many parcels were counted, and the highest stamp of a minute that
// was let go of: what changed up to it is not known by its minutes any more.
type stamp struct{ last, forgotten uint64 }

func (s stamp) encode() []byte {
	return binary.AppendUvarint(binary.AppendUvarint(nil, s.last), s.forgotten)
}

// decodeStamp reads a stamp; where there is none it is 0.
func decodeStamp(value []byte) (s stamp) {
	var n int
	if s.last, n = binary.Uvarint(value); n <= 0 {
		return stamp{}
	}
	s.forgotten, _ = binary.Uvarint(value[n:])
	return s
}

// Stamp is the number of parcels that a store has counted.
func Stamp(r store.AccountReader) (uint64, error) {
	s, err := readStamp(r)
	return s.last, err
}

func readStamp(r store.AccountReader) (stamp, error) {
	found, err := r.Accounts(stampKey, stampKey+"!", 1)
	if err != nil || len(found) == 0 {
		return stamp{}, err
	}
	return decodeStamp(found[0].Value), nil
}

// ChangedSince are the parts of the ledger in which everything lies that parcels
// after a stamp have changed, in the order of the keys, and the stamp that they
// lead to. They hold whole minutes, hours and days, and all marks. Where nothing
// was counted since there are none; where it is not known any more what, they are
// all. What was let go of since is nobody's loss. The error wraps ErrStamp where
// the stamp is of the future.
func ChangedSince(r store.AccountReader, since uint64) ([]Range, uint64, error) {
	s, err := readStamp(r)
	switch {
	case err != nil:
		return nil, 0, err
	case s.last < since:
		return nil, 0, fmt.Errorf("it has counted %d parcels, and had %d: %w", s.last, since, ErrStamp)
	case s.last == since:
		return nil, since, nil
	case since < s.forgotten:
		return Ranges(), s.last, nil
	}
	spans := map[Resolution]map[time.Time]bool{ByDay: {}, ByHour: {}, ByMinute: {}}
	all := below(stampedPrefix)
	for a, err := range store.EachAccount(r, all.From, all.To) {
		if err != nil {
			return nil, 0, err
		}
		if at, ok := stampedAt(a); ok && decodeStamp(a.Value).last > since {
			for resolution, starts := range spans {
				starts[at.Truncate(resolution.span())] = true
			}
		}
	}
	ranges := Ranges()[:1]
	for _, resolution := range []Resolution{ByDay, ByHour, ByMinute} { // As in the order of the keys.
		for _, at := range slices.SortedFunc(maps.Keys(spans[resolution]), time.Time.Compare) {
			ranges = append(ranges, Range{startKey(resolution, at), startKey(resolution, at.Add(resolution.span()))})
		}
	}
	return ranges, s.last, nil
}

// stampedKey is the key of the stamp of a minute.
func stampedKey(at time.Time) string {
	return fmt.Sprintf("%s%010d", stampedPrefix, max(0, at.Unix()/60))
}

// stampedAt is the minute of a stamp.
func stampedAt(a store.Account) (time.Time, bool) {
	var minutes int64
	digits, ok := strings.CutPrefix(a.Key, stampedPrefix)
	for _, digit := range []byte(digits) {
		ok = ok && digit >= '0' && digit <= '9'
		minutes = minutes*10 + int64(digit-'0')
	}
	return time.Unix(minutes*60, 0).UTC(), ok && len(digits) == 10
}

// stamped are the accounts that say that another parcel was counted, with calls of
// these minutes.
func stamped(before []byte, minutes map[time.Time]bool) []store.Account {
	s := decodeStamp(before)
	s.last++
	list := []store.Account{{Key: stampKey, Value: s.encode()}}
	for at := range minutes {
		list = append(list, store.Account{Key: stampedKey(at), Value: stamp{last: s.last}.encode()})
	}
	return list
}

// tidyStamps lets go of the stamps of minutes before a time, and notes the highest
// of them. It returns how many they were, at most tidyBatch.
func tidyStamps(tx store.LedgerTx, before time.Time) (int, error) {
	from, to := below(stampedPrefix).From, stampedKey(before)
	old, err := tx.Accounts(from, to, tidyBatch)
	if err != nil || len(old) == 0 {
		return 0, err
	}
	s, err := readStamp(tx)
	if err != nil {
		return 0, err
	}
	for _, a := range old {
		s.forgotten = max(s.forgotten, decodeStamp(a.Value).last)
	}
	if err := tx.Set([]store.Account{{Key: stampKey, Value: s.encode()}}); err != nil {
		return 0, err
	}
	return tx.Remove(from, to, len(old))
}
