package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/sallyport/sallyport/internal/control/store"
)

// verifyPage is the number of entries that Verify reads at once.
const verifyPage = 1000

// BreakError says where the chain is broken.
type BreakError struct {
	// Sequence is the entry that is not what was written, or does not follow
	// the one before.
	Sequence uint64
	// Reason says what is wrong with it.
	Reason string
}

// Error names the entry and says what is wrong with it.
func (e *BreakError) Error() string {
	return fmt.Sprintf("the audit log is broken at entry %d: %s", e.Sequence, e.Reason)
}

// Verify reads the whole log and checks that every entry is what was written
// and follows the one before. It returns the number of entries that are whole;
// the error is a *BreakError where the chain breaks.
func Verify(ctx context.Context, r store.Reader) (count uint64, err error) {
	previous := ""
	for {
		if err := ctx.Err(); err != nil {
			return count, err
		}
		page, err := r.AuditLog(int64(count), verifyPage) //nolint:gosec // A log of 2^63 entries fits nowhere.
		if err != nil {
			return count, fmt.Errorf("reading the audit log after entry %d: %w", count, err)
		}
		for _, stored := range page {
			hash, reason := check(stored, count+1, previous)
			if reason != "" {
				return count, &BreakError{Sequence: count + 1, Reason: reason}
			}
			previous = hash
			count++
		}
		if len(page) < verifyPage {
			return count, nil
		}
	}
}

// check compares an entry with what Append would have written in its place. It
// returns its hash, or a reason why it is not that.
func check(stored store.AuditEntry, sequence uint64, previous string) (hash, reason string) {
	if stored.Sequence != sequence {
		return "", fmt.Sprintf("the store numbers it %d", stored.Sequence)
	}
	var e Entry
	if err := json.Unmarshal(stored.Data, &e); err != nil {
		return "", "it is not an entry"
	}
	data, hash, err := encode(e)
	switch {
	case err != nil:
		return "", "it is not an entry"
	case hash != e.Hash:
		return "", "its hash is not that of its content"
	case !bytes.Equal(data, stored.Data):
		return "", "it is not in the form in which entries are written"
	case e.Sequence != sequence:
		return "", fmt.Sprintf("it was written as entry %d", e.Sequence)
	case e.Previous != previous:
		return "", "it does not follow the entry before"
	}
	return hash, ""
}

// Read returns entries after a sequence number, the oldest first, at most limit
// (1 to store.MaxListLimit). After a negative number -n it returns the last n.
func Read(r store.Reader, after int64, limit int) ([]Entry, error) {
	stored, err := r.AuditLog(after, limit)
	if err != nil {
		return nil, fmt.Errorf("reading the audit log: %w", err)
	}
	entries := make([]Entry, len(stored))
	for i, s := range stored {
		if err := json.Unmarshal(s.Data, &entries[i]); err != nil {
			return nil, &BreakError{Sequence: s.Sequence, Reason: "it is not an entry"}
		}
	}
	return entries, nil
}
