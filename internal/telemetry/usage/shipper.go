package usage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
)

// Deliver hands a parcel to the management plane, which has counted it when the
// function returns nil. An error that wraps ErrRefused is final; after any other
// the parcel is sent again.
type Deliver func(ctx context.Context, parcel []byte) error

// Options are what a shipper needs.
type Options struct {
	Collector *Collector
	// Folder is where parcels wait; "" keeps them in memory.
	Folder string
	// Instance and Region are told in each parcel.
	Instance, Region string
	// Boot is a random id of this run of the process.
	Boot    string
	Deliver Deliver
	// Interval is how often what was counted is taken out; 0 is Interval.
	Interval time.Duration
	Clock    clock.Clock
	Log      *slog.Logger
}

// Stats are what a shipper has done.
type Stats struct {
	// Sent and Failed are parcels that the management plane has taken, and attempts
	// that it did not answer so.
	Sent, Failed uint64
	// DroppedCalls and DroppedParcels were given up: they were too old or too many,
	// or the management plane refused them.
	DroppedCalls, DroppedParcels uint64
	// Waiting and WaitingBytes wait to be sent.
	Waiting, WaitingBytes int64
	// Overflowed are calls that were counted under Overflow.
	Overflowed uint64
}

// Shipper takes out what a Collector has counted, keeps it, and sends it.
type Shipper struct {
	o Options

	// mu guards what waits. It is held while a file is written, never while
	// something is sent.
	mu       sync.Mutex
	waiting  *waiting
	sequence uint64
	// held is what could not be kept: it is added to the next parcel.
	held []Row

	sending sync.Mutex
	more    chan struct{}
	cancel  context.CancelFunc
	work    sync.WaitGroup

	sent, failed, droppedCalls, droppedParcels atomic.Uint64
	waitingNow, waitingBytes                   atomic.Int64
}

// Start begins to ship. Close ends it.
func Start(o Options) (*Shipper, error) {
	if o.Interval <= 0 {
		o.Interval = Interval
	}
	w, err := openWaiting(o.Folder)
	if err != nil {
		return nil, err
	}
	s := &Shipper{o: o, waiting: w, more: make(chan struct{}, 1)}
	s.told()
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	s.work.Go(func() { s.flushing(ctx) })
	s.work.Go(func() { s.deliver(ctx) })
	return s, nil
}

// flushing takes out what was counted, again and again.
func (s *Shipper) flushing(ctx context.Context) {
	for clock.Sleep(ctx, s.o.Clock, s.o.Interval) == nil {
		s.Flush()
	}
}

// Flush takes out what was counted until now, and keeps it to be sent.
func (s *Shipper) Flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows := s.o.Collector.Drain()
	if len(s.held) > 0 {
		rows, s.held = merged(append(s.held, rows...)), nil
	}
	for len(rows) > 0 {
		n := min(len(rows), MaxParcelSeries)
		if err := s.keep(rows[:n]); err != nil {
			// What the folder does not take stays in memory, as far as the limits
			// go, and is tried again.
			s.hold(rows)
			s.o.Log.Error("usage cannot be kept in its folder; it stays in memory until it can", slog.Any("error", err))
			break
		}
		rows = rows[n:]
	}
	s.trim()
	s.told()
	select {
	case s.more <- struct{}{}:
	default:
	}
}

// maxHeld bounds the rows that stay in memory where the folder takes nothing.
const maxHeld = 4 * MaxSeries

// hold keeps rows in memory. The caller holds mu.
func (s *Shipper) hold(rows []Row) {
	for len(rows) > maxHeld {
		s.droppedCalls.Add(rows[0].Totals.Calls())
		rows = rows[1:]
	}
	s.held = append([]Row(nil), rows...)
}

// merged adds up rows of the same series and minute.
func merged(rows []Row) []Row {
	type key struct {
		Series
		minute int64
	}
	at := make(map[key]int, len(rows))
	out := rows[:0:0]
	for _, r := range rows {
		k := key{r.Series, r.Minute.Unix()}
		if i, there := at[k]; there {
			out[i].Totals.Add(&r.Totals)
			continue
		}
		at[k] = len(out)
		out = append(out, r)
	}
	return out
}

