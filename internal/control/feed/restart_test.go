package feed_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/feed"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/services"
	"github.com/sallyport/sallyport/internal/control/service"
	"github.com/sallyport/sallyport/internal/control/store/memory"
	protocol "github.com/sallyport/sallyport/internal/snapshot/feed"
)

// network is one of pipes, on which a test holds the time.
type network struct {
	mu sync.Mutex
	l  *pipes // Nil while nobody listens.
}

type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.closed) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes", Net: "unix"} }

func (n *network) listen() *pipes {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.l = &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	return n.l
}

func (n *network) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	n.mu.Lock()
	l := n.l
	n.mu.Unlock()
	if l == nil {
		return nil, errors.New("connection refused")
	}
	near, far := net.Pipe()
	select {
	case l.conns <- far:
		return near, nil
	case <-l.closed:
		return nil, errors.New("connection refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// restart is a management plane with a fleet, in the time of a bubble.
type restart struct {
	t       *testing.T
	limits  feed.Limits
	jitter  bool
	plane   *service.Plane
	env     *resource.Environment
	store   *memory.Store
	network network
	client  *http.Client
	token   string
	// requests counts those that have come, work what was done besides frames.
	requests atomic.Int64
	server   *http.Server
	feed     *feed.Server
	revision atomic.Uint64   // The newest.
	at       []atomic.Uint64 // The revision of each gateway.
}

const fleet = 50

func newRestart(t *testing.T, limits feed.Limits, jitter bool) *restart {
	t.Helper()
	r := &restart{t: t, limits: limits, jitter: jitter, store: memory.New(), at: make([]atomic.Uint64, fleet)}
	r.env = environment(t, clock.System())
	r.plane = service.New(r.env, r.store, nil)
	r.client = &http.Client{Transport: &http.Transport{DialContext: r.network.dial, DisableKeepAlives: true}}
	n := &node{t: t, store: r.store, plane: r.plane}
	n.put("", `{"location":"x","sku":{"name":"Developer","capacity":1},"properties":{"publisherEmail":"a@example.com","publisherName":"A"}}`)
	for i := range 20 {
		n.api(fmt.Sprintf("a%d", i))
	}
	n.write(func(s *resource.Session) (err error) {
		r.token, err = services.NewGatewayToken(s, id("gateways/managed"), s.Now().Add(24*time.Hour), false)
		return err
	})
	return r
}

// up starts the management plane's process.
func (r *restart) up() {
	r.feed = feed.New(feed.Options{Store: r.store, Environment: r.env, Service: serviceID, Limits: r.limits,
		Clock: clock.System(), Log: slog.New(slog.DiscardHandler)})
	inner := r.feed
	r.server = &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r.requests.Add(1)
		inner.ServeHTTP(w, q)
	})}
	l, server := r.network.listen(), r.server
	go func() { _ = server.Serve(l) }()
}

// down kills it.
func (r *restart) down() {
	_ = r.server.Close()
	r.feed.Close()
}

// change commits one change.
func (r *restart) change(value int) {
	n := &node{t: r.t, store: r.store, plane: r.plane}
	r.revision.Store(uint64(n.value("v", strconv.Itoa(value))))
}

