package client

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/message"
)

// silent runs a backend that takes requests and never answers. It tells when a
// request has come, and when its connection has ended.
func silent(tb testing.TB, first string) (url string, begun, gone chan struct{}) {
	tb.Helper()
	begun, gone = make(chan struct{}, 100), make(chan struct{}, 100)
	return backend(tb, func(c net.Conn, r *bufio.Reader) {
		skipHead(r)
		_, _ = io.WriteString(c, first)
		begun <- struct{}{}
		_, _ = io.Copy(io.Discard, r)
		gone <- struct{}{}
	}), begun, gone
}

// TestDeadline ends a call whose answer has not begun when it should have,
// however far it has come, and not a moment earlier.
func TestDeadline(t *testing.T) {
	const wait = 5 * time.Second
	for _, first := range []string{"", "HTTP/1.1 200 OK\r\nContent-", "HTTP/1.1 103 Early Hints\r\n\r\n"} {
		url, begun, gone := silent(t, first)
		g := newRig(t, Options{})
		c := call(t, "GET", url)
		c.Deadline = g.clock.Now().Add(wait)
		failed := make(chan error, 1)
		go func() {
			_, err := g.do(c)
			failed <- err
		}()
		<-begun
		g.clock.Advance(wait - 1)
		select {
		case err := <-failed:
			t.Errorf("%q: failed too early: %v", first, err)
		case <-time.After(10 * time.Millisecond):
			g.clock.Advance(1)
		}
		if err := <-failed; !errors.Is(err, ErrTimeout) {
			t.Errorf("%q: %v, want ErrTimeout", first, err)
		}
		<-gone
	}
}

