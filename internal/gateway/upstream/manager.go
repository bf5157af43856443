package upstream

import (
	"crypto/x509"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/gateway/http1"
	"github.com/sallyport/sallyport/internal/gateway/http1/client"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/telemetry"
)

// The limits of connections to backends.
const (
	// MaxConnectionsPerHost bounds the connections to one authority, as Azure
	// API Management does per unit. Further requests wait for one, up to their
	// time-out.
	MaxConnectionsPerHost = 2048
	// MaxIdleConnectionsPerHost bounds the connections that are kept open
	// between requests.
	MaxIdleConnectionsPerHost = 512
	// IdleTimeout is how long a connection is kept without a request.
	IdleTimeout = 90 * time.Second
	// DialTimeout bounds the time to connect, without TLS.
	DialTimeout = 10 * time.Second
	// HandshakeTimeout bounds the TLS handshake.
	HandshakeTimeout = 10 * time.Second
	// MaxResponseHeader bounds the head of a backend's answer, in bytes.
	MaxResponseHeader = http1.MaxResponseHead
	// MaxResponseFields bounds the fields of a backend's answer.
	MaxResponseFields = http1.MaxResponseFields
	// MaxTransports bounds the different ways to connect (certificates, proxies,
	// checks) that keep connections. Above it the least recently made goes.
	MaxTransports = 256
	// MaxRedirects bounds the redirects that forward-request follows.
	MaxRedirects = 10
)

// Options is what a manager is made of.
type Options struct {
	Clock   clock.Clock
	Log     *slog.Logger
	Metrics *telemetry.Metrics // nil counts nothing
	// Roots are the authorities that backends' certificates are checked
	// against; nil for the system's.
	Roots *x509.CertPool
	// Engine is what speaks HTTP/1.1 with backends.
	Engine Engine
	// Resolver asks for the addresses of backends; nil for the system's.
	Resolver *net.Resolver
	// Poison overwrites memory when its call has ended, so that a test finds who
	// still has a view of it.
	Poison bool
}

// Engine is what speaks HTTP/1.1 with backends. HTTP/2, forward proxies and
// redirects that are followed are net/http's in any case.
type Engine uint8

// The engines.
const (
	EngineOwn      Engine = iota // http1/client
	EngineStandard               // net/http, to compare with
)

// Manager calls backends. It is safe for concurrent use.
type Manager struct {
	clock   clock.Clock
	log     *slog.Logger
	metrics *telemetry.Metrics
	roots   *x509.CertPool

	engine     Engine
	poison     bool
	resolver   *client.Resolver
	clients    ways[client.Client]
	transports ways[http.Transport]
	endpoints  endpoints
	states     sync.Map // model.Key of a backend → *backendState

	trust    atomic.Pointer[trust]
	adopting sync.Mutex
	// adopted are the client certificates of the configuration; adopting guards it.
	adopted map[identity]bool
}

var _ policy.Forwarder = (*Manager)(nil)

// New makes a manager. Close ends it.
func New(o Options) *Manager {
	m := &Manager{
		clock: o.Clock, log: o.Log, metrics: o.Metrics, roots: o.Roots, engine: o.Engine, poison: o.Poison,
		resolver: client.NewResolver(o.Clock, o.Resolver),
	}
	m.trust.Store(m.trustOf(nil))
	return m
}

// retire ends the idle connections of ways that have gone, and forgets them.
func (m *Manager) retire(gone func(way) bool) {
	m.clients.retire(gone, (*client.Client).Close)
	m.transports.retire(gone, (*http.Transport).CloseIdleConnections)
}

// Close closes the connections that are idle. Those in use close when their
// exchange ends.
func (m *Manager) Close() {
	m.clients.close((*client.Client).Close)
	m.transports.close((*http.Transport).CloseIdleConnections)
	m.resolver.Close()
}

// backendState is what is remembered of one backend entity across snapshots.
type backendState struct {
	breaker breaker
	turns   turns
	handle  *telemetry.Backend
}

// state returns what is remembered of a backend.
func (m *Manager) state(id model.ID) *backendState {
	if s, ok := m.states.Load(id.Key()); ok {
		return s.(*backendState) //nolint:forcetypeassert // Only this function stores.
	}
	fresh := &backendState{}
	if m.metrics != nil {
		fresh.handle = m.metrics.Backend(id.String())
	}
	s, _ := m.states.LoadOrStore(id.Key(), fresh)
	return s.(*backendState) //nolint:forcetypeassert // Only this function stores.
}
