package usage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/problem"
	"github.com/sallyport/sallyport/internal/telemetry/usage"
)

// Query asks for sums.
type Query struct {
	// From and To bound the time, To not included. Both are taken to whole minutes.
	From, To time.Time
	// Interval divides the time, where it is not 0: a multiple of a minute, counted
	// from 1970 on.
	Interval time.Duration
	// Keep says which names are summed up; nil is all. By says what is left of
	// names in the answer.
	Keep func(*Names) bool
	By   func(Names) Names
}

// Sum is the totals of some names, and of one interval.
type Sum struct {
	Names
	// Start is that of the interval; zero where there is none.
	Start  time.Time
	Totals usage.Totals
}

// Sums reads totals of a service, in the order of intervals and names.
func (b *Book) Sums(ctx context.Context, service string, q Query) ([]Sum, error) {
	if before := b.before.Load(); before != nil {
		(*before)(ctx)
	}
	s := &summing{q: q, service: digest(strings.ToLower(service)), sums: map[sumKey]*usage.Totals{}, kept: map[Names]bool{}}
	from, to := q.From.UTC(), q.To.UTC()
	if up := from.Truncate(usage.Finest); up.Before(from) {
		from = up.Add(usage.Finest)
	}
	if up := to.Truncate(usage.Finest); up.Before(to) {
		to = up.Add(usage.Finest)
	}
	for _, p := range b.o.Keep.cover(from, to, b.o.Clock.Now(), q.coarsest()) {
		if err := b.read(ctx, p, s); err != nil {
			return nil, err
		}
	}
	return s.list(), nil
}

// coarsest is the longest span that lies in one interval.
func (q *Query) coarsest() Resolution {
	for _, r := range [...]Resolution{ByDay, ByHour} {
		if q.Interval%r.span() == 0 {
			return r
		}
	}
	return ByMinute
}

// read sums up a part.
func (b *Book) read(ctx context.Context, p part, s *summing) error {
	from, to := startKey(p.resolution, p.from), startKey(p.resolution, p.to)
	for {
		accounts, err := b.o.Ledger.Accounts(ctx, from, to, readBatch)
		if err != nil {
			return fmt.Errorf("reading usage: %w", err)
		}
		if s.scanned += len(accounts); s.scanned > MaxScanned {
			return problem.Validation("The report would read more than %d totals (MaxScanned): ask for less time.", MaxScanned).WithTarget("$filter")
		}
		for _, a := range accounts {
			if err := s.add(a.Key, a.Value); err != nil {
				return err
			}
		}
		if len(accounts) < readBatch {
			return nil
		}
		from = accounts[len(accounts)-1].Key + "!" // The first key behind it: no key has a lower byte.
	}
}

type sumKey struct {
	Names
	start int64
}

// summing is a report that is being read.
type summing struct {
	q       Query
	service string
	scanned int
	sums    map[sumKey]*usage.Totals
	kept    map[Names]bool // what Keep said, of at most maxKept series
}

// add adds one account.
func (s *summing) add(key string, value []byte) error {
	at, service, ok := startOf(key)
	if !ok || service != s.service {
		return nil
	}
	names, rest, err := decodeNames(value)
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	if !s.keeps(names) {
		return nil
	}
	k := sumKey{Names: s.q.By(names)}
	if s.q.Interval > 0 {
		seconds := int64(s.q.Interval / time.Second)
		k.start = at.Unix() / seconds * seconds
	}
	sum := s.sums[k]
	if sum == nil {
		if len(s.sums) >= MaxSums {
			return problem.Validation("The report has more than %d rows (MaxSums): ask for less.", MaxSums).WithTarget("$filter")
		}
		sum = &usage.Totals{}
		s.sums[k] = sum
	}
	if err := sum.AddEncoded(rest); err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}

// keeps reports whether a series is summed up. It is asked of each series once,
// not once for each span.
func (s *summing) keeps(n Names) bool {
	if s.q.Keep == nil {
		return true
	}
	keep, known := s.kept[n]
	if !known && len(s.kept) < maxKept {
		keep = s.q.Keep(&n)
		s.kept[n] = keep
		return keep
	}
	if !known {
		return s.q.Keep(&n)
	}
	return keep
}

// list returns the sums in order.
func (s *summing) list() []Sum {
	list := make([]Sum, 0, len(s.sums))
	for k, t := range s.sums {
		sum := Sum{Names: k.Names, Totals: *t}
		if s.q.Interval > 0 {
			sum.Start = time.Unix(k.start, 0).UTC()
		}
		list = append(list, sum)
	}
	slices.SortFunc(list, func(a, b Sum) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.API, b.API), cmp.Compare(a.Operation, b.Operation),
			cmp.Compare(a.Product, b.Product), cmp.Compare(a.Subscription, b.Subscription), cmp.Compare(a.User, b.User),
			cmp.Compare(a.Region, b.Region))
	})
	return list
}
