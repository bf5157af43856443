package listen

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"

	"github.com/sallyport/sallyport/internal/message"
)

// drainedTimes3 is how often a drain of HTTP/3 is tried.
const drainedTimes3 = 2

// load3 sends requests of HTTP/3 until it is stopped.
type load3 struct {
	sent, again, failed atomic.Int64
	first               atomic.Pointer[error]
	next                chan struct{} // closed when the next server has the port
	stop                context.CancelFunc
	done                sync.WaitGroup
}

func startLoad3(i identity, udp string) *load3 {
	ctx, stop := context.WithCancel(context.Background())
	l := &load3{stop: stop, next: make(chan struct{})}
	for range 6 {
		transport := &http3.Transport{TLSClientConfig: i.clientConfig()}
		c := &http.Client{Transport: transport, Timeout: patience}
		l.done.Go(func() {
			defer transport.Close()
			for ctx.Err() == nil {
				l.count(c, "https://"+udp+"/load")
			}
		})
	}
	return l
}

// count sends a request. One that the server says it has not served is sent again
// when the next one is there, which does no harm.
func (l *load3) count(c *http.Client, url string) {
	err := request3(c, url)
	if notServed(err) {
		l.again.Add(1)
		<-l.next
		err = request3(c, url)
	}
	l.sent.Add(1)
	if err != nil {
		l.failed.Add(1)
		l.first.CompareAndSwap(nil, &err)
	}
}

func request3(c *http.Client, url string) error {
	answer, err := c.Get(url)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}

// reach waits until so many more requests have been sent.
func (l *load3) reach(n int64) {
	for until := l.sent.Load() + n; l.sent.Load() < until; {
		runtime.Gosched()
	}
}

// notServed reports whether an error says that the request was not served: it was
// rejected (RFC 9114 §4.1.1), or there was no connection for it.
func notServed(err error) bool {
	if e, ok := errors.AsType[*http3.Error](err); ok && e.ErrorCode == http3.ErrCodeRequestRejected {
		return true
	}
	// The client ends its connection itself once it has been told to go away, which
	// may be while it begins another request on it.
	if e, ok := errors.AsType[*http3.Error](err); ok && e.ErrorCode == http3.ErrCodeNoError && !e.Remote {
		return true
	}
	if e, ok := errors.AsType[*quic.TransportError](err); ok && e.ErrorCode == quic.ConnectionRefused {
		return true
	}
	return false
}

// replaceQUICUnderLoad ends a server under load, lets the next one have the port as
// soon as it is free, and returns what became of the load.
func replaceQUICUnderLoad(t *testing.T, end func(*Server)) *load3 {
	t.Helper()
	i := testCertificate(t)
	o := Options{TLS: i.serverConfig(), QuietTime: time.Millisecond, Handler: handlerFunc(slowly)}
	s, _, udp := startQUIC(t, o)
	l := startLoad3(i, udp)
	l.reach(100)
	end(s)
	socket, err := net.ListenPacket("udp", udp)
	if err != nil {
		t.Fatal(err)
	}
	serveQUIC(t, New(Options{TLS: o.TLS, Handler: o.Handler, Log: discard}), socket)
	close(l.next)
	l.reach(100)
	l.stop()
	l.done.Wait()
	return l
}

// slowly answers in two pieces.
func slowly(_ *message.Request, w message.Responder) {
	r, pipe := io.Pipe()
	go func() {
		for range 8 {
			_, _ = pipe.Write(make([]byte, 16<<10))
		}
		_ = pipe.Close()
	}()
	m := message.Response{Status: 200}
	m.Body.SetStream(r, 8*16<<10)
	_, _ = w.Respond(&m)
}

func TestR34_HTTP3Drain(t *testing.T) {
	var sent, again, failed int64
	for range drainedTimes3 {
		l := replaceQUICUnderLoad(t, func(s *Server) { drain(t, s) })
		sent, again, failed = sent+l.sent.Load(), again+l.again.Load(), failed+l.failed.Load()
		if first := l.first.Load(); first != nil {
			t.Errorf("a request failed while the server drained: %v", *first)
		}
	}
	fmt.Printf("R34: %d of %d requests of HTTP/3 failed over %d drains (0); %d were told to come again\n", failed, sent, drainedTimes3, again)
}

