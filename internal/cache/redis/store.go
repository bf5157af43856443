// Package redis is a cache in a Redis or Valkey server, a sentinel-watched pair or
// a cluster, which gateways share.
//
// The server is never in a request's way. A look-up that is not answered within
// GetTimeout is a miss. Writes are queued and made in the background; a queue that
// is full drops them, and counts. A circuit breaker keeps look-ups and writes from
// a server that does not answer, and asks in the background whether it does again.
// Nothing that the server does is an error of a request, but for the removal of a
// value, which says so where it is asked.
package redis

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sallyport/sallyport/internal/cache"
	"github.com/sallyport/sallyport/internal/cache/wire"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/redisconn"
)

const (
	// GetTimeout bounds a look-up, where Options says nothing: whatever the server
	// does, a request loses no more time to it.
	GetTimeout = 20 * time.Millisecond
	// RemoveTimeout bounds the removal of a value that somebody waits for, where
	// Options says nothing.
	RemoveTimeout = 100 * time.Millisecond
	// WriteTimeout bounds a write in the background.
	WriteTimeout = time.Second
	// CloseTimeout bounds the writes that are made while closing.
	CloseTimeout = time.Second
	// Connections is the most connections to each server.
	Connections = 16
	// QueueBytes bounds the entries that wait to be written, by their Size.
	QueueBytes = 16 << 20
	// QueueEntries bounds their number.
	QueueEntries = 8192
	// writers is how many write at the same time. Those of one key keep their order.
	writers = 4
	// maxServiceName is the longest name of a service that stands in keys as it is.
	maxServiceName = 64
)

// Options says how a store is opened.
type Options struct {
	// Settings say where the server is and how to sign in.
	Settings redisconn.Settings
	// Service is the name of the service: stores of different services on one server
	// do not see each other's entries.
	Service string
	// GetTimeout and RemoveTimeout are what they say above where they are zero.
	GetTimeout    time.Duration
	RemoveTimeout time.Duration
	// QueueBytes and QueueEntries are what they say above where they are zero.
	QueueBytes   int64
	QueueEntries int64
	// Clock tells the time; nil is the clock of the machine.
	Clock clock.Clock
	// Log is told when the server is lost and found; nil for nobody.
	Log *slog.Logger
}

// Store is a connection to the server, with caches for responses and for values.
type Store struct {
	options   Options
	client    redis.UniversalClient
	responses *entries[*cache.Response]
	values    *entries[cache.Value]
	sections  []*section
	queue     *queue
	counts    counts

	background sync.WaitGroup
	stop       context.CancelFunc
	stopped    context.Context //nolint:containedctx // It is the life of the store's goroutines.
	mu         sync.Mutex      // guards closed, and that nothing begins after it
	closed     bool
}

// Open returns a store. It connects when it is first used: a server that is away is
// no error. The caller closes it.
func Open(o Options) (*Store, error) {
	if o.Clock == nil {
		o.Clock = clock.System()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.GetTimeout <= 0 {
		o.GetTimeout = GetTimeout
	}
	if o.RemoveTimeout <= 0 {
		o.RemoveTimeout = RemoveTimeout
	}
	if o.QueueBytes <= 0 {
		o.QueueBytes = QueueBytes
	}
	if o.QueueEntries <= 0 {
		o.QueueEntries = QueueEntries
	}
	client, err := redisconn.Open(o.Settings, redisconn.Use{Name: "sallyport-cache", Connections: Connections, CallTimeout: WriteTimeout})
	if err != nil {
		return nil, err
	}
	s := &Store{options: o, client: client}
	s.stopped, s.stop = context.WithCancel(context.Background())
	s.addSections()
	s.queue = newQueue(s)
	s.responses = &entries[*cache.Response]{s, keyPrefix(o.Service, wire.Response), wire.AppendResponse, wire.ReadResponse}
	s.values = &entries[cache.Value]{s, keyPrefix(o.Service, wire.Value), wire.AppendValue, wire.ReadValue}
	return s, nil
}

// Pair returns the store's caches.
func (s *Store) Pair() *cache.Pair { return &cache.Pair{Responses: s.responses, Values: s.values} }

// begin runs f in the background, unless the store is being closed.
func (s *Store) begin(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.background.Go(f)
	}
}

// Close makes the writes that are queued, within CloseTimeout, and lets go of the
// server. The caches may still be used; they find nothing and keep nothing.
func (s *Store) Close() error {
	s.mu.Lock()
	again := s.closed
	s.closed = true
	s.mu.Unlock()
	if again {
		return nil
	}
	late := clock.System().AfterFunc(CloseTimeout, s.stop)
	defer late.Stop()
	s.queue.close()
	s.stop()
	s.background.Wait()
	return s.client.Close()
}
