package usage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
	"github.com/sallyport/sallyport/internal/control/store/postgres"
	"github.com/sallyport/sallyport/internal/control/store/postgres/postgrestest"
	"github.com/sallyport/sallyport/internal/control/store/sqlite"
	"github.com/sallyport/sallyport/internal/telemetry/usage"
)

// fleet are gateways that count, in front of management nodes over one store,
// with a network between them that loses answers, sends again and sends late.
type fleet struct {
	t     *testing.T
	nodes []*Book
	clock *clock.Fake
	// random is the network's, which mu guards, load that of the calls.
	random, load *rand.Rand
	folders      []string
	ships        []*usage.Shipper
	counts       []*usage.Collector
	boots        int

	mu sync.Mutex
	// late are parcels that the network holds back, to bring them another time.
	late []held
	away bool
	// counted are the calls that must be in reports.
	counted uint64
}

type held struct {
	gateway int
	parcel  *usage.Parcel
}

var errNetwork = errors.New("the answer was lost")

func newFleet(t *testing.T, gateways int, nodes ...*Book) *fleet {
	t.Helper()
	f := &fleet{t: t, nodes: nodes, clock: clock.NewFake(noon), random: rand.New(rand.NewPCG(42, 42)), load: rand.New(rand.NewPCG(4, 2))}
	for _, n := range nodes {
		n.o.Clock = f.clock
	}
	f.folders, f.ships, f.counts = make([]string, gateways), make([]*usage.Shipper, gateways), make([]*usage.Collector, gateways)
	for i := range gateways {
		f.folders[i] = t.TempDir()
		f.start(i)
	}
	return f
}

// start starts a gateway, after it was killed or for the first time.
func (f *fleet) start(i int) {
	f.t.Helper()
	f.boots++
	f.counts[i] = usage.NewCollector()
	s, err := usage.Start(usage.Options{
		Collector: f.counts[i], Folder: f.folders[i], Instance: fmt.Sprint("gateway-", i), Boot: fmt.Sprint("boot-", f.boots), Region: "north",
		Interval: 1 << 40, Clock: f.clock, Log: slog.New(slog.DiscardHandler),
		Deliver: func(ctx context.Context, data []byte) error { return f.deliver(ctx, i, data) },
	})
	if err != nil {
		f.t.Fatal(err)
	}
	f.ships[i] = s
}

// deliver is the network.
func (f *fleet) deliver(ctx context.Context, gateway int, data []byte) error {
	p, err := usage.DecodeParcel(data)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.away || f.random.IntN(4) == 0 {
		return errNetwork
	}
	if f.random.IntN(3) == 0 {
		f.late = append(f.late, held{gateway, p}) // It comes once more, later, to some node.
	}
	if err := f.take(ctx, gateway, p); err != nil {
		return err
	}
	if f.random.IntN(4) == 0 {
		return errNetwork // It was counted, and the gateway does not know.
	}
	return nil
}

func (f *fleet) take(ctx context.Context, gateway int, p *usage.Parcel) error {
	return f.nodes[f.random.IntN(len(f.nodes))].Take(ctx, service, fmt.Sprint("g", gateway), p)
}

// send sends what waits until nothing does.
func (f *fleet) send(i int) {
	f.t.Helper()
	for tries := 0; f.ships[i].Stats().Waiting > 0; tries++ {
		_ = f.ships[i].Send(f.t.Context()) // The network loses answers.
		if tries > 1000 {
			f.t.Fatal("what waits is never sent")
		}
	}
}

// call has a gateway serve some calls, across the edge of a minute.
func (f *fleet) call(i, n int) {
	for k := range n {
		f.counts[i].Count(&usage.Call{
			Series: usage.Series{API: fmt.Sprint("api-", k%3), Operation: "get", Subscription: fmt.Sprint("s", k%2)},
			Ended:  f.clock.Now().Add(time.Duration(k) * 7 * time.Second), Status: 200, Duration: time.Millisecond,
		})
	}
	f.counted += uint64(n)
}