func TestR34_HTTP3Drain_NegativeControl(t *testing.T) {
	l := replaceQUICUnderLoad(t, func(s *Server) { _ = s.Close() })
	sent, failed := l.sent.Load(), l.failed.Load()
	if failed == 0 {
		t.Error("no request failed although the connections were cut: the load finds nothing")
	}
	fmt.Printf("R34: %d of %d requests of HTTP/3 failed when connections were cut instead (more than 0)\n", failed, sent)
}

// TestHTTP3DrainWaits lets a request end that began before the drain, refuses new
// connections at once, and closes those that are idle.
func TestHTTP3DrainWaits(t *testing.T) {
	i := testCertificate(t)
	begun, finish := make(chan struct{}), make(chan struct{})
	s, _, udp := startQUIC(t, Options{TLS: i.serverConfig(), QuietTime: time.Millisecond, Handler: handlerFunc(func(r *message.Request, w message.Responder) {
		if r.URL.Path == "/slow" {
			close(begun)
			<-finish
		}
		_, _ = w.Respond(&message.Response{Status: 200})
	})})
	idle := client3(t, i.clientConfig()) // Its connection stays.
	fetch(t, idle, newRequest(t, "GET", "https://"+udp+"/", nil))
	status := make(chan int, 1)
	c := client3(t, i.clientConfig())
	r := newRequest(t, "GET", "https://"+udp+"/slow", nil)
	go func() {
		answer, err := c.Do(r)
		if err != nil {
			status <- 0
			return
		}
		_ = answer.Body.Close()
		status <- answer.StatusCode
	}()
	<-begun
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		drain(t, s)
	}()
	<-s.quic.Load().accepted
	if _, err := client3(t, i.clientConfig()).Get("https://" + udp + "/"); !notServed(err) {
		t.Errorf("a new connection failed with %v, want that it was refused", err)
	}
	close(finish)
	if got := <-status; got != http.StatusOK {
		t.Errorf("the request under way was answered %d, want 200", got)
	}
	<-drained
}

func TestHTTP3DrainClosesWhatIsLeft(t *testing.T) {
	i := testCertificate(t)
	begun := make(chan struct{})
	s, _, udp := startQUIC(t, Options{TLS: i.serverConfig(), QuietTime: time.Millisecond, Handler: handlerFunc(func(r *message.Request, _ message.Responder) {
		close(begun)
		<-r.Context.Done()
	})})
	c := client3(t, i.clientConfig())
	failed := make(chan error, 1)
	go func() {
		answer, err := c.Get("https://" + udp)
		if err == nil {
			_ = answer.Body.Close()
		}
		failed <- err
	}()
	<-begun
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Drain(ctx); err == nil || err.Error() != "1 connections were closed before they had ended" {
		t.Errorf("draining said %v, want that a connection was closed", err)
	}
	if err := <-failed; err == nil {
		t.Error("the client was answered")
	}
}

func TestServeHTTP3Errors(t *testing.T) {
	i := testCertificate(t)
	s, _, _ := startQUIC(t, Options{TLS: i.serverConfig()})
	for _, test := range []struct {
		name string
		in   *Server
		want error
	}{
		{"a second socket", s, errSecondSocket},
		{"no TLS", New(Options{Log: discard}), errNoTLS},
	} {
		socket := newPackets(t)
		if err := test.in.ServeHTTP3(socket); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
		if _, err := socket.WriteTo(nil, socket.LocalAddr()); err == nil {
			t.Errorf("%s: the socket is open", test.name)
		}
	}
	over := New(Options{Log: discard, TLS: i.serverConfig()})
	_ = over.Close()
	if err := over.ServeHTTP3(newPackets(t)); err == nil && over.quic.Load() != nil {
		t.Errorf("a server that has ended serves: %v", err)
	}
	broken := New(Options{Log: discard, TLS: i.serverConfig()})
	socket := newPackets(t)
	_ = socket.Close()
	if err := broken.ServeHTTP3(socket); err == nil {
		t.Error("a closed socket was served")
	}
	_ = broken.Close()
}
