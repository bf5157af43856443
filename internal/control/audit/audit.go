// Package audit chains the entries of the audit log, so that none of them can be
// changed, taken out or put in between without Verify finding it.
//
// An entry is stored as its canonical JSON: what json.Marshal makes of it, byte
// for byte. Its hash is the SHA-256 of that JSON without the hash, and the JSON
// contains the hash of the entry before. The store numbers the entries and
// refuses a change without one.
package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sallyport/sallyport/internal/control/store"
)

// Limits of an entry.
const (
	// MaxStateLength bounds what Before and After hold, in bytes each. A longer
	// one is replaced by a note with its length and its hash.
	MaxStateLength = 256 << 10
	// MaxTextLength bounds each of the other fields, in bytes.
	MaxTextLength = 4096
)

// Outcomes of what an entry tells of.
const (
	// Succeeded says that the change was made.
	Succeeded = "Succeeded"
	// Failed says that it was tried and refused.
	Failed = "Failed"
)

// ErrUnchained is wrapped by the error of an Append that does not follow the
// last entry, because the transaction had appended another. A Chain appends
// several.
var ErrUnchained = errors.New("the entry does not follow the last one")

// Entry is one line of the audit log: who did what to which resource, from
// where, and what that changed. The JSON names and their order are the format.
type Entry struct {
	// Sequence numbers the entries from 1. It is set by Append.
	Sequence uint64 `json:"sequence"`
	// Time is when it happened, in UTC.
	Time time.Time `json:"time"`
	// Actor is the id of the principal, ActorName its name for people.
	Actor     string `json:"actor"`
	ActorName string `json:"actorName,omitempty"`
	// Source is the address of the client; empty where the program acted itself.
	Source string `json:"source,omitempty"`
	// Action is the permission that was used, as in
	// "Microsoft.ApiManagement/service/apis/write".
	Action string `json:"action"`
	// Resource is the full resource id.
	Resource string `json:"resource"`
	// Correlation is the id of the request.
	Correlation string `json:"correlation,omitempty"`
	// Before and After are the resource before and after, masked; empty where
	// there was none.
	Before json.RawMessage `json:"before,omitempty"`
	After  json.RawMessage `json:"after,omitempty"`
	// Outcome is Succeeded or Failed.
	Outcome string `json:"outcome"`
	// Previous is the hash of the entry before, in hexadecimal; empty in the
	// first. Hash is the entry's own. Append sets both.
	Previous string `json:"previous"`
	Hash     string `json:"hash,omitempty"`
}

// Append adds one entry to the log in the transaction of the change that it
// tells of. It sets Sequence, Previous and Hash. A transaction that appends
// more than one entry uses a Chain.
func Append(tx store.Tx, e Entry) error {
	c, err := Begin(tx)
	if err != nil {
		return err
	}
	return c.Append(e)
}

// Chain appends entries in one transaction, each after the one before.
type Chain struct {
	tx       store.Tx
	sequence uint64
	hash     string
}

// Begin reads the end of the log. The Chain belongs to the one run of the
// transaction's function.
func Begin(tx store.Tx) (*Chain, error) {
	sequence, hash, err := Head(tx)
	if err != nil {
		return nil, err
	}
	return &Chain{tx: tx, sequence: sequence, hash: hash}, nil
}

// Append adds an entry after the last one of the chain.
func (c *Chain) Append(e Entry) error {
	e, err := normal(e)
	if err != nil {
		return err
	}
	e.Sequence, e.Previous = c.sequence+1, c.hash
	data, hash, err := encode(e)
	if err != nil {
		return err
	}
	sequence, err := c.tx.Audit(data)
	if err != nil {
		return fmt.Errorf("writing the audit log: %w", err)
	}
	if sequence != e.Sequence {
		return fmt.Errorf("writing the audit log: entry %d: %w", sequence, ErrUnchained)
	}
	c.sequence, c.hash = sequence, hash
	return nil
}

