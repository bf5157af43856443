package redis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/counter/memory"
	"github.com/sallyport/sallyport/internal/redisconn"
)

const (
	// DefaultSettleInterval is how long a call may be unknown to other gateways,
	// besides one round trip.
	DefaultSettleInterval = 100 * time.Millisecond
	// MinSettleInterval is the shortest that can be asked for.
	MinSettleInterval = 10 * time.Millisecond
	// MaxSettleInterval is the longest that can be asked for.
	MaxSettleInterval = time.Second
	// connections is the number of connections to a server: one settlement, and
	// what operators ask.
	connections = 2
)

// Options says how a store is made.
type Options struct {
	// Servers hold the counters of a region.
	Servers redisconn.Settings
	// GlobalServers hold those of all regions; nil where Servers do.
	GlobalServers *redisconn.Settings
	// Service and Region name those who count together: gateways of other
	// services and regions may use the same servers.
	Service, Region string
	// SettleInterval is how long a call may be unknown to other gateways; zero is
	// DefaultSettleInterval. The bounds hold.
	SettleInterval time.Duration
	// Clock tells the time; nil is the clock of the machine.
	Clock clock.Clock
	// Log is told when servers are lost and come back; nil for nobody.
	Log *slog.Logger
	// MaxRateKeys and MaxQuotaKeys bound the counters that are known in memory,
	// for each scope; zero or less is the default of package memory.
	MaxRateKeys, MaxQuotaKeys int

	testTime func() int64
}

// Store is a counter.Store, Inspector and Keeper.
type Store struct {
	clients []goredis.UniversalClient
	region  *circle
	global  *circle
	// gateway counts what this gateway has for itself.
	gateway *memory.Store

	closing sync.Once
	closed  error
}

// The scripts.
var (
	newSettleRates  = newScript(settleRates)
	newSettleQuotas = newScript(settleQuotas)
	newPresent      = newScript(present)
	newSetCounter   = newScript(setCounter)
)

// New returns a store. Servers that are away are no error: the store begins to
// settle when a counter is first taken, and until it has reached its server
// limits do what they say for a store that is lost.
func New(o Options) (*Store, error) {
	o.complete()
	client, err := redisconn.Open(o.Servers, redisconn.Use{Name: "sallyport-counters", Connections: connections, CallTimeout: CallTimeout})
	if err != nil {
		return nil, fmt.Errorf("opening the shared counters: %w", err)
	}
	s := &Store{clients: []goredis.UniversalClient{client}, gateway: memory.New(memory.Options{
		Clock: o.Clock, MaxRateKeys: o.MaxRateKeys, MaxQuotaKeys: o.MaxQuotaKeys,
	})}
	s.region = newCircle(counter.ScopeRegion, &o, client, "region:"+o.Region)
	if o.GlobalServers != nil {
		client, err = redisconn.Open(*o.GlobalServers, redisconn.Use{
			Name: "sallyport-counters", Connections: connections, CallTimeout: CallTimeout,
		})
		if err != nil {
			return nil, errors.Join(fmt.Errorf("opening the counters of all regions: %w", err), s.clients[0].Close())
		}
		s.clients = append(s.clients, client)
	}
	s.global = newCircle(counter.ScopeGlobal, &o, client, "global")
	return s, nil
}

func (o *Options) complete() {
	if o.Clock == nil {
		o.Clock = clock.System()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.SettleInterval <= 0 {
		o.SettleInterval = DefaultSettleInterval
	}
	o.SettleInterval = min(max(o.SettleInterval, MinSettleInterval), MaxSettleInterval)
	if o.MaxRateKeys <= 0 {
		o.MaxRateKeys = memory.DefaultMaxRateKeys
	}
	if o.MaxQuotaKeys <= 0 {
		o.MaxQuotaKeys = memory.DefaultMaxQuotaKeys
	}
}

// circle returns who counts together in a scope; nil for this gateway alone.
func (s *Store) circle(scope counter.Scope) *circle {
	switch scope {
	case counter.ScopeGateway:
		return nil
	case counter.ScopeGlobal:
		return s.global
	default:
		return s.region
	}
}

// Rate returns the sliding windows under a name.
func (s *Store) Rate(name string, how counter.Sharing) counter.Rate {
	c := s.circle(how.Scope)
	if c == nil {
		return s.gateway.Rate(name, how)
	}
	c.start()
	return &rate{c: c, name: name, sharing: how, local: c.local.Rate(name, how)}
}

// Quota returns the quotas under a name.
func (s *Store) Quota(name string, how counter.Sharing) counter.Quota {
	c := s.circle(how.Scope)
	if c == nil {
		return s.gateway.Quota(name, how)
	}
	c.start()
	return &quota{c: c, name: name, sharing: how, local: c.local.Quota(name, how)}
}

// Settle settles at once what was counted, instead of when the interval has
// passed.
func (s *Store) Settle(ctx context.Context) {
	s.region.settle(ctx)
	s.global.settle(ctx)
}

// Close settles what was counted since, within half a second, and ends. It may be
// called again.
func (s *Store) Close() error {
	s.closing.Do(func() { s.closed = s.close() })
	return s.closed
}

func (s *Store) close() error {
	s.region.close()
	s.global.close()
	var errs []error
	for _, c := range s.clients {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// Stats is the state of one scope of a store.
type Stats struct {
	Scope counter.Scope
	// Lost says that a server does not answer, and limits do what they say for
	// that. It is not said of a server that nothing was asked of.
	Lost bool
	// Gateways is the number of gateways that count together, as last known.
	Gateways int64
	// Settlements counts the round trips, Settled and Failed the counters that
	// were settled or could not be, Dropped those that found the queue full.
	Settlements, Settled, Failed, Dropped int64
	// Keys is the number of counters that are known in memory.
	Keys int
}

// Stats returns the state of the scopes that are in use.
func (s *Store) Stats() []Stats {
	var list []Stats
	for _, c := range []*circle{s.region, s.global} {
		list = append(list, c.state())
	}
	return list
}

func (c *circle) state() Stats {
	s := Stats{
		Scope: c.scope, Lost: c.started.Load() && !c.connected.Load(), Gateways: c.gateways.Load(),
		Settlements: c.stats.settlements.Load(), Settled: c.stats.settled.Load(), Failed: c.stats.failed.Load(), Dropped: c.stats.dropped.Load(),
		Keys: c.rates.size() + c.quotas.size(),
	}
	for i := range c.lost {
		s.Lost = s.Lost || c.lost[i].Load()
	}
	return s
}
