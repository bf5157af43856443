package remote_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/gateway/follow"
	"github.com/sallyport/sallyport/internal/gateway/follow/remote"
	"github.com/sallyport/sallyport/internal/problem"
	"github.com/sallyport/sallyport/internal/snapshot/feed"
	"github.com/sallyport/sallyport/internal/snapshot/wire"
	"github.com/sallyport/sallyport/internal/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// limit is how long a test waits for what must happen.
const limit = 20 * time.Second

// target keeps what is offered to it.
type target struct {
	mu       sync.Mutex
	position *feed.Position
	held     problem.Problems
	diverged bool
	events   chan string
}

func newTarget() *target { return &target{events: make(chan string, 100)} }

func (x *target) Position() (feed.Position, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.position == nil {
		return feed.Position{}, false
	}
	return *x.position, true
}

func (x *target) Replace(lineage string, digest wire.Digest, file []byte) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.position = &feed.Position{Lineage: lineage, Revision: uint64(len(file)), Digest: digest}
	x.events <- "document " + string(file)
	return nil
}

func (x *target) Advance(deltas ...[]byte) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.diverged {
		x.diverged = false
		return fmt.Errorf("no: %w", follow.ErrDiverged)
	}
	x.events <- "delta " + string(bytes.Join(deltas, []byte(" and ")))
	return nil
}

func (x *target) Held() problem.Problems {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.held
}

func (x *target) Applied() time.Time {
	if _, ok := x.Position(); ok {
		return start
	}
	return time.Time{}
}

// control is a management plane that says what a test wants.
type control struct {
	*httptest.Server
	// asked has each request for the feed, which waits for its answer.
	asked chan *call
	beats chan *feed.Heartbeat
	// deaf has heartbeats refused.
	deaf atomic.Bool
	// spread is what heartbeats are answered of the spread.
	spread string
}

// call is a request for the feed.
type call struct {
	header http.Header
	answer chan func(http.ResponseWriter)
}

func newControl(t *testing.T, begin func(*httptest.Server)) *control {
	t.Helper()
	c := &control{asked: make(chan *call), beats: make(chan *feed.Heartbeat, 10)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+feed.ConfigurationPath, func(w http.ResponseWriter, r *http.Request) {
		one := &call{header: r.Header, answer: make(chan func(http.ResponseWriter), 10)}
		select {
		case c.asked <- one:
		case <-r.Context().Done():
			return
		}
		for {
			select {
			case write := <-one.answer:
				if write == nil {
					return
				}
				write(w)
				_ = http.NewResponseController(w).Flush()
			case <-r.Context().Done():
				return
			}
		}
	})
	mux.HandleFunc("POST "+feed.HeartbeatPath, func(w http.ResponseWriter, r *http.Request) {
		h, err := feed.DecodeHeartbeat(r.Body)
		if err != nil {
			t.Error(err)
		}
		c.beats <- h
		if c.deaf.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.Header().Set(feed.HeaderSpread, c.spread)
		w.WriteHeader(http.StatusNoContent)
	})
	c.Server = httptest.NewUnstartedServer(mux)
	begin(c.Server)
	t.Cleanup(c.Close)
	return c
}

// next waits for the next request for the feed.
func (c *control) next(t *testing.T) *call {
	t.Helper()
	select {
	case one := <-c.asked:
		return one
	case <-time.After(limit):
		t.Fatal("nobody asked for the feed")
		return nil
	}
}

// none fails where somebody has asked.
func (c *control) none(t *testing.T) {
	t.Helper()
	select {
	case <-c.asked:
		t.Fatal("the feed was asked for too early")
	default:
	}
}