// Adopt adds an entry that another log had at the same place, as it is. broken
// says where it does not follow the one before, or is not what was written: a
// log that was broken there is broken here.
func (c *Chain) Adopt(stored store.AuditEntry) (broken *BreakError, err error) {
	hash, reason := check(stored, c.sequence+1, c.hash)
	if reason != "" {
		broken = &BreakError{Sequence: c.sequence + 1, Reason: reason}
		var e Entry
		if json.Unmarshal(stored.Data, &e) == nil {
			hash = e.Hash
		}
	}
	sequence, err := c.tx.Audit(stored.Data)
	if err != nil {
		return broken, fmt.Errorf("writing the audit log: %w", err)
	}
	if sequence != stored.Sequence {
		return broken, fmt.Errorf("writing the audit log: entry %d: %w", sequence, ErrUnchained)
	}
	c.sequence, c.hash = sequence, hash
	return broken, nil
}

// Head returns the number and the hash of the last entry: 0 and "" where there
// is none. Whoever keeps it elsewhere finds a log that was cut off at its end,
// or was written anew as a whole.
func Head(r store.Reader) (sequence uint64, hash string, err error) {
	last, err := r.AuditLog(-1, 1)
	if err != nil {
		return 0, "", fmt.Errorf("reading the end of the audit log: %w", err)
	}
	if len(last) == 0 {
		return 0, "", nil
	}
	var e Entry
	if err := json.Unmarshal(last[0].Data, &e); err != nil {
		return 0, "", fmt.Errorf("reading entry %d of the audit log: %w", last[0].Sequence, err)
	}
	return last[0].Sequence, e.Hash, nil
}

// encode returns the canonical JSON of an entry, with its hash, and the hash.
func encode(e Entry) (data []byte, hash string, err error) {
	e.Hash = ""
	body, err := json.Marshal(e)
	if err != nil {
		return nil, "", fmt.Errorf("encoding an audit entry: %w", err)
	}
	sum := sha256.Sum256(body)
	e.Hash = hex.EncodeToString(sum[:])
	if data, err = json.Marshal(e); err != nil {
		return nil, "", fmt.Errorf("encoding an audit entry: %w", err)
	}
	return data, e.Hash, nil
}

// normal is the entry in the form in which it is stored: times in UTC, texts
// and states inside their limits.
func normal(e Entry) (Entry, error) {
	if e.Actor == "" || e.Action == "" || e.Outcome == "" || e.Time.IsZero() {
		return Entry{}, errors.New("an audit entry needs an actor, an action, an outcome and a time")
	}
	e.Time = e.Time.Round(0).UTC()
	for _, s := range []*string{&e.Actor, &e.ActorName, &e.Source, &e.Action, &e.Resource, &e.Correlation, &e.Outcome} {
		*s = text(*s)
	}
	var err error
	if e.Before, err = state(e.Before); err != nil {
		return Entry{}, fmt.Errorf("the state before the change: %w", err)
	}
	if e.After, err = state(e.After); err != nil {
		return Entry{}, fmt.Errorf("the state after the change: %w", err)
	}
	return e, nil
}

// text cuts a field to its limit.
func text(s string) string {
	if len(s) > MaxTextLength {
		s = s[:MaxTextLength]
	}
	return string(bytes.ToValidUTF8([]byte(s), []byte("\uFFFD")))
}

// state is a JSON value in the form that json.Marshal gives it, or a note of
// it where it is too long.
func state(raw json.RawMessage) (json.RawMessage, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	data, err := json.Marshal(raw)
	if err != nil {
		// The words of the decoder could quote what it read.
		return nil, errors.New("it is not JSON")
	}
	if len(data) <= MaxStateLength {
		return data, nil
	}
	sum := sha256.Sum256(data)
	return json.Marshal(map[string]any{"length": len(data), "sha256": hex.EncodeToString(sum[:])})
}