// run is a day of gateways: calls, a management plane that is away for hours,
// gateways that are killed right after they have kept what they counted.
func (f *fleet) run() {
	f.t.Helper()
	for step := range 40 {
		for i := range f.ships {
			f.call(i, 1+f.load.IntN(30))
			f.ships[i].Flush()
			if step%7 == i {
				f.kill(i)
			}
		}
		f.mu.Lock()
		f.away = step >= 10 && step < 25
		away := f.away
		f.mu.Unlock()
		for i := range f.ships {
			if !away {
				f.send(i)
			}
		}
		f.replay()
		f.clock.Advance(13 * time.Minute)
	}
	for i := range f.ships {
		f.send(i)
		if err := f.ships[i].Close(f.t.Context()); err != nil {
			f.t.Error(err)
		}
	}
	f.replay()
}

// kill ends a gateway without its last word, and starts it anew.
func (f *fleet) kill(i int) {
	old := f.ships[i]
	f.counts[i] = nil
	ctx, cancel := context.WithCancel(f.t.Context())
	cancel()
	_ = old.Close(ctx) // Nothing was counted since it was kept; its goroutines end.
	f.start(i)
}

// replay brings what the network held back.
func (f *fleet) replay() {
	f.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, h := range f.late {
		if err := f.take(f.t.Context(), h.gateway, h.parcel); err != nil {
			f.t.Error(err)
		}
	}
	f.late = nil
}

// reported is what each node reports, by each resolution: all must be the same.
func (f *fleet) reported() (n uint64, equal bool) {
	f.t.Helper()
	equal = true
	for i, node := range f.nodes {
		for _, interval := range []time.Duration{0, time.Minute, time.Hour, 24 * time.Hour} {
			got := calls(f.t, node, noon.Add(-24*time.Hour), noon.Add(48*time.Hour), interval)
			if i > 0 || interval > 0 {
				equal = equal && got == n
			}
			n = got
		}
	}
	return n, equal
}

func stores(t *testing.T) map[string]func(t *testing.T) []*Book {
	t.Helper()
	book := func(l store.Ledger) *Book {
		return New(Options{Ledger: l, Clock: clock.System(), Log: slog.New(slog.DiscardHandler)})
	}
	closing := func(t *testing.T, s store.Store) {
		t.Helper()
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	return map[string]func(t *testing.T) []*Book{
		"memory": func(t *testing.T) []*Book {
			t.Helper()
			s := memory.New()
			closing(t, s)
			return []*Book{book(s)}
		},
		"SQLite": func(t *testing.T) []*Book {
			t.Helper()
			s, err := sqlite.Open(t.Context(), t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			closing(t, s)
			return []*Book{book(s)}
		},
		"PostgreSQL, two nodes": func(t *testing.T) []*Book {
			t.Helper()
			address := postgrestest.Database(t)
			var nodes []*Book
			for range 2 {
				s, err := postgres.Open(t.Context(), postgres.Options{URL: address})
				if err != nil {
					t.Fatal(err)
				}
				closing(t, s)
				nodes = append(nodes, book(s))
			}
			return nodes
		},
	}
}

// TestR42_EachCallIsCountedOnce counts what gateways serve over minutes' edges,
// restarts, a management plane that is away for hours, and a network that loses
// answers and brings parcels twice and late, to any node.
func TestR42_EachCallIsCountedOnce(t *testing.T) {
	for name, open := range stores(t) {
		t.Run(name, func(t *testing.T) {
			f := newFleet(t, 2, open(t)...)
			f.run()
			got, equal := f.reported()
			if got != f.counted || !equal {
				t.Errorf("%d calls are in reports, want %d; equal at each resolution and node: %v", got, f.counted, equal)
			}
			var repeated uint64
			for _, n := range f.nodes {
				repeated += n.Stats().Repeated
			}
			if repeated == 0 {
				t.Error("the network brought nothing twice")
			}
			fmt.Printf("R42: %s: %d calls served, %d in reports (limit: no difference); %d parcels came again\n", name, f.counted, got, repeated)
		})
	}
}

// TestR42_EachCallIsCountedOnce_NegativeControl counts each parcel as often as it
// comes.
func TestR42_EachCallIsCountedOnce_NegativeControl(t *testing.T) {
	s := memory.New()
	defer func() { _ = s.Close() }()
	b := New(Options{Ledger: s, Clock: clock.System(), Log: slog.New(slog.DiscardHandler)})
	b.again = true
	f := newFleet(t, 2, b)
	f.run()
	got, _ := f.reported()
	if got <= f.counted {
		t.Errorf("%d calls are in reports, %d were served: parcels that come twice were not found out", got, f.counted)
	}
	fmt.Printf("R42: without numbers of parcels %d calls are in reports of %d served\n", got, f.counted)
}