// beat moves the clock until a heartbeat comes. How far that is depends on whether
// the gateway meets its first configuration before or after it begins to wait. The
// clock stops before the feed would be taken for silent.
func (c *control) beat(t *testing.T, g *gateway) *feed.Heartbeat {
	t.Helper()
	deadline := time.After(limit)
	for moved := time.Duration(0); ; moved += time.Second {
		if moved < 2*feed.HeartbeatInterval {
			g.clock.Advance(time.Second)
		}
		select {
		case h := <-c.beats:
			return h
		case <-deadline:
			t.Fatal("no heartbeat came")
			return nil
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (c *call) send(t *testing.T, frames ...feed.Frame) {
	t.Helper()
	c.answer <- func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", feed.MediaType)
		for _, f := range frames {
			if err := feed.NewWriter(w).Write(f); err != nil {
				t.Log(err)
			}
		}
	}
}

func (c *call) refuse(status int, header, value string) {
	c.answer <- func(w http.ResponseWriter) {
		w.Header().Set(header, value)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"error":{"code":"x","message":"because of the test"}}`)
	}
	c.end()
}

// end ends the answer.
func (c *call) end() { c.answer <- nil }

func hello(t *testing.T) feed.Frame {
	t.Helper()
	f, err := feed.HelloFrame(feed.Hello{Lineage: "line", Release: "9", BeatSeconds: 10, HeartbeatSeconds: 10})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func current(t *testing.T, revision uint64, digest wire.Digest) feed.Frame {
	t.Helper()
	f, err := feed.CurrentFrame(feed.Current{Revision: revision, Digest: digest.String()})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// gateway is a client that runs until the test ends.
type gateway struct {
	*remote.Client
	target  *target
	clock   *clock.Fake
	metrics *telemetry.Metrics
}

func run(t *testing.T, change func(*remote.Options), urls ...string) *gateway {
	t.Helper()
	g := &gateway{target: newTarget(), clock: clock.NewFake(start)}
	var err error
	if g.metrics, err = telemetry.NewMetrics(g.clock); err != nil {
		t.Fatal(err)
	}
	o := remote.Options{
		URLs: urls, Token: func() (string, error) { return "edge&1&sig", nil }, Instance: "i-1", Release: "1", Host: "h", Target: g.target,
		Random: func() float64 { return 0.5 }, Clock: g.clock, Log: slog.New(slog.DiscardHandler), Metrics: g.metrics,
	}
	if change != nil {
		change(&o)
	}
	g.Client, err = remote.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		g.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return g
}

// event waits for what the target was offered.
func (g *gateway) event(t *testing.T, want string) {
	t.Helper()
	select {
	case got := <-g.target.events:
		if got != want {
			t.Errorf("the gateway was offered %q, want %q", got, want)
		}
	case <-time.After(limit):
		t.Fatalf("the gateway was never offered %q", want)
	}
}

// until waits for a status.
func (g *gateway) until(t *testing.T, what string, holds func(remote.Status) bool) remote.Status {
	t.Helper()
	for deadline := time.After(limit); ; {
		s := g.Status()
		if holds(s) {
			return s
		}
		select {
		case <-deadline:
			t.Fatalf("%s: the status is %+v", what, s)
		case <-time.After(time.Millisecond):
		}
	}
}

func disconnected(s remote.Status) bool { return s.State != remote.Following && !s.Again.IsZero() }

func TestFollow(t *testing.T) {
	c := newControl(t, (*httptest.Server).Start)
	g := run(t, nil, c.URL)
	first := c.next(t)
	want := http.Header{"Authorization": {"GatewayKey edge&1&sig"}, feed.HeaderInstance: {"i-1"}, feed.HeaderRelease: {"1"}, feed.HeaderFormats: {"1"}}
	for name := range want {
		if diff := cmp.Diff(want[name], first.header[name]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if first.header.Get(feed.HeaderRevision) != "" {
		t.Error("a gateway without a document says that it has one")
	}
	if s := g.Status(); s.State != remote.Waiting || g.Check() == nil {
		t.Errorf("before the first document: %+v", s)
	}
	digest := wire.Digest{1}
	first.send(t, hello(t), feed.DocumentFrame(digest, []byte("four")))
	g.event(t, "document four")
	first.send(t, feed.Frame{Type: feed.TypeDelta, Payload: []byte("change")})
	g.event(t, "delta change")
	first.send(t, current(t, 4, digest))
	if s := g.Status(); s.State != remote.Following || s.Revision != 4 || s.Gateway != "edge" || g.Check() != nil {
		t.Errorf("%+v, %v", s, g.Check())
	}
	first.end()
	g.until(t, "after the end", disconnected)
	c.none(t)
	g.clock.Advance(feed.BackOffFirst)
	second := c.next(t)
	if second.header.Get(feed.HeaderRevision) != "4" || second.header.Get(feed.HeaderLineage) != "line" || second.header.Get(feed.HeaderDigest) != digest.String() {
		t.Errorf("it comes back with %v", second.header)
	}
	second.send(t, hello(t), current(t, 4, digest))
	g.until(t, "coming back", func(s remote.Status) bool { return s.State == remote.Following })
}

// TestDiverged gives a gateway what does not fit: it hangs up, and asks for a
// whole document.
func TestDiverged(t *testing.T) {
	for _, tt := range []struct {
		name  string
		frame func(g *gateway) feed.Frame
	}{
		{"a delta", func(g *gateway) feed.Frame {
			g.target.mu.Lock()
			g.target.diverged = true
			g.target.mu.Unlock()
			return feed.Frame{Type: feed.TypeDelta, Payload: []byte("x")}
		}},
		{"a digest", func(*gateway) feed.Frame { return current(t, 4, wire.Digest{2}) }},
		{"a revision", func(*gateway) feed.Frame { return current(t, 5, wire.Digest{1}) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newControl(t, (*httptest.Server).Start)
			g := run(t, nil, c.URL)
			one := c.next(t)
			one.send(t, hello(t), feed.DocumentFrame(wire.Digest{1}, []byte("four")))
			g.event(t, "document four")
			one.send(t, tt.frame(g))
			g.until(t, "hanging up", disconnected)
			g.clock.Advance(feed.BackOffFirst)
			if again := c.next(t); again.header.Get(feed.HeaderRevision) != "" {
				t.Errorf("it does not ask for a whole document: %v", again.header)
			}
		})
	}
}

// TestComesBack refuses a gateway in every way: it waits as it should, serves on,
// and tries again.
func TestComesBack(t *testing.T) {
	bye, err := feed.ByeFrame(feed.Bye{Reason: "restarting", RetryAfterSeconds: 7})
	if err != nil {
		t.Fatal(err)
	}
	half := feed.BackOffFirst / 2
	for _, tt := range []struct {
		name   string
		does   func(c *call)
		wait   time.Duration
		reason string
	}{
		{"401", func(c *call) { c.refuse(401, "X", "") }, half, "answers 401: because of the test"},
		{"404", func(c *call) { c.refuse(404, "X", "") }, half, "answers 404"},
		{"503", func(c *call) { c.refuse(503, "Retry-After", "20") }, 20*time.Second + half, "answers 503"},
		{"429, for too long", func(c *call) { c.refuse(429, "Retry-After", "86400") }, feed.MaxRetryAfter + half, "answers 429"},
		{"a redirect", func(c *call) { c.refuse(307, "Location", "http://192.0.2.1/") }, half, "answers 307"},
		{"bye", func(c *call) { c.send(t, hello(t), bye); c.end() }, 7*time.Second + half, "restarting"},
		{"another program", func(c *call) {
			c.answer <- func(w http.ResponseWriter) { _, _ = io.WriteString(w, "<html>") }
			c.end()
		}, half, "no management plane"},
		{"no hello", func(c *call) { c.send(t, feed.Frame{Type: feed.TypeDelta, Payload: []byte("x")}); c.end() }, half, "damaged"},
		{"nothing", func(c *call) { c.send(t, hello(t)); c.end() }, half, "hung up"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newControl(t, (*httptest.Server).Start)
			g := run(t, nil, c.URL)
			tt.does(c.next(t))
			s := g.until(t, "refused", disconnected)
			if wait := s.Again.Sub(start); wait != tt.wait || !strings.Contains(s.Reason, tt.reason) {
				t.Errorf("it waits for %s because %q, want %s", wait, s.Reason, tt.wait)
			}
			g.clock.BlockUntil(1)
			g.clock.Advance(tt.wait - time.Millisecond)
			c.none(t)
			g.clock.Advance(time.Millisecond)
			c.next(t).send(t, hello(t), feed.DocumentFrame(wire.Digest{1}, []byte("four")))
			g.event(t, "document four")
		})
	}
}

// TestBackOffGrows loses the feed again and again.
func TestBackOffGrows(t *testing.T) {
	c := newControl(t, (*httptest.Server).Start)
	g := run(t, nil, c.URL)
	var waits []time.Duration
	for range 7 {
		c.next(t).refuse(503, "X", "")
		n := len(waits) + 1
		s := g.until(t, "refused", func(s remote.Status) bool { return s.Failures == n })
		waits = append(waits, s.Again.Sub(g.clock.Now()))
		g.clock.BlockUntil(1)
		g.clock.Advance(waits[n-1])
	}
	const ms = time.Millisecond
	want := []time.Duration{250 * ms, 500 * ms, 1000 * ms, 2000 * ms, 4000 * ms, 5000 * ms, 5000 * ms}
	if diff := cmp.Diff(want, waits); diff != "" {
		t.Error(diff)
	}
}

// TestSpread waits, from the first failure on, for a part of the time over which
// the node has asked its gateways to come back.
func TestSpread(t *testing.T) {
	c := newControl(t, (*httptest.Server).Start)
	c.spread = "20"
	g := run(t, nil, c.URL)
	one := c.next(t)
	one.send(t, hello(t), feed.DocumentFrame(wire.Digest{1}, []byte("four")))
	g.event(t, "document four")
	c.beat(t, g)
	g.clock.BlockUntil(2) // The watch, and the next heartbeat.
	one.answer <- nil
	s := g.until(t, "lost", disconnected)
	if got, want := s.Again.Sub(g.clock.Now()), 10*time.Second; got != want {
		t.Errorf("waits %s, want %s", got, want)
	}
}

// TestSilence gives a feed up that says nothing for three beats.
func TestSilence(t *testing.T) {
	c := newControl(t, (*httptest.Server).Start)
	g := run(t, nil, c.URL)
	one := c.next(t)
	one.send(t, hello(t), feed.DocumentFrame(wire.Digest{1}, []byte("four")))
	g.event(t, "document four")
	g.clock.BlockUntil(2) // The watch, and the heartbeat.
	g.clock.Advance(feed.MissedBeats * feed.Beat)
	s := g.until(t, "silence", disconnected)
	if !strings.Contains(s.Reason, "three beats") || s.ContactAgeSeconds < 29 {
		t.Errorf("%+v", s)
	}
	if err := g.Check(); err == nil || !strings.Contains(err.Error(), "30s ago") {
		t.Errorf("health says %v", err)
	}
}

func TestHeartbeat(t *testing.T) {
	c := newControl(t, (*httptest.Server).Start)
	g := run(t, nil, c.URL)
	long := strings.Repeat("ü", feed.MaxText)
	g.target.mu.Lock()
	for range 100 {
		g.target.held = append(g.target.held, problem.Problem{Location: problem.Location{Resource: "apis/x", Element: "e"}, Message: long})
	}
	g.target.mu.Unlock()
	one := c.next(t)
	one.send(t, hello(t), feed.DocumentFrame(wire.Digest{1}, []byte("four")))
	g.event(t, "document four")
	h := c.beat(t, g)
	if h.Instance != "i-1" || h.Revision != 4 || h.Health != feed.HealthDegraded || len(h.Problems) == 0 || h.Problems[0].Resource != "apis/x" {
		t.Errorf("%+v", h)
	}
}

// TestHeartbeatRefused has a node that takes no heartbeats, and a gateway whose
// health changes: it is told once, and again only with the next heartbeat.
func TestHeartbeatRefused(t *testing.T) {
	c := newControl(t, (*httptest.Server).Start)
	c.deaf.Store(true)
	g := run(t, nil, c.URL)
	one := c.next(t)
	one.send(t, hello(t), feed.DocumentFrame(wire.Digest{1}, []byte("four")))
	g.event(t, "document four")
	var came []time.Time
	begin := g.clock.Now()
	for degraded := false; g.clock.Since(begin) < 2*feed.HeartbeatInterval; {
		select {
		case <-c.beats:
			came = append(came, g.clock.Now())
		case <-time.After(2 * time.Millisecond):
			g.clock.Advance(time.Second / 10)
		}
		if len(came) > 0 && !degraded {
			degraded = true
			g.target.mu.Lock()
			g.target.held = []problem.Problem{{Message: "x"}}
			g.target.mu.Unlock()
		}
		one.send(t, feed.Frame{Type: 200}) // What nobody knows, and a sign of life.
	}
	if len(came) < 2 || len(came) > 4 {
		t.Errorf("%d heartbeats came in two intervals: %v", len(came), came)
	}
}

// TestTokenFile exchanges the token of a gateway that was refused.
func TestTokenFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "token")
	write := func(text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("GatewayKey edge&1&old\n")
	c := newControl(t, (*httptest.Server).Start)
	g := run(t, func(o *remote.Options) { o.Token = remote.TokenFile(name) }, c.URL)
	one := c.next(t)
	if got := one.header.Get("Authorization"); got != "GatewayKey edge&1&old" {
		t.Errorf("the token is %q", got)
	}
	write("edge&2&new")
	one.refuse(401, "X", "")
	g.until(t, "refused", disconnected)
	g.clock.Advance(feed.BackOffFirst)
	if got := c.next(t).header.Get("Authorization"); got != "GatewayKey edge&2&new" {
		t.Errorf("the token is %q", got)
	}
	for _, text := range []string{"", " \n", "a b c", "secret-of-something-else", "edge&203001010000", strings.Repeat("x", remote.MaxToken+1)} {
		write(text)
		if _, err := remote.TokenFile(name)(); err == nil {
			t.Errorf("%.20q was taken for a token", text)
		}
	}
	if _, err := remote.TokenFile(name + ".gone")(); err == nil {
		t.Error("a file that is gone has a token")
	}
}

// TestSeveralNodes has one that is gone: the next one is taken.
func TestSeveralNodes(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	c := newControl(t, (*httptest.Server).Start)
	g := run(t, nil, gone.URL, c.URL)
	g.until(t, "the first is gone", disconnected)
	g.clock.BlockUntil(1)
	g.clock.Advance(feed.BackOffFirst)
	c.next(t).send(t, hello(t), feed.DocumentFrame(wire.Digest{1}, []byte("four")))
	g.event(t, "document four")
}

// TestTLS follows with an own authority and a client certificate, and not
// without.
func TestTLS(t *testing.T) {
	c := newControl(t, func(s *httptest.Server) {
		s.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
		s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
		s.StartTLS()
	})
	roots := x509.NewCertPool()
	roots.AddCert(c.Certificate())
	for _, tt := range []struct {
		name   string
		config *tls.Config
		works  bool
	}{
		{"neither", nil, false},
		{"no certificate", &tls.Config{RootCAs: roots}, false},
		{"both", &tls.Config{RootCAs: roots, Certificates: c.TLS.Certificates}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := run(t, func(o *remote.Options) { o.TLS = tt.config }, c.URL)
			if !tt.works {
				g.until(t, "refused", disconnected)
				return
			}
			c.next(t).send(t, hello(t), feed.DocumentFrame(wire.Digest{1}, []byte("four")))
			g.event(t, "document four")
		})
	}
}

func TestNewRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, url string
		insecure  bool
		works     bool
	}{
		{"https", "https://control.example:9443/", false, true},
		{"no scheme", "control.example", false, true},
		{"loopback", "http://127.0.0.1:1", false, true},
		{"localhost", "http://localhost:1", false, true},
		{"in clear", "http://control.example", false, false},
		{"in clear, asked for", "http://control.example", true, true},
		{"another scheme", "ftp://control.example", true, false},
		{"a query", "https://control.example?x=y", false, false},
		{"a password", "https://a:b@control.example", false, false},
		{"nothing", "", false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := remote.New(remote.Options{URLs: []string{tt.url}, Insecure: tt.insecure, Instance: "i", Clock: clock.System(), Target: newTarget()})
			if (err == nil) != tt.works {
				t.Errorf("the error is %v", err)
			}
			if err != nil && strings.Contains(err.Error(), ":b@") {
				t.Error("the error shows the password")
			}
		})
	}
	if _, err := remote.New(remote.Options{URLs: []string{"https://x"}, Instance: "a b", Clock: clock.System()}); err == nil {
		t.Error("an instance with a blank was taken")
	}
	if _, err := remote.New(remote.Options{Instance: "a", Clock: clock.System()}); err == nil {
		t.Error("no URL was taken")
	}
}
