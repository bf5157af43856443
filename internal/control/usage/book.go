package usage

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/telemetry/usage"
)

// Options are what a Book needs.
type Options struct {
	Ledger store.Ledger
	// Keep is how long totals are kept.
	Keep  Retention
	Clock clock.Clock
	Log   *slog.Logger
}

// Book keeps the usage of services. It is safe for concurrent use.
type Book struct {
	o      Options
	taking chan struct{}
	// again is set to count parcels each time that they come: a negative control.
	again bool

	calls, parcels, repeated atomic.Uint64
	before                   atomic.Pointer[func(context.Context)]
}

// New makes a book.
func New(o Options) *Book {
	o.Keep = o.Keep.withDefaults()
	return &Book{o: o, taking: make(chan struct{}, MaxTaking)}
}

// Before says what is to be done before sums are read: what brings the calls of
// the moment before. It must not wait for long.
func (b *Book) Before(f func(context.Context)) { b.before.Store(&f) }

// Stats are what a node has counted since it started.
type Stats struct {
	// Parcels and Calls were counted; Repeated are parcels that had come before.
	Parcels, Calls, Repeated uint64
}

// Stats returns what was counted.
func (b *Book) Stats() Stats {
	return Stats{Parcels: b.parcels.Load(), Calls: b.calls.Load(), Repeated: b.repeated.Load()}
}

// Take counts a parcel that a gateway of a service has sent, once, however often
// it comes. It returns nil when that is durable.
func (b *Book) Take(ctx context.Context, service, gateway string, p *usage.Parcel) error {
	select {
	case b.taking <- struct{}{}:
		defer func() { <-b.taking }()
	case <-ctx.Done():
		return fmt.Errorf("counting usage: %w", context.Cause(ctx))
	}
	now := b.o.Clock.Now()
	entries, minutes := b.entries(digest(strings.ToLower(service)), p, now)
	process := markPrefix + digest(strings.ToLower(service), strings.ToLower(gateway), p.Instance, p.Boot)
	repeated := false
	err := b.o.Ledger.Post(ctx, func(tx store.LedgerTx) error {
		found, err := tx.Balances([]string{process, stampKey})
		if err != nil {
			return err
		}
		if repeated = decodeMark(found[process]).sequence >= p.Sequence && !b.again; repeated {
			return nil
		}
		if err := add(tx, entries); err != nil {
			return err
		}
		return tx.Set(append(stamped(found[stampKey], minutes), store.Account{Key: process, Value: mark{p.Sequence, now}.encode()}))
	})
	if err != nil {
		return fmt.Errorf("counting usage: %w", err)
	}
	if repeated {
		b.repeated.Add(1)
		return nil
	}
	b.parcels.Add(1)
	for i := range p.Rows {
		b.calls.Add(p.Rows[i].Totals.Calls())
	}
	return nil
}

// entry is what a parcel adds to one account.
type entry struct {
	names  Names
	totals usage.Totals
}

// entries are what a parcel adds, by key, and the minutes that its calls are of.
func (b *Book) entries(service string, p *usage.Parcel, now time.Time) (map[string]*entry, map[time.Time]bool) {
	list, minutes := make(map[string]*entry, len(resolutions)*len(p.Rows)), map[time.Time]bool{}
	for i := range p.Rows {
		row := &p.Rows[i]
		names := Names{Series: row.Series, Region: p.Region}
		names.API, _, _ = strings.Cut(names.API, ";rev=") // All revisions are one API.
		at := row.Minute.UTC()
		if at.After(now.Add(MaxAhead)) || at.Before(now.Add(-MaxLate)) {
			at = now.UTC()
		}
		minutes[at.Truncate(time.Minute)] = true
		for _, r := range resolutions {
			start := at.Truncate(r.span())
			if start.Before(b.o.Keep.gone(r, now)) {
				continue // It would be let go of at once.
			}
			key := totalKey(r, start, service, &names)
			if list[key] == nil {
				list[key] = &entry{names: names}
			}
			list[key].totals.Add(&row.Totals)
		}
	}
	return list, minutes
}

// add adds entries to their accounts.
func add(tx store.LedgerTx, entries map[string]*entry) error {
	keys := make([]string, 0, len(entries))
	for key := range entries {
		keys = append(keys, key)
	}
	found, err := tx.Balances(keys)
	if err != nil {
		return err
	}
	accounts := make([]store.Account, 0, len(entries))
	for key, e := range entries {
		sum := e.totals
		if value, there := found[key]; there {
			_, before, err := decodeEntry(value)
			if err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
			sum.Add(before)
		}
		accounts = append(accounts, store.Account{Key: key, Value: encodeEntry(&e.names, &sum)})
	}
	return tx.Set(accounts)
}