// keep makes a parcel of rows. The caller holds mu.
func (s *Shipper) keep(rows []Row) error {
	p := Parcel{
		Version: Version, Instance: s.o.Instance, Boot: s.o.Boot, Sequence: s.sequence + 1, Region: cut(s.o.Region), Rows: rows,
	}
	data, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("writing a parcel of usage: %w", err)
	}
	if err := s.waiting.add(data, s.o.Clock.Now()); err != nil {
		return err
	}
	s.sequence++
	return nil
}

// trim drops the oldest parcels that are too many or too old. The caller holds mu.
func (s *Shipper) trim() {
	for {
		e, must := s.waiting.tooMany(s.o.Clock.Now())
		if !must {
			return
		}
		_, data, _, err := s.waiting.first()
		s.lose(e.number, data, errors.Join(errors.New("the limits of what may wait are reached"), err))
	}
}

// lose gives a parcel up, and counts its calls. The caller holds mu.
func (s *Shipper) lose(number uint64, data []byte, why error) {
	var calls uint64
	if p, err := DecodeParcel(data); err == nil {
		for i := range p.Rows {
			calls += p.Rows[i].Totals.Calls()
		}
	}
	s.droppedCalls.Add(calls)
	s.droppedParcels.Add(1)
	s.o.Log.Warn("usage was dropped that the management plane has not counted",
		slog.Uint64("calls", calls), slog.Any("because", why))
	if err := s.waiting.drop(number); err != nil {
		s.waiting.forget(number)
		s.o.Log.Warn("usage that was dropped could not be removed", slog.Any("error", err))
	}
}

// deliver sends what waits until ctx ends.
func (s *Shipper) deliver(ctx context.Context) {
	rest := time.Second
	for {
		err := s.Send(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.o.Log.Debug("usage was not taken; it is sent again", slog.Any("error", err))
			if clock.Sleep(ctx, s.o.Clock, rest) != nil {
				return
			}
			rest = min(2*rest, RetryMost)
			continue
		}
		rest = time.Second
		select {
		case <-s.more:
		case <-ctx.Done():
			return
		}
	}
}

// Send sends what waits, the oldest first, until nothing does or one attempt
// fails.
func (s *Shipper) Send(ctx context.Context) error {
	s.sending.Lock()
	defer s.sending.Unlock()
	for {
		s.mu.Lock()
		e, data, ok, err := s.waiting.first()
		if ok && err != nil {
			s.lose(e.number, data, err)
			s.told()
		}
		s.mu.Unlock()
		switch {
		case !ok:
			return nil
		case err != nil:
			continue
		}
		if err := s.send(ctx, e.number, data); err != nil {
			return err
		}
	}
}

// send sends one parcel, and forgets it when it was taken.
func (s *Shipper) send(ctx context.Context, number uint64, data []byte) error {
	during, cancel := context.WithTimeout(ctx, DeliverTimeout)
	defer cancel()
	err := s.o.Deliver(during, data)
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.told()
	switch {
	case err == nil:
		s.sent.Add(1)
		return s.waiting.drop(number)
	case errors.Is(err, ErrRefused):
		s.lose(number, data, err)
		return nil
	}
	s.failed.Add(1)
	return err
}

// told notes what waits, for Stats. The caller holds mu, or nobody else knows the
// shipper yet.
func (s *Shipper) told() {
	s.waitingNow.Store(int64(len(s.waiting.entries)))
	s.waitingBytes.Store(s.waiting.bytes)
}

// Stats returns what was done until now. It never waits.
func (s *Shipper) Stats() Stats {
	return Stats{
		Sent: s.sent.Load(), Failed: s.failed.Load(), DroppedCalls: s.droppedCalls.Load(), DroppedParcels: s.droppedParcels.Load(),
		Waiting: s.waitingNow.Load(), WaitingBytes: s.waitingBytes.Load(), Overflowed: s.o.Collector.Overflowed(),
	}
}

// Close takes out what was counted, tries once to send what waits, within ctx,
// and ends. What is not sent waits in the folder for the next start.
func (s *Shipper) Close(ctx context.Context) error {
	if s == nil {
		return nil
	}
	s.cancel()
	s.work.Wait()
	s.Flush()
	if err := s.Send(ctx); err != nil {
		return fmt.Errorf("sending the last usage; it is sent after the next start: %w", err)
	}
	return nil
}
