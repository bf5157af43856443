package upstream

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/gateway/http1/client"
	"github.com/sallyport/sallyport/internal/gateway/listen"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
)

func TestMain(m *testing.M) {
	code := m.Run()
	var err error
	for range 10 { // The engine keeps a broken connection of HTTP/2 for a second.
		if err = goleak.Find(); err == nil {
			break
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

var discard = slog.New(slog.DiscardHandler)

// directory is a configuration in a map.
type directory struct {
	backends     map[string]*model.Backend
	certificates map[string]*tls.Certificate
}

func (d *directory) Backend(id string) *model.Backend {
	return d.backends[strings.TrimPrefix(id, "backends/")]
}
func (d *directory) Certificate(id string) *tls.Certificate    { return d.certificates[id] }
func (d *directory) Schema(_ model.ID, _ string) *model.Schema { return nil }
func (d *directory) add(name string, b *model.Backend) *directory {
	if d.backends == nil {
		d.backends = map[string]*model.Backend{}
	}
	b.ID = model.NewID("backends", name)
	d.backends[name] = b
	return d
}

// rig calls backends.
type rig struct {
	*directory
	manager  *Manager
	clock    fakeClock
	services *policy.Services
}

// fakeClock is a clock that a test moves.
type fakeClock struct{ *clock.Fake }

// until moves the clock on until something has happened that a connection notices
// when it next looks.
func (f fakeClock) until(done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		default:
			f.Advance(client.LookEvery)
		}
	}
}

func newRig(tb testing.TB, o Options) *rig {
	tb.Helper()
	fake := clock.NewFake(time.Now())
	if o.Clock == nil {
		o.Clock = fake
	}
	o.Log = discard
	o.Poison = poisoned(tb)
	m := New(o)
	tb.Cleanup(m.Close)
	return &rig{directory: &directory{}, manager: m, clock: fakeClock{fake}, services: &policy.Services{Clock: o.Clock, Log: discard, Forwarder: m}}
}

// poisoned says that memory is overwritten when it is given back: in tests, not
// where time is measured.
func poisoned(tb testing.TB) bool {
	tb.Helper()
	_, measuring := tb.(*testing.B)
	return !measuring
}

// call makes a call that goes to a URL.
func (g *rig) call(tb testing.TB, method, url string) *policy.Call {
	tb.Helper()
	u, err := message.ParseURL(url)
	if err != nil {
		tb.Fatal(err)
	}
	c := &policy.Call{}
	c.Reset()
	c.Request = &message.Request{Method: method, URL: u, Protocol: message.HTTP11, Context: tb.Context(),
		Client: netip.MustParseAddrPort("192.0.2.7:1234")}
	c.Response, c.Services, c.Directory = &message.Response{}, g.services, g.directory
	c.Original = message.URL{Scheme: "https", Host: "gateway.example", Path: "/"}
	return c
}

// to makes a call that goes to a backend of the configuration.
func (g *rig) to(tb testing.TB, name string) *policy.Call {
	tb.Helper()
	c := g.call(tb, http.MethodGet, "http://gateway.example/")
	c.Destination.Backend, c.Destination.BackendID = g.backends[name], name
	return c
}

// forward forwards a call and returns its body.
func (g *rig) forward(c *policy.Call, o *policy.ForwardOptions) (string, error) {
	if err := g.manager.Forward(c, o); err != nil {
		return "", err
	}
	data, err := c.Response.Body.Buffer(1 << 20)
	return string(data), err
}

// status forwards a call and returns what it came to: a status, or the reason
// of the failure.
func (g *rig) status(c *policy.Call) string {
	_, err := g.forward(c, &policy.DefaultForward)
	var fault *policy.Fault
	switch {
	case errors.As(err, &fault):
		return fault.Reason
	case err != nil:
		return err.Error()
	}
	return fmt.Sprint(c.Response.Status)
}

// serve runs a backend until the test ends.
func serve(tb testing.TB, h http.HandlerFunc) *httptest.Server {
	tb.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	tb.Cleanup(s.Close)
	return s
}

// gateway serves calls that all go to one URL, through the whole of listen.
func (g *rig) gateway(tb testing.TB, base string, o *policy.ForwardOptions) string {
	tb.Helper()
	target, err := message.ParseURL(base)
	if err != nil {
		tb.Fatal(err)
	}
	return g.listen(tb, func(c *policy.Call) { c.SetBaseURL(&target) }, o)
}

// handlerFunc is a function as a handler.
type handlerFunc func(r *message.Request, w message.Responder)

func (f handlerFunc) Serve(r *message.Request, w message.Responder) { f(r, w) }

// listen serves calls that aim sends somewhere.
func (g *rig) listen(tb testing.TB, aim func(*policy.Call), o *policy.ForwardOptions) string {
	tb.Helper()
	exchanges := sync.Pool{New: func() any { return &served{} }}
	return g.start(tb, handlerFunc(func(r *message.Request, w message.Responder) {
		x := exchanges.Get().(*served)
		defer exchanges.Put(x)
		c := &x.call
		defer c.Reset()
		c.Reset()
		x.response.Reset()
		c.Request, c.Response, c.Services, c.Directory, c.Original = r, &x.response, g.services, g.directory, r.URL
		c.Interim.To = w
		aim(c)
		if err := g.manager.Forward(c, o); err != nil {
			answerFailure(err, w)
			return
		}
		sent, err := w.Respond(&x.response)
		if err != nil && !sent.HeadSent {
			answerFailure(err, w)
		}
		c.Release(sent)
	}))
}

// served is one request that is served, in memory that is used again.
type served struct {
	call     policy.Call
	response message.Response
}

// answerFailure answers as the gateway does.
func answerFailure(err error, w message.Responder) {
	m := message.Response{Status: 500}
	var client *message.ClientError
	var fault *policy.Fault
	switch {
	case errors.As(err, &client):
		m.Status = max(client.Status, 400)
	case errors.As(err, &fault):
		m.Status = fault.Status
	}
	_ = m.Body.SetBytes([]byte(err.Error()))
	_, _ = w.Respond(&m)
}

// start serves with listen until the test ends, by the clock of the rig.
func (g *rig) start(tb testing.TB, h message.Handler) (address string) {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	s := listen.New(listen.Options{Handler: h, Log: discard, Clock: g.services.Clock, Poison: poisoned(tb)})
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	tb.Cleanup(func() {
		_ = s.Close()
		if err := <-done; err != nil {
			tb.Errorf("serving: %v", err)
		}
	})
	return "http://" + l.Addr().String()
}

// httpClient returns a client of the gateway.
func httpClient(tb testing.TB) *http.Client {
	tb.Helper()
	transport := &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 64}
	tb.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: patience}
}

// get returns status and body of an answer.
func get(tb testing.TB, c *http.Client, url string) (int, string) {
	tb.Helper()
	r, err := c.Get(url)
	if err != nil {
		tb.Error(err)
		return 0, ""
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		tb.Error(err)
	}
	return r.StatusCode, string(body)
}