// TestDeadlineIsForTheHeadOnly lets a body take its time, unless there is a
// BodyTimeout.
func TestDeadlineIsForTheHeadOnly(t *testing.T) {
	for _, limit := range []time.Duration{0, time.Minute} {
		more := make(chan struct{})
		url := backend(t, func(c net.Conn, r *bufio.Reader) {
			skipHead(r)
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nla")
			<-more
			_, _ = io.WriteString(c, "te")
		})
		g := newRig(t, Options{BodyTimeout: limit})
		c := call(t, "GET", url)
		c.Deadline = g.clock.Now().Add(time.Second)
		x, err := g.Do(c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(x, make([]byte, 2)); err != nil {
			t.Fatal(err)
		}
		read := make(chan error, 1)
		go func() {
			_, err := io.ReadFull(x, make([]byte, 2))
			read <- err
		}()
		if limit == 0 {
			g.clock.Advance(time.Hour)
			close(more)
			if err := <-read; err != nil {
				t.Errorf("a body that took an hour: %v", err)
			}
		} else {
			waitUntil(t, func() bool {
				g.clock.Advance(limit)
				select {
				case err = <-read:
					return true
				default:
					return false
				}
			})
			close(more)
			if !errors.Is(err, ErrBodyTimeout) {
				t.Errorf("a body that stopped: %v, want ErrBodyTimeout", err)
			}
		}
		x.Free()
	}
}

// TestGivenUp ends a call whose context ends: in that moment where it is watched,
// otherwise when the connection next looks.
func TestGivenUp(t *testing.T) {
	for _, watched := range []bool{true, false} {
		giveUp(t, watched)
	}
}

func giveUp(t *testing.T, watched bool) {
	t.Helper()
	url, begun, gone := silent(t, "")
	g := newRig(t, Options{})
	c := call(t, "GET", url)
	ctx, cancel := context.WithCancel(t.Context())
	c.Request.Context, c.Watch = ctx, watched
	failed := make(chan error, 1)
	go func() {
		_, err := g.do(c)
		failed <- err
	}()
	<-begun
	cancel()
	if !watched {
		g.clock.Advance(LookEvery)
	}
	if err := <-failed; !errors.Is(err, ErrGone) {
		t.Errorf("watched %v: %v, want ErrGone", watched, err)
	}
	<-gone
}

// TestGivenUpUnderTheAnswer is no failure of the backend.
func TestGivenUpUnderTheAnswer(t *testing.T) {
	url, _, gone := silent(t, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nla")
	g := newRig(t, Options{})
	c := call(t, "GET", url)
	ctx, cancel := context.WithCancel(t.Context())
	c.Request.Context, c.Watch = ctx, true
	x, err := g.Do(c)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	_, err = io.ReadAll(x)
	if _, ok := errors.AsType[*message.ClientError](err); !ok {
		t.Errorf("failed with %v", err)
	}
	<-gone
	x.Free()
}

// TestLateLook is a deadline that fires when its exchange is over: it does not
// hit the next one.
func TestLateLook(t *testing.T) {
	g := newRig(t, Options{})
	url := scripted(t, smallAnswer, false)
	g.want(t, call(t, "GET", url), `{"ok":true}`)
	c := g.all()[0].idle[0]
	c.look()
	c.interrupt(hitGone)
	if c.state != resting {
		t.Errorf("a connection at rest was interrupted: %v", c.state)
	}
	c.begin(t.Context(), g.clock.Now(), g.clock.Now().Add(time.Minute))
	c.look()
	if c.interrupted() != busy {
		t.Error("an exchange was interrupted before its time")
	}
	if !c.finish() {
		t.Error("an exchange that was never interrupted is taken for one that was")
	}
	g.want(t, call(t, "GET", url), `{"ok":true}`)
	if n := g.dials.Load(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}

// TestConnectingTakesTooLong bounds connecting and the TLS handshake.
func TestConnectingTakesTooLong(t *testing.T) {
	t.Run("connecting", func(t *testing.T) {
		begun := make(chan struct{}, 1)
		g := newRig(t, Options{Dial: func(ctx context.Context, _ netip.AddrPort) (net.Conn, error) {
			begun <- struct{}{}
			<-ctx.Done()
			return nil, ctx.Err()
		}})
		for _, test := range []struct {
			deadline, wait time.Duration
			want           error
		}{{0, DefaultDialTimeout, errDialLong}, {time.Second, time.Second, ErrTimeout}} {
			c := call(t, "GET", "http://127.0.0.1:1")
			if test.deadline > 0 {
				c.Deadline = g.clock.Now().Add(test.deadline)
			}
			go func() {
				<-begun
				g.clock.Advance(test.wait)
			}()
			if _, err := g.do(c); !errors.Is(err, test.want) {
				t.Errorf("%v, want %v", err, test.want)
			}
		}
		if p := g.all()[0]; p.open != 0 {
			t.Errorf("%d connections are open", p.open)
		}
	})
	t.Run("handshake", func(t *testing.T) {
		begun := make(chan struct{}, 1)
		url := backend(t, func(_ net.Conn, r *bufio.Reader) {
			_, _ = r.ReadByte()
			begun <- struct{}{}
			_, _ = io.Copy(io.Discard, r)
		})
		g := newRig(t, Options{})
		go func() {
			<-begun
			g.clock.Advance(DefaultHandshakeTimeout)
		}()
		if _, err := g.do(call(t, "GET", "https"+url[len("http"):])); !errors.Is(err, errHandshakeLong) {
			t.Errorf("%v, want %v", err, errHandshakeLong)
		}
	})
}

// TestWritingThatIsInterrupted ends a call whose backend does not read.
func TestWritingThatIsInterrupted(t *testing.T) {
	url := backend(t, func(c net.Conn, _ *bufio.Reader) {
		_ = c.(*net.TCPConn).SetReadBuffer(4 << 10)
		<-t.Context().Done()
	})
	g := newRig(t, Options{})
	c := call(t, "POST", url)
	c.Request.Body.SetStream(&zeros{left: 64 << 20}, 64<<20)
	c.Deadline = g.clock.Now().Add(time.Second)
	go func() {
		g.clock.BlockUntil(1)
		g.clock.Advance(time.Second)
	}()
	if _, err := g.do(c); !errors.Is(err, ErrTimeout) {
		t.Errorf("%v, want ErrTimeout", err)
	}
}
