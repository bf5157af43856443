package archive

import (
	"fmt"

	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/counter"
)

// order holds entries to the order of the format.
type order struct {
	header *Header
	stage  byte // The type of the entry before, 0 before the first.
	total  uint64

	dataKey  string
	record   store.Key
	sequence uint64
	counter  counter.Reading
	account  string

	revision store.Revision
	// versions and entries are what the revision still has to come.
	versions, entries int
	version           store.Key
}

// next says why an entry may not come now.
func (o *order) next(e Entry) error {
	if o.total++; o.total > MaxEntries {
		return fmt.Errorf("%d entries: %w", o.total, ErrLimit)
	}
	kind := typeOf(e)
	var ok bool
	if o.header.Kind == Base {
		ok = o.base(e, kind)
	} else {
		ok = o.changes(e)
	}
	if !ok {
		return fmt.Errorf("entry %d, of type %d: %w", o.total, kind, ErrOrder)
	}
	o.stage = kind
	return nil
}

func (o *order) base(e Entry, kind byte) bool {
	if kind < o.stage {
		return false
	}
	switch e := e.(type) {
	case DataKey:
		ok := o.stage == 0 || e.ID > o.dataKey
		o.dataKey = e.ID
		return ok
	case Record:
		ok := e.Key > o.record && e.Changed <= o.header.Revision && e.Created <= e.Changed
		o.record = e.Key
		return ok
	case AuditEntry:
		o.sequence++
		return e.Sequence == o.sequence && e.Revision <= o.header.Revision
	case Counter:
		return o.counts(e)
	case Account:
		return o.accounts(e)
	}
	return false
}

func (o *order) accounts(e Account) bool {
	ok := o.header.Accounts && e.Key > o.account
	o.account = e.Key
	return ok
}

func (o *order) counts(e Counter) bool {
	ok := o.stage != typeCounter || CompareCounters(o.counter, counter.Reading(e)) < 0
	o.counter = counter.Reading(e)
	return ok
}

func (o *order) changes(e Entry) bool {
	switch e := e.(type) {
	case Revision:
		if o.revision == 0 {
			o.revision = o.header.FromRevision
		}
		o.revision++
		whole := o.versions == 0 && o.entries == 0 && o.stage != typeCounter && o.stage != typeAccount
		o.versions, o.entries, o.version = e.Versions, e.AuditEntries, ""
		return whole && e.Revision == o.revision && e.Revision <= o.header.Revision
	case DataKey:
		o.versions--
		return o.versions >= 0
	case Version:
		o.versions--
		ok := o.versions >= 0 && e.Key > o.version
		o.version = e.Key
		return ok
	case AuditEntry:
		o.entries--
		ok := o.versions == 0 && o.entries >= 0 && e.Revision == o.revision && (o.sequence == 0 || e.Sequence == o.sequence+1)
		o.sequence = e.Sequence
		return ok
	}
	return o.versions == 0 && o.entries == 0 && o.counted(e)
}

// counted are what follows the last revision of changes: counters, then accounts.
func (o *order) counted(e Entry) bool {
	switch e := e.(type) {
	case Counter:
		return o.stage != typeAccount && o.counts(e)
	case Account:
		return o.accounts(e)
	}
	return false
}

// end says why the archive may not end now.
func (o *order) end() error {
	last := o.revision
	if o.header.Kind == Base || last == 0 {
		last = o.header.FromRevision
	}
	if o.versions != 0 || o.entries != 0 || o.header.Kind == Changes && last != o.header.Revision {
		return fmt.Errorf("the last entries are missing: %w", ErrOrder)
	}
	return nil
}
