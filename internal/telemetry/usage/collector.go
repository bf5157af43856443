package usage

import (
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Series are the names that calls are told apart by, within one minute of one
// gateway. What does not apply is empty: a call that matched no API has none.
type Series struct {
	API, Operation, Product, Subscription, User string
}

// Call is one finished call. The names are those of the configuration: they are
// kept, so they must not be views into memory that is used again.
type Call struct {
	Series
	// Ended is when the answer had been sent.
	Ended time.Time
	// Status is that of the answer, or 0 where the client had gone.
	Status int
	// Duration is the whole time, BackendDuration the part of it that backends
	// took; Forwarded says that one was called.
	Duration, BackendDuration time.Duration
	Forwarded                 bool
	Cached                    Cached
	BytesIn, BytesOut         int64
}

// Cached says what cache-lookup had to do with a call.
type Cached uint8

// What cache-lookup had to do with calls.
const (
	NotCached Cached = iota
	CacheHit
	CacheMiss
)

// Row is what was counted in one series and minute.
type Row struct {
	Series
	// Minute is the start of the minute, in UTC.
	Minute time.Time
	Totals Totals
}

// maxStripes bounds the stripes of a collector.
const maxStripes = 64

// Collector counts calls. It is safe for concurrent use. A nil Collector counts
// nothing.
//
// Calls are counted in stripes, of which each processor mostly has one of its
// own. Drain takes the minutes of a stripe out in one step, and adds them up
// while counting goes on.
type Collector struct {
	stripes []stripe
	next    atomic.Uint32
	near    sync.Pool // Of *stripe: that of the processor.
	// overflowed are the calls that were counted under Overflow.
	overflowed atomic.Uint64
	limit      int
}

// NewCollector makes a collector.
func NewCollector() *Collector {
	c := &Collector{stripes: make([]stripe, min(runtime.GOMAXPROCS(0), maxStripes)), limit: MaxSeries}
	c.near.New = func() any {
		return &c.stripes[int(c.next.Add(1))%len(c.stripes)]
	}
	return c
}

// stripe is a part of the counts.
type stripe struct {
	mu   sync.Mutex
	open minute
	// done are earlier minutes that wait for Drain.
	done []minute
	// Maps and totals are used again, so that a minute like the last one allocates
	// nothing.
	spare []map[Series]*Totals
	free  []*Totals
	// recent are series of the open minute, by a hint of their names: they are
	// found without the map.
	recent [recents]recent
	_      [64]byte // Stripes of different processors share no cache line.
}

// recents is the number of recent series of a stripe, a power of two.
const recents = 256

type recent struct {
	key    Series
	totals *Totals // nil where there is none
}

// hint is a number that tells most series of one gateway apart: the names of
// operations and subscriptions mostly differ at their ends.
func (a *Series) hint() int {
	return (ending(a.Operation)*31 ^ ending(a.Subscription)*7 ^ ending(a.API)) & (recents - 1)
}

func ending(name string) int {
	if len(name) < 2 {
		return len(name)
	}
	return int(name[len(name)-1]) + int(name[len(name)-2])<<4
}

// minute are the counts of one minute, by its number since 1970; number 0 is
// none.
type minute struct {
	number int64
	series map[Series]*Totals
}

// Count counts a call. It waits for nothing but another call of the same
// processor, for the time that adding takes.
func (c *Collector) Count(call *Call) {
	if c == nil {
		return
	}
	s := c.near.Get().(*stripe) //nolint:forcetypeassert // The pool makes nothing else.
	s.mu.Lock()
	t := s.totals(c, call)
	t.count(call)
	s.mu.Unlock()
	c.near.Put(s)
}

// totals finds where a call is counted. The caller holds mu.
func (s *stripe) totals(c *Collector, call *Call) *Totals {
	// A clock that steps back leaves the call in the minute that is open: no later
	// than the next Drain.
	if number := call.Ended.Unix() / 60; number > s.open.number {
		s.begin(number)
	}
	near := &s.recent[call.hint()]
	if near.totals != nil && near.key == call.Series {
		return near.totals
	}
	t := s.look(c, call.Series)
	near.key, near.totals = call.Series, t
	return t
}

// look finds where calls of a series are counted in the open minute. The caller
// holds mu.
func (s *stripe) look(c *Collector, key Series) *Totals {
	if t := s.open.series[key]; t != nil {
		return t
	}
	if len(s.open.series) >= c.limit {
		key = Series{API: Overflow}
		if t := s.open.series[key]; t != nil {
			return t
		}
	}
	t := s.take()
	s.open.series[key] = t
	return t
}

// begin opens a minute.
func (s *stripe) begin(number int64) {
	if s.open.number != 0 {
		s.done = append(s.done, s.open)
	}
	s.open = minute{number: number}
	clear(s.recent[:])
	if n := len(s.spare); n > 0 {
		s.open.series, s.spare = s.spare[n-1], s.spare[:n-1]
		return
	}
	s.open.series = make(map[Series]*Totals)
}

// take returns totals of nothing.
func (s *stripe) take() *Totals {
	n := len(s.free)
	if n == 0 {
		return &Totals{}
	}
	t := s.free[n-1]
	s.free = s.free[:n-1]
	return t
}

// count adds one call.
func (t *Totals) count(call *Call) {
	switch ClassOf(call.Status) {
	case Success:
		t.Success++
	case Blocked:
		t.Blocked++
	case Failed:
		t.Failed++
	default:
		t.Other++
	}
	switch call.Cached {
	case CacheHit:
		t.CacheHits++
	case CacheMiss:
		t.CacheMisses++
	case NotCached:
	}
	t.BytesIn += uint64(max(0, call.BytesIn))
	t.BytesOut += uint64(max(0, call.BytesOut))
	t.Whole.Observe(call.Duration)
	if call.Forwarded {
		t.Backend.Observe(call.BackendDuration)
	}
}

// Overflowed is the number of calls that were counted under Overflow.
func (c *Collector) Overflowed() uint64 { return c.overflowed.Load() }

// Drain takes out what was counted since it was last called, each series and
// minute once, the oldest minute first. Each call is in one Drain.
func (c *Collector) Drain() []Row {
	sums := map[int64]map[Series]*Totals{}
	for i := range c.stripes {
		s := &c.stripes[i]
		taken := s.close()
		for _, m := range taken {
			c.sum(sums, m)
		}
		s.recycle(taken)
	}
	var rows []Row
	for _, number := range slices.Sorted(maps.Keys(sums)) {
		at := time.Unix(number*60, 0).UTC()
		first := len(rows)
		if t := sums[number][Series{API: Overflow}]; t != nil {
			c.overflowed.Add(t.Calls())
		}
		for key, t := range sums[number] {
			rows = append(rows, Row{Series: key, Minute: at, Totals: *t})
		}
		slices.SortFunc(rows[first:], func(a, b Row) int { return a.Series.compare(&b.Series) })
	}
	return rows
}

// close takes the minutes out of a stripe.
func (s *stripe) close() []minute {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.done
	if s.open.number != 0 {
		taken = append(taken, s.open)
	}
	s.open, s.done = minute{}, nil
	clear(s.recent[:])
	return taken
}

// sum adds up what stripes have counted of a minute, of no more series than the
// limit.
func (c *Collector) sum(sums map[int64]map[Series]*Totals, m minute) {
	into := sums[m.number]
	if into == nil {
		into = make(map[Series]*Totals, len(m.series))
		sums[m.number] = into
	}
	for key, t := range m.series {
		sum, told := into[key], len(into)
		if into[Series{API: Overflow}] != nil {
			told--
		}
		if sum == nil && told >= c.limit && key.API != Overflow {
			key = Series{API: Overflow}
			sum = into[key]
		}
		if sum == nil {
			sum = &Totals{}
			into[key] = sum
		}
		sum.Add(t)
	}
}

// maxSpare bounds the maps that a stripe keeps for later minutes.
const maxSpare = 2

// recycle gives maps and totals back, empty.
func (s *stripe) recycle(taken []minute) {
	for _, m := range taken {
		for _, t := range m.series {
			*t = Totals{}
		}
		s.mu.Lock()
		for _, t := range m.series {
			if len(s.free) < MaxSeries {
				s.free = append(s.free, t)
			}
		}
		s.mu.Unlock()
		clear(m.series)
		s.mu.Lock()
		if len(s.spare) < maxSpare {
			s.spare = append(s.spare, m.series)
		}
		s.mu.Unlock()
	}
}

// compare orders series by their names.
func (a *Series) compare(b *Series) int {
	for _, pair := range [...][2]string{
		{a.API, b.API}, {a.Operation, b.Operation}, {a.Product, b.Product}, {a.Subscription, b.Subscription}, {a.User, b.User},
	} {
		if c := strings.Compare(pair[0], pair[1]); c != 0 {
			return c
		}
	}
	return 0
}
