package server

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/gateway/http1"
	"github.com/sallyport/sallyport/internal/message"
)

const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

// TestTimeouts advances a clock until what a client keeps waiting for is given
// up. Before that nothing has ended.
func TestTimeouts(t *testing.T) {
	tests := []struct {
		name, sent string
		status     int // 0 where nothing is said
	}{
		{"nothing is sent", "", 0},
		{"nothing follows a request", get, 0},
		{"head", "GET / HT", 408},
		{"head after an empty line", "\r\n", 408},
		{"body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na", 408},
		{"chunks", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na", 408},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := start(t, handlerFunc(echo))
			c := g.dial(t)
			c.send(test.sent)
			if test.sent == get {
				c.answer()
			}
			done := make(chan struct{})
			go func() {
				defer close(done)
				if test.status == 0 {
					if !c.ended() {
						t.Error("the connection has not ended")
					}
					return
				}
				if status, _, closes := c.answer(); status != test.status || !closes {
					t.Errorf("answered %d, closing %v, want %d and closing", status, closes, test.status)
				}
			}()
			// The clock moves slowly enough for the server to say something between
			// two of its limits.
			pause := time.NewTicker(time.Millisecond)
			defer pause.Stop()
			for {
				select {
				case <-done:
					return
				case <-pause.C:
					g.clock.Advance(IdleTimeout / 100)
				}
			}
		})
	}
}

func TestPipelining(t *testing.T) {
	g := start(t, handlerFunc(echo))
	c := g.dial(t)
	var sent, want strings.Builder
	for i := range 200 {
		switch i % 3 {
		case 0:
			fmt.Fprintf(&sent, "GET /%d HTTP/1.1\r\nHost: a\r\nX: %s\r\n\r\n", i, strings.Repeat("x", i*20))
			fmt.Fprintf(&want, "GET a/%d\nX: %s\n|", i, strings.Repeat("x", i*20))
		case 1:
			fmt.Fprintf(&sent, "POST /%d HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", i, i*30, strings.Repeat("b", i*30))
			fmt.Fprintf(&want, "POST a/%d\n%s|", i, strings.Repeat("b", i*30))
		default:
			fmt.Fprintf(&sent, "PUT /%d HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n%x\r\n%s\r\n0\r\n\r\n", i, i*40, strings.Repeat("c", i*40))
			fmt.Fprintf(&want, "PUT a/%d\nabc%s|", i, strings.Repeat("c", i*40))
		}
	}
	go func() { _, _ = io.WriteString(c, sent.String()) }()
	var got strings.Builder
	for range 200 {
		_, body, _ := c.answer()
		got.WriteString(body + "|")
	}
	if diff := cmp.Diff(want.String(), got.String()); diff != "" {
		t.Errorf("what the handler saw (-want +got):\n%s", diff[:min(len(diff), 2000)])
	}
}

func TestHalfClosedClientIsAnswered(t *testing.T) {
	g := start(t, handlerFunc(echo))
	c := g.dial(t)
	c.send(get + get)
	_ = c.CloseWrite()
	for range 2 {
		if status, _, _ := c.answer(); status != 200 {
			t.Errorf("answered %d, want 200", status)
		}
	}
	if !c.ended() {
		t.Error("the connection has not ended")
	}
}

func TestHalfClosedClientIsGivenUp(t *testing.T) {
	begun, over := make(chan struct{}), make(chan struct{})
	g := start(t, handlerFunc(func(r *message.Request, _ message.Responder) {
		close(begun)
		<-r.Context.Done()
		close(over)
	}))
	c := g.dial(t)
	c.send(get)
	_ = c.CloseWrite()
	<-begun
	for passed := ProbeInterval; ; passed += ProbeInterval {
		g.clock.Advance(ProbeInterval)
		select {
		case <-over:
			if passed <= HalfCloseTime {
				t.Errorf("given up after %v, want more than %v", passed, HalfCloseTime)
			}
			return
		default:
			runtime.Gosched()
		}
	}
}

func TestBodyThatNobodyWants(t *testing.T) {
	tests := []struct {
		name  string
		bytes int
		stays bool
	}{{"short", 1000, true}, {"longer than is thrown away", MaxDiscard + 1, false}}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := start(t, handlerFunc(func(_ *message.Request, w message.Responder) {
				_, _ = w.Respond(&message.Response{Status: 413})
			}))
			c := g.dial(t)
			go func() {
				_, _ = fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", test.bytes, strings.Repeat("x", test.bytes))
				_, _ = io.WriteString(c, get) // Fails where the connection has ended.
			}()
			status, _, closes := c.answer()
			if status != 413 || closes == test.stays {
				t.Errorf("answered %d, closing %v, want 413 and %v", status, closes, !test.stays)
			}
			if test.stays {
				if status, _, _ := c.answer(); status != 413 {
					t.Errorf("then answered %d, want 413", status)
				}
			}
		})
	}
}

func TestContinue(t *testing.T) {
	g := start(t, handlerFunc(echo))
	c := g.dial(t)
	c.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
	line, _ := c.in.ReadString('\n')
	if line != "HTTP/1.1 100 Continue\r\n" {
		t.Fatalf("told %q, want to go on", line)
	}
	_, _ = c.in.ReadString('\n')
	c.send("abc" + get)
	for range 2 {
		if status, _, _ := c.answer(); status != 200 {
			t.Errorf("answered %d, want 200", status)
		}
	}
}

func TestContinueIsNotSaidToABodyThatNobodyWants(t *testing.T) {
	g := start(t, handlerFunc(func(_ *message.Request, w message.Responder) { _, _ = w.Respond(&message.Response{Status: 401}) }))
	c := g.dial(t)
	c.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
	if status, _, closes := c.answer(); status != 401 || !closes {
		t.Errorf("answered %d, closing %v, want 401 and closing", status, closes)
	}
}

func TestPanicBreaksTheExchangeOff(t *testing.T) {
	g := start(t, handlerFunc(func(*message.Request, message.Responder) { panic("on purpose") }))
	c := g.dial(t)
	c.send(get)
	if !c.ended() {
		t.Error("the client was told something")
	}
}

func TestRefusalIsTold(t *testing.T) {
	g := start(t, handlerFunc(echo))
	c := g.dial(t)
	c.send("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
	if status, _, closes := c.answer(); status != 400 || !closes {
		t.Errorf("answered %d, closing %v, want 400 and closing", status, closes)
	}
	if got := g.refused.Load(); got != http1.RefusedBoth {
		t.Errorf("refused with %v", got)
	}
}