// follow is one gateway: it follows, beats and comes back as the format says.
func (r *restart) follow(ctx context.Context, number int) {
	g := &gateway{t: r.t, url: "http://control", token: r.token}
	go r.heartbeats(ctx, number)
	backOff := protocol.BackOffFirst
	for ctx.Err() == nil {
		began := time.Now()
		wait := r.attend(ctx, g, number)
		if time.Since(began) >= protocol.SettledAfter {
			backOff = protocol.BackOffFirst
		}
		switch {
		case !r.jitter:
			wait = 250 * time.Millisecond
		case wait == 0:
			wait = rand.N(backOff)
			backOff = min(2*backOff, protocol.BackOffMost)
		default:
			wait += rand.N(protocol.BackOffFirst)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}

// attend has one feed until it ends, and returns for how long the gateway was
// asked to wait; 0 where it was not asked.
func (r *restart) attend(ctx context.Context, g *gateway, number int) time.Duration {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, g.url+protocol.ConfigurationPath, nil)
	if err != nil {
		r.t.Error(err)
		return 0
	}
	q.Header.Set("Authorization", protocol.TokenScheme+" "+g.token)
	q.Header.Set(protocol.HeaderInstance, "i"+strconv.Itoa(number))
	if p := g.position; p != nil {
		q.Header.Set(protocol.HeaderLineage, p.Lineage)
		q.Header.Set(protocol.HeaderRevision, strconv.FormatUint(p.Revision, 10))
		q.Header.Set(protocol.HeaderDigest, p.Digest.String())
	}
	response, err := r.client.Do(q)
	if err != nil {
		return 0
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		after, _ := strconv.Atoi(response.Header.Get("Retry-After"))
		return time.Duration(after) * time.Second
	}
	g.frames = protocol.NewReader(bufio.NewReader(response.Body))
	hello, err := g.frames.Read()
	if err != nil {
		return 0
	}
	if g.hello, err = protocol.DecodeHello(hello.Payload); err != nil {
		r.t.Error(err)
	}
	for {
		if _, err := g.next(); err != nil {
			return 0
		}
		r.at[number].Store(g.position.Revision)
	}
}

// heartbeats posts one each interval, beginning at a random time.
func (r *restart) heartbeats(ctx context.Context, number int) {
	wait := rand.N(protocol.HeartbeatInterval)
	for {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
		wait = protocol.HeartbeatInterval
		name := "i" + strconv.Itoa(number)
		q, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://control"+protocol.HeartbeatPath,
			strings.NewReader(`{"instance":"`+name+`","health":"ok"}`))
		if err != nil {
			r.t.Error(err)
			return
		}
		q.Header.Set("Authorization", protocol.TokenScheme+" "+r.token)
		q.Header.Set(protocol.HeaderInstance, name)
		if response, err := r.client.Do(q); err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
	}
}

// inStep reports whether all gateways have the newest revision.
func (r *restart) inStep() bool {
	for i := range r.at {
		if r.at[i].Load() != r.revision.Load() {
			return false
		}
	}
	return true
}

// watch lets seconds pass, and returns the most that was done in one of them:
// requests and frames. each runs at the beginning of each second.
func (r *restart) watch(seconds int, each func(second int)) (most int64) {
	for second := range seconds {
		before := r.requests.Load() + int64(r.feed.Stats().Frames)
		each(second)
		time.Sleep(time.Second)
		synctest.Wait()
		most = max(most, r.requests.Load()+int64(r.feed.Stats().Frames)-before)
	}
	return most
}

// outcome is what a restart has cost.
type outcome struct {
	steady, peak int64
	// step is after how many seconds all were in step; documents how many were
	// encoded after the restart.
	step      int
	documents uint64
}

// run follows for a minute with a change each second, kills the management plane
// for some seconds, in which the configuration changes, and starts it again.
func (r *restart) run() outcome {
	ctx, cancel := context.WithCancel(context.Background())
	var gateways sync.WaitGroup
	r.up()
	for i := range fleet {
		gateways.Go(func() { r.follow(ctx, i) })
	}
	r.watch(20, func(int) {})
	o := outcome{step: -1}
	o.steady = r.watch(20, r.change)
	r.down()
	time.Sleep(5 * time.Second)
	r.change(1000)
	r.up()
	o.peak = r.watch(40, func(second int) {
		if o.step < 0 && r.inStep() {
			o.step = second
		}
	})
	o.documents = r.feed.Stats().Documents
	cancel()
	r.down()
	gateways.Wait()
	r.client.CloseIdleConnections()
	_ = r.store.Close()
	synctest.Wait()
	return o
}

// TestR6_RestartOfTheManagementPlane has 50 gateways come back to a management
// plane that was killed.
func TestR6_RestartOfTheManagementPlane(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newRestart(t, feed.Limits{}, true).run()
		fmt.Printf("R6: after a restart %d requests and frames in the busiest second (3 × %d), %d of %d gateways' documents encoded, all in step after %d s (30)\n",
			o.peak, o.steady, o.documents, fleet, o.step)
		if o.peak > 3*o.steady || o.step < 0 || o.step > 30 || o.documents > 2 {
			t.Errorf("%+v", o)
		}
	})
}

// TestR6_RestartOfTheManagementPlane_NegativeControl takes the jitter from the
// gateways, and the ramp from the management plane.
func TestR6_RestartOfTheManagementPlane_NegativeControl(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRestart(t, feed.Limits{JoinsPerSecond: 1, JoinBurst: 1}, false)
		o := r.run()
		if o.peak <= 3*o.steady && o.step >= 0 && o.step <= 30 {
			t.Errorf("gateways that knock four times a second have no effect: %+v", o)
		}
	})
}
