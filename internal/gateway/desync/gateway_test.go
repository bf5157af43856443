package desync

import (
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/gateway/listen"
	"github.com/sallyport/sallyport/internal/gateway/upstream"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/snapshot/route"
)

// rig is a gateway between clients in memory and an origin.
type rig struct {
	*ledger
	hall *hall
	// hostile are the targets whose origin may do anything: their requests may
	// fail, and their answers may break off. Empty for none.
	hostile string
	// sockets is where the gateway listens besides.
	sockets string
	// handler is the gateway's, for further listeners; nil where there is none.
	handler message.Handler
}

// nothing is a configuration with nothing in it.
type nothing struct{}

func (nothing) Backend(string) *model.Backend         { return nil }
func (nothing) Certificate(string) *tls.Certificate   { return nil }
func (nothing) Schema(model.ID, string) *model.Schema { return nil }

// newRig runs the gateway, listen and upstream, in front of an origin. Its clock
// stands still.
func newRig(tb testing.TB, l *ledger, origin string) *rig {
	tb.Helper()
	still := clock.NewFake(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))
	m := upstream.New(upstream.Options{Clock: still, Log: discard, Poison: true})
	tb.Cleanup(m.Close)
	h := newHall()
	f := newForwarder(tb, l, m, origin, still)
	s := listen.New(listen.Options{Handler: f, Log: discard, Clock: still, Poison: true})
	serveOn(tb, s, h)
	sockets, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	serveOn(tb, s, sockets)
	return &rig{ledger: l, hall: h, sockets: sockets.Addr().String(), handler: f}
}

// serveOn serves on a listener until the test ends.
func serveOn(tb testing.TB, s *listen.Server, l net.Listener) {
	tb.Helper()
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	tb.Cleanup(func() {
		_ = s.Close()
		if err := <-done; err != nil {
			tb.Errorf("serving: %v", err)
		}
	})
}

// forwarder is the handler of the gateway: it forwards all to one origin and
// notes what.
type forwarder struct {
	*ledger
	base     message.URL
	services *policy.Services
	manager  *upstream.Manager
}

func newForwarder(tb testing.TB, l *ledger, m *upstream.Manager, origin string, c clock.Clock) *forwarder {
	tb.Helper()
	base, err := message.ParseURL(origin)
	if err != nil {
		tb.Fatal(err)
	}
	return &forwarder{l, base, &policy.Services{Clock: c, Log: discard, Forwarder: m}, m}
}

// Serve forwards one request.
func (f *forwarder) Serve(r *message.Request, w message.Responder) {
	rec := &record{gateway: sighting{method: strings.Clone(r.Method), target: string(r.URL.AppendTarget(nil))}}
	for _, one := range r.Header.Fields() {
		rec.gateway.fields = append(rec.gateway.fields, field{strings.Clone(one.Name), strings.Clone(one.Value)})
	}
	path, refused := route.Normalize(r.URL.Path)
	r.URL.Path = path
	rec.forwarded = string(r.URL.AppendTarget(nil))
	f.forward(r.Client, rec)
	if refused != nil {
		err := &message.ClientError{Status: 400, Err: refused}
		f.failed(rec, err)
		answerFailure(rec, err, w)
		return
	}
	r.Header.Set(message.NameOf(idField), rec.id)
	var response message.Response
	c := &policy.Call{}
	c.Reset()
	defer c.Reset()
	c.Request, c.Response, c.Services, c.Directory, c.Original = r, &response, f.services, nothing{}, r.URL
	c.SetBaseURL(&f.base)
	c.Interim.To = w
	if err := f.manager.Forward(c, &policy.DefaultForward); err != nil {
		f.failed(rec, err)
		answerFailure(rec, err, w)
		return
	}
	f.answered(rec, &response)
	response.Header.Set(message.NameOf(echoField), rec.id)
	sent, err := w.Respond(&response)
	if err != nil {
		f.failed(rec, err)
		if !sent.HeadSent {
			answerFailure(rec, err, w)
		}
	}
	c.Release(sent)
}

// answered notes the head of the origin's answer.
func (f *forwarder) answered(rec *record, response *message.Response) {
	id, ok := response.Header.Get(message.NameOf(originField))
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.originStatus, rec.refused = response.Status, !ok
	if strings.HasPrefix(rec.forwarded, hostilePath) {
		return // It gets what its origin likes.
	}
	if ok && id != rec.id {
		f.find("MIX-UP: %s of %q got the answer to %s", rec.id, rec.gateway, id)
	}
	if ok && rec.origin == nil {
		f.find("%q was answered by an origin that has not taken it", rec.gateway)
	}
}

// failed notes that forwarding has failed.
func (f *forwarder) failed(rec *record, err error) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.failure = err
}

// answerFailure answers as the gateway does.
func answerFailure(rec *record, err error, w message.Responder) {
	m := message.Response{Status: 500}
	if client, ok := errors.AsType[*message.ClientError](err); ok {
		m.Status = max(client.Status, 400)
	} else if fault, ok := errors.AsType[*policy.Fault](err); ok {
		m.Status = fault.Status
	}
	m.Header.Set(message.NameOf(echoField), rec.id)
	_ = m.Body.SetBytes([]byte(err.Error()))
	_, _ = w.Respond(&m)
}
