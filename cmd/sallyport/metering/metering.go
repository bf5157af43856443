// Package metering is the wiring of usage: what the gateway of a process counts
// of calls, where it waits, and how it comes to the management plane.
package metering

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/pflag"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/usage"
	"github.com/sallyport/sallyport/internal/telemetry"
	counting "github.com/sallyport/sallyport/internal/telemetry/usage"
)

// folder is where usage waits in the folder of a gateway.
const folder = "usage"

// finishTimeout bounds sending what was counted last, when the process ends.
const finishTimeout = 5 * time.Second

// freshTimeout bounds what a report waits for the calls of the moment before it.
const freshTimeout = time.Second

// Flags say how long usage is kept.
type Flags struct {
	Keep usage.Retention
}

// Bind declares the flags.
func (f *Flags) Bind(flags *pflag.FlagSet) {
	flags.DurationVar(&f.Keep.Minutes, "usage-minutes", usage.RetainFinest, "how long the usage of APIs is kept by the minute")
	flags.DurationVar(&f.Keep.Hours, "usage-hours", usage.RetainHourly, "how long it is kept by the hour")
	flags.DurationVar(&f.Keep.Days, "usage-days", usage.RetainDaily, "how long it is kept by the day")
}

// Options are what a Meter needs of the process.
type Options struct {
	// Data is the folder of the gateway; "" keeps nothing.
	Data string
	// Instance is the id of that folder.
	Instance, Region string
	Metrics          *telemetry.Metrics
	Clock            clock.Clock
	Log              *slog.Logger
}

// Meter counts the calls of a process. A nil Meter counts none.
type Meter struct {
	collector *counting.Collector
	shipper   *counting.Shipper
	deliver   atomic.Pointer[counting.Deliver]
	clock     clock.Clock
	log       *slog.Logger

	settling sync.Mutex
	settled  time.Time
}

// errNowhere is why usage waits.
var errNowhere = errors.New("the management plane has not started")

// Open begins to count. What is counted waits until To says where it goes.
func Open(o Options) (*Meter, error) {
	boot := make([]byte, 16)
	_, _ = rand.Read(boot) // It never fails.
	m := &Meter{collector: counting.NewCollector(), clock: o.Clock, log: o.Log}
	at := ""
	if o.Data != "" {
		at = filepath.Join(o.Data, folder)
	}
	var err error
	m.shipper, err = counting.Start(counting.Options{
		Collector: m.collector, Folder: at, Instance: o.Instance, Region: o.Region, Boot: hex.EncodeToString(boot),
		Deliver: m.send, Clock: o.Clock, Log: o.Log,
	})
	if err != nil {
		return nil, err
	}
	if err := m.watch(o.Metrics); err != nil {
		return nil, errors.Join(err, m.shipper.Close(context.Background()))
	}
	return m, nil
}

// send sends a parcel to wherever it goes now.
func (m *Meter) send(ctx context.Context, parcel []byte) error {
	deliver := m.deliver.Load()
	if deliver == nil {
		return errNowhere
	}
	return (*deliver)(ctx, parcel)
}

// Collector is what counts; nil of a nil Meter.
func (m *Meter) Collector() *counting.Collector {
	if m == nil {
		return nil
	}
	return m.collector
}

// To says where what is counted goes from now on.
func (m *Meter) To(deliver counting.Deliver) {
	if m != nil {
		m.deliver.Store(&deliver)
	}
}

// ToBook lets what is counted go to the management plane of the same process, for
// the gateway of that name. Reports have the calls of the moment before them.
func (m *Meter) ToBook(b *usage.Book, service, gateway string) {
	if m == nil || b == nil {
		return
	}
	m.To(func(ctx context.Context, data []byte) error {
		parcel, err := counting.DecodeParcel(data)
		if err != nil {
			return fmt.Errorf("%w: %w", counting.ErrRefused, err)
		}
		return b.Take(ctx, service, gateway, parcel)
	})
	b.Before(m.settle)
}

// settle sends what was counted, at most once a second.
func (m *Meter) settle(ctx context.Context) {
	m.settling.Lock()
	defer m.settling.Unlock()
	if m.clock.Since(m.settled) < freshTimeout {
		return
	}
	m.settled = m.clock.Now()
	m.finish(ctx, freshTimeout)
}

// Finish sends what was counted, while the management plane is still there.
func (m *Meter) Finish(ctx context.Context) {
	if m != nil {
		m.finish(ctx, finishTimeout)
	}
}

func (m *Meter) finish(ctx context.Context, within time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	m.shipper.Flush()
	if err := m.shipper.Send(ctx); err != nil {
		m.log.Debug("usage waits for the management plane", slog.Any("error", err))
	}
}

// Close ends counting. What was not sent is sent after the next start.
func (m *Meter) Close() {
	if m == nil {
		return
	}
	m.deliver.Store(nil)
	if err := m.shipper.Close(context.Background()); err != nil {
		m.log.Debug("closing usage", slog.Any("error", err))
	}
}

// watch adds metrics.
func (m *Meter) watch(metrics *telemetry.Metrics) error {
	stat := func(read func(counting.Stats) float64) func() float64 {
		return func() float64 { return read(m.shipper.Stats()) }
	}
	return errors.Join(
		metrics.CounterFunc("sallyport_usage_parcels_sent_total", "Parcels of usage that the management plane has counted.",
			stat(func(s counting.Stats) float64 { return float64(s.Sent) })),
		metrics.CounterFunc("sallyport_usage_parcels_failed_total", "Attempts to send usage that were not answered so; they are repeated.",
			stat(func(s counting.Stats) float64 { return float64(s.Failed) })),
		metrics.CounterFunc("sallyport_usage_calls_dropped_total",
			"Calls that are in no report, because their usage waited too long, was too much, or was refused.",
			stat(func(s counting.Stats) float64 { return float64(s.DroppedCalls) })),
		metrics.CounterFunc("sallyport_usage_calls_overflowed_total",
			"Calls that are in reports under the API * only, because a minute had more series than are told apart.",
			stat(func(s counting.Stats) float64 { return float64(s.Overflowed) })),
		metrics.GaugeFunc("sallyport_usage_waiting_parcels", "Parcels of usage that wait for the management plane.",
			stat(func(s counting.Stats) float64 { return float64(s.Waiting) })),
		metrics.GaugeFunc("sallyport_usage_waiting_bytes", "The same, in bytes.",
			stat(func(s counting.Stats) float64 { return float64(s.WaitingBytes) })),
	)
}
