package usage

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/clock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noon is when tests begin.
var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// callOf is a call of an API that ended at a time.
func callOf(api string, ended time.Time) *Call {
	return &Call{Series: Series{API: api, Operation: "get"}, Ended: ended, Status: 200, Duration: time.Millisecond}
}

// plane takes parcels, or does not.
type plane struct {
	mu     sync.Mutex
	err    error
	parcel []*Parcel
	// taken has one for each parcel, where it is not nil.
	taken chan struct{}
}

var errAway = errors.New("away")

func (p *plane) is(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = err
}

func (p *plane) deliver(_ context.Context, data []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return p.err
	}
	parcel, err := DecodeParcel(data)
	if err == nil {
		p.parcel = append(p.parcel, parcel)
		if p.taken != nil {
			p.taken <- struct{}{}
		}
	}
	return err
}

// calls is the number of calls that were taken.
func (p *plane) calls() (n uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, parcel := range p.parcel {
		for i := range parcel.Rows {
			n += parcel.Rows[i].Totals.Calls()
		}
	}
	return n
}

// started is a shipper whose time stands, so that it does only what it is told.
func started(t *testing.T, p *plane, folder, boot string) (*Shipper, *clock.Fake) {
	t.Helper()
	c := clock.NewFake(noon)
	s, err := Start(Options{
		Collector: NewCollector(), Folder: folder, Instance: "i", Boot: boot, Region: "here", Deliver: p.deliver, Clock: c,
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

func closing(t *testing.T, s *Shipper) {
	t.Helper()
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
