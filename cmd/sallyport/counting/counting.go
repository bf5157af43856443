// Package counting wires the counters of rate limits and quotas: in memory, with
// a file that outlives the process, or shared with other gateways through Redis;
// and has the command that shows and sets them.
package counting

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/pflag"

	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/counter/disk"
	"github.com/sallyport/sallyport/internal/counter/memory"
	"github.com/sallyport/sallyport/internal/counter/redis"
	"github.com/sallyport/sallyport/internal/redisconn"
	"github.com/sallyport/sallyport/internal/telemetry"
)

// The environment variables that say what the flags do, so that a password need
// not be in the list of processes.
const (
	countersVariable = "SALLYPORT_COUNTERS"
	globalVariable   = "SALLYPORT_COUNTERS_GLOBAL"
)

// Flags say with whom the process counts.
type Flags struct {
	Servers, Global string
	Interval        time.Duration
}

// Bind declares the flags.
func (f *Flags) Bind(set *pflag.FlagSet) {
	set.StringVar(&f.Servers, "counters", "",
		"Redis or Valkey through which the gateways of a region count together: redis://, rediss://, redis+sentinel://, redis+cluster:// "+
			"or a connection string; empty to count alone ($"+countersVariable+")")
	set.StringVar(&f.Global, "counters-global", "",
		"the same for limits of all regions (sallyport-counter-scope=\"global\"); empty for that of --counters ($"+globalVariable+")")
	set.DurationVar(&f.Interval, "counters-settle", redis.DefaultSettleInterval,
		"how long a call may be unknown to the other gateways, from 10ms to 1s")
}

// complete takes from the environment what was not given.
func (f *Flags) complete() {
	if f.Servers == "" {
		f.Servers = os.Getenv(countersVariable)
	}
	if f.Global == "" {
		f.Global = os.Getenv(globalVariable)
	}
}

// Process is what counters need of the process.
type Process struct {
	Service, Region string
	Clock           clock.Clock
	Log             *slog.Logger
	Metrics         *telemetry.Metrics
}

// Store is a store that operators can look into, and that can be backed up.
type Store interface {
	counter.Store
	counter.Inspector
	counter.Keeper
}

// Counters are the counters of a process.
type Counters struct {
	Store  Store
	shared *redis.Store // nil for a process that counts alone
	kept   *disk.Kept
	p      Process
}

// Open makes the counters of a process. Servers that are away are no error.
func Open(f Flags, p Process) (*Counters, error) {
	f.complete()
	if f.Servers == "" {
		if f.Global != "" {
			return nil, &commandline.UsageError{Err: errors.New("--counters-global needs --counters: write the same where there is one server")}
		}
		return &Counters{Store: memory.New(memory.Options{Clock: p.Clock}), p: p}, nil
	}
	o := redis.Options{Service: p.Service, Region: p.Region, SettleInterval: f.Interval, Clock: p.Clock, Log: p.Log}
	var err error
	if o.Servers, err = redisconn.Parse(f.Servers); err != nil {
		return nil, &commandline.UsageError{Err: fmt.Errorf("--counters: %w", err)}
	}
	if f.Global != "" {
		global, err := redisconn.Parse(f.Global)
		if err != nil {
			return nil, &commandline.UsageError{Err: fmt.Errorf("--counters-global: %w", err)}
		}
		o.GlobalServers = &global
	}
	shared, err := redis.New(o)
	if err != nil {
		return nil, err
	}
	c := &Counters{Store: shared, shared: shared, p: p}
	if err := c.watch(); err != nil {
		return nil, errors.Join(err, shared.Close())
	}
	p.Log.Info("counting together with other gateways", slog.String("servers", o.Servers.String()), slog.String("region", p.Region))
	return c, nil
}

// Keep has quotas outlive the process, in a file of its folder. Without a folder
// nothing is kept.
func (c *Counters) Keep(folder string) (err error) {
	if folder == "" {
		return nil
	}
	var keeper counter.Keeper = c.Store
	if c.shared != nil {
		keeper = c.shared.Local() // A file that is written each second asks no server.
	}
	c.kept, err = disk.Open(disk.Options{Keeper: keeper, Folder: folder, Clock: c.p.Clock, Log: c.p.Log})
	return err
}

// Shared says that the process counts together with others.
func (c *Counters) Shared() bool { return c.shared != nil }

// watch adds the metrics of shared counters.
func (c *Counters) watch() error {
	var errs []error
	for n, s := range c.shared.Stats() {
		scope := telemetry.Label{Name: "scope", Value: s.Scope.String()}
		state := func(read func(redis.Stats) float64) func() float64 {
			return func() float64 { return read(c.shared.Stats()[n]) }
		}
		m := c.p.Metrics
		errs = append(errs,
			m.GaugeFunc("sallyport_counters_lost", "1 while the server of shared counters does not answer.", state(func(s redis.Stats) float64 {
				if s.Lost {
					return 1
				}
				return 0
			}), scope),
			m.GaugeFunc("sallyport_counters_gateways", "Gateways that count together, as last known.",
				state(func(s redis.Stats) float64 { return float64(s.Gateways) }), scope),
			m.GaugeFunc("sallyport_counters_known", "Shared counters that are known in memory.",
				state(func(s redis.Stats) float64 { return float64(s.Keys) }), scope),
			m.CounterFunc("sallyport_counters_settled_total", "Shared counters that were settled.",
				state(func(s redis.Stats) float64 { return float64(s.Settled) }), scope),
			m.CounterFunc("sallyport_counters_settle_failures_total", "Shared counters that could not be settled when they were to be.",
				state(func(s redis.Stats) float64 { return float64(s.Failed) }), scope),
		)
	}
	return errors.Join(errs...)
}

// Close keeps what is to be kept.
func (c *Counters) Close() error {
	if c == nil {
		return nil
	}
	var errs []error
	if c.kept != nil {
		errs = append(errs, c.kept.Close())
	}
	if c.shared != nil {
		errs = append(errs, c.shared.Close())
	}
	return errors.Join(errs...)
}
