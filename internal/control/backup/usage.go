package backup

import (
	"errors"
	"fmt"

	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/usage"
)

// accountsPage is how many accounts are written at once.
const accountsPage = 1000

// errNoLedger refuses a store whose views do not show what is counted, or whose
// updates cannot post: a backup without it would not be whole.
var errNoLedger = errors.New("the store has no ledger that belongs to its views and updates")

// seeUsage finds out what of usage an archive holds, and says so in its header: of
// a base everything, of changes what has changed since the last that hold some,
// where they are asked for it. All of it is of the moment of the view.
func (t *taker) seeUsage(r store.Reader, h *archive.Header, after Position) error {
	accounts, ok := r.(store.AccountReader)
	if !ok {
		return errNoLedger
	}
	var stamp uint64
	var err error
	switch {
	case h.Kind == archive.Changes && !t.options.Usage:
		if after.HasUsage {
			h.Usage = &after.Usage
		}
		return nil
	case h.Kind == archive.Changes && after.HasUsage:
		t.usage, stamp, err = usage.ChangedSince(accounts, after.Usage)
		if errors.Is(err, usage.ErrStamp) {
			return fmt.Errorf("the store is another one than before: %w: %w", err, ErrSequence)
		}
	default:
		t.usage = usage.Ranges()
		stamp, err = usage.Stamp(accounts)
	}
	if err != nil {
		return err
	}
	h.Usage = &stamp
	h.Accounts, err = some(accounts, t.usage)
	return err
}

// some reports whether there is any account.
func some(accounts store.AccountReader, in []usage.Range) (bool, error) {
	for _, part := range in {
		if found, err := accounts.Accounts(part.From, part.To, 1); err != nil || len(found) > 0 {
			return len(found) > 0, err
		}
	}
	return false, nil
}

// accounts writes the accounts of usage, page by page.
func (t *taker) accounts(r store.Reader) error {
	accounts, ok := r.(store.AccountReader)
	if !ok {
		return errNoLedger
	}
	for _, part := range t.usage {
		for a, err := range store.EachAccount(accounts, part.From, part.To) {
			if err != nil {
				return fmt.Errorf("reading usage: %w", err)
			}
			if err := t.write(archive.Account(a)); err != nil {
				return err
			}
		}
	}
	return nil
}

// usageRead is what was read of usage from archives.
type usageRead struct {
	// known says that an archive told of usage, and stamp up to when.
	known bool
	stamp uint64
	// accounts is how many entries were read, and parts in how many archives there
	// were some.
	accounts uint64
	parts    int
	// digest is that of the accounts, where they all were in one archive.
	digest string
}

// holdsUsage reports whether the accounts of an archive belong to the point that is
// restored. What is older than what is there already does not: a base may be
// younger than changes that follow it.
func (s *sequence) holdsUsage(h archive.Header) bool {
	until := s.from.Until.Time
	switch {
	case h.Usage == nil || s.reached:
		return false
	case h.Kind == archive.Base:
		return true
	case !until.IsZero() && h.Created.After(until):
		return false
	}
	return !s.usage.known || *h.Usage > s.usage.stamp
}

// account takes an account.
func (a *reading) account(e archive.Account) error {
	if err := a.endRecords(); err != nil {
		return err
	}
	if !a.holdsUsage(a.header) {
		return nil
	}
	if !usage.Within(e.Key) {
		return fmt.Errorf("an account %s: %w", e.Key, archive.ErrDamaged)
	}
	a.accounts++
	a.usage.accounts++
	return a.to.account(store.Account(e))
}

// endUsage is told that an archive was right.
func (a *reading) endUsage(t archive.Trailer) error {
	if !a.holdsUsage(a.header) {
		return nil
	}
	a.usage.known, a.usage.stamp = true, *a.header.Usage
	if a.accounts == 0 {
		return nil
	}
	a.usage.parts++
	a.usage.digest = ""
	if a.usage.parts == 1 {
		a.usage.digest = t.Digests.Accounts
	}
	return a.to.usageRead()
}

// noteUsage tells what was read of usage.
func (p *plan) noteUsage() {
	r, read := &p.read.report, &p.read.usage
	r.UsageKept = !read.known || p.options.KeepUsage
	if r.UsageKept {
		return
	}
	r.Accounts, r.Digests.Accounts = read.accounts, read.digest
}

// clearUsage removes the accounts of the target, where those of the archives take
// their place.
func (w *writer) clearUsage() error {
	if !w.plan.replacesUsage() {
		return nil
	}
	can, ok := w.tx.(store.Poster)
	if !ok {
		return errNoLedger
	}
	var err error
	if w.posting, err = can.Posting(); err != nil {
		return err
	}
	for _, part := range usage.Ranges() {
		for {
			n, err := w.posting.Remove(part.From, part.To, store.MaxLedgerBatch)
			if err != nil {
				return fmt.Errorf("replacing usage: %w", err)
			}
			if n < store.MaxLedgerBatch {
				break
			}
		}
	}
	return nil
}

// replacesUsage reports whether the usage of the target becomes that of the
// archives.
func (p *plan) replacesUsage() bool {
	return p.read.usage.known && !p.options.KeepUsage && !p.options.DryRun && !p.proving
}

// account puts an account aside until a page of them is written.
func (w *writer) account(a store.Account) error {
	if w.posting == nil {
		return nil
	}
	w.page = append(w.page, a)
	if len(w.page) < accountsPage {
		return nil
	}
	return w.usageRead()
}

// usageRead writes what was put aside.
func (w *writer) usageRead() error {
	if len(w.page) == 0 {
		return nil
	}
	err := w.posting.Set(w.page)
	clear(w.page)
	w.page = w.page[:0]
	if err != nil {
		return fmt.Errorf("replacing usage: %w", err)
	}
	return nil
}

// checkUsage compares the accounts that were written with those of the base, where
// changes hold none, and counts them.
func (p *plan) checkUsage(tx store.Tx) error {
	r := &p.read.report
	if !p.replacesUsage() {
		return nil
	}
	accounts, ok := tx.(store.AccountReader)
	if !ok {
		return errNoLedger
	}
	d := archive.NewDigester()
	for _, part := range usage.Ranges() {
		for a, err := range store.EachAccount(accounts, part.From, part.To) {
			if err != nil {
				return err
			}
			d.Add(archive.Account(a))
		}
	}
	got := d.Trailer(0)
	// What several archives held is not known as a whole.
	if p.read.usage.parts <= 1 && (got.Counts.Accounts != p.read.usage.accounts || got.Digests.Accounts != r.Digests.Accounts) {
		return fmt.Errorf("%d accounts of usage, of %d: %w", got.Counts.Accounts, p.read.usage.accounts, ErrContent)
	}
	r.Accounts = got.Counts.Accounts
	return nil
}
