package client

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/message"
)

// scripted runs a backend that answers each request with the same bytes, and
// keeps the connection unless it is told to close it.
func scripted(tb testing.TB, text string, close bool) string {
	tb.Helper()
	return backend(tb, func(c net.Conn, r *bufio.Reader) {
		for skipHead(r) {
			_, _ = io.WriteString(c, text)
			if close {
				return
			}
		}
	})
}

// TestAnswers reads answers of all kinds, twice each, and looks whether the
// second came over the connection of the first.
func TestAnswers(t *testing.T) {
	const length2 = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
	tests := []struct {
		name   string
		method string
		text   string
		close  bool
		want   answer
		dials  int64
	}{
		{name: "length", text: length2 + "\r\nok", want: answer{200, "", "ok", ""}, dials: 1},
		{name: "fields", text: length2 + "X-a:  1 \r\nx-A: 2\r\nDATE: x\r\n\r\nok", want: answer{200, "X-a: 1\nx-A: 2\nDATE: x\n", "ok", ""}, dials: 1},
		{name: "fields of the connection", text: length2 + "Connection: keep-alive, X-Mine\r\nKeep-Alive: 5\r\nX-Mine: 1\r\nX-Yours: 2\r\n\r\nok",
			want: answer{200, "X-Yours: 2\n", "ok", ""}, dials: 1},
		{name: "empty", text: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", want: answer{status: 200}, dials: 1},
		{name: "no phrase", text: "HTTP/1.1 204\r\n\r\n", want: answer{status: 204}, dials: 1},
		{name: "not modified", text: "HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n", want: answer{status: 304}, dials: 1},
		{name: "HEAD", method: "HEAD", text: "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", want: answer{status: 200}, dials: 1},
		{name: "HEAD of chunks", method: "HEAD", text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", want: answer{status: 200}, dials: 1},
		{name: "chunks", text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nok\r\n3\r\n, o\r\n1\r\nk\r\n0\r\n\r\n", want: answer{200, "", "ok, ok", ""}, dials: 1},
		{name: "trailer", text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 42\r\nContent-Length: 1\r\n\r\n",
			want: answer{status: 200, body: "ok"}, dials: 2},
		{name: "trailer that may be", text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 42\r\n\r\n",
			want: answer{200, "", "ok", "X-Sum: 42\n"}, dials: 1},
		{name: "until the end of the connection", text: "HTTP/1.1 200 OK\r\n\r\nok", close: true, want: answer{200, "", "ok", ""}, dials: 2},
		{name: "close", text: length2 + "Connection: Close\r\n\r\nok", want: answer{200, "", "ok", ""}, dials: 2},
		{name: "HTTP/1.0", text: "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", want: answer{200, "", "ok", ""}, dials: 2},
		{name: "closes without a word", text: length2 + "\r\nok", close: true, want: answer{200, "", "ok", ""}, dials: 2},
		{name: "more than it says", text: length2 + "\r\nokHTTP/1.1 500 Evil\r\n\r\n", want: answer{200, "", "ok", ""}, dials: 2},
		{name: "one byte more", text: length2 + "\r\nok\n", want: answer{200, "", "ok", ""}, dials: 2},
		{name: "body of a HEAD", method: "HEAD", text: length2 + "\r\nok", want: answer{status: 200}, dials: 2},
		{name: "body of a 204", text: "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok", want: answer{status: 204}, dials: 2},
		{name: "bytes behind the chunks", text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nx", want: answer{status: 200}, dials: 2},
		{name: "interim", text: "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + length2 + "\r\nok",
			want: answer{200, "", "ok", ""}, dials: 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newRig(t, Options{})
			url := scripted(t, test.text, test.close)
			for range 2 {
				method := test.method
				if method == "" {
					method = "GET"
				}
				got, err := g.do(call(t, method, url))
				if test.name == "trailer" {
					// What frames the message may not come behind it: the body breaks off.
					if err == nil {
						t.Error("a trailer with a Content-Length was taken")
					}
					continue
				}
				if err != nil || got != test.want {
					t.Errorf("got %+v, %v; want %+v", got, err, test.want)
				}
			}
			if n := g.dials.Load(); n != test.dials {
				t.Errorf("%d connections, want %d", n, test.dials)
			}
		})
	}
}

// TestBrokenAnswers are answers that fail, and end their connection.
func TestBrokenAnswers(t *testing.T) {
	fields := strings.Repeat("X: 1\r\n", 1001)
	tests := []struct{ name, text string }{
		{"nothing", ""},
		{"not HTTP", "220 smtp\r\n\r\n"},
		{"HTTP/2", "HTTP/2.0 200 OK\r\n\r\n"},
		{"half a head", "HTTP/1.1 200 OK\r\nA: "},
		{"bare line feeds", "HTTP/1.1 200 OK\nContent-Length: 0\n\n"},
		{"space before the colon", "HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n"},
		{"folded field", "HTTP/1.1 200 OK\r\nA: 1\r\n b\r\nContent-Length: 0\r\n\r\n"},
		{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"},
		{"negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"},
		{"length and chunks", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
		{"unknown coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
		{"chunks of HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
		{"too many fields", "HTTP/1.1 200 OK\r\n" + fields + "\r\n"},
		{"too long", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 300<<10) + "\r\n\r\n"},
		{"too many interim answers", strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", MaxInterim+1) + smallAnswer},
		{"protocol changed unasked", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"},
		{"short body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"},
		{"short chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"},
		{"bad chunk size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n"},
		{"chunk longer than its size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newRig(t, Options{})
			url := scripted(t, test.text, true)
			for range 2 {
				c := call(t, "GET", url)
				got, err := g.do(c)
				if err == nil {
					t.Errorf("taken for the answer %+v", got)
				}
				if c.Response.Upgraded != nil {
					t.Error("there is a connection that changed its protocol")
				}
			}
			if n := g.dials.Load(); n != 2 {
				t.Errorf("%d connections, want 2", n)
			}
		})
	}
}

// informer is a function as an Informer.
type informer func(status int, header *message.Header) error

func (f informer) Inform(status int, header *message.Header) error { return f(status, header) }

// TestInformFails ends the exchange with the failure of whoever is told.
func TestInformFails(t *testing.T) {
	g := newRig(t, Options{})
	c := call(t, "GET", scripted(t, "HTTP/1.1 103 Early Hints\r\n\r\n"+smallAnswer, false))
	failed := errors.New("nobody there")
	c.Informer = informer(func(int, *message.Header) error { return failed })
	if got, err := g.do(c); !errors.Is(err, failed) || c.Response.Status != 0 {
		t.Errorf("got %+v, %v; want %v", got, err, failed)
	}
}

// TestInform hands interim answers on.
func TestInform(t *testing.T) {
	g := newRig(t, Options{})
	c := call(t, "GET", scripted(t, "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"+smallAnswer, false))
	var told []string
	c.Informer = informer(func(status int, h *message.Header) error {
		told = append(told, fmt.Sprint(status, " ", lines(h)))
		return nil
	})
	g.want(t, c, `{"ok":true}`)
	if diff := cmp.Diff([]string{"103 Link: a\n"}, told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	if c.Response.Header.Len() != 4-1 {
		t.Errorf("the answer has the fields %q", lines(&c.Response.Header))
	}
}

// TestClosingEarly gives an answer up before its end: the connection stays where
// the rest has come already, and is closed otherwise.
func TestClosingEarly(t *testing.T) {
	tests := []struct {
		name, text string
		dials      int64
	}{
		{"small", smallAnswer, 1},
		{"large", "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + strings.Repeat("x", 1000000), 2},
		{"chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 2},
		{"small, with more behind it", smallAnswer + "x", 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newRig(t, Options{})
			url := scripted(t, test.text, false)
			for range 2 {
				c := call(t, "GET", url)
				x, err := g.Do(c)
				if err != nil {
					t.Fatal(err)
				}
				_ = c.Response.Discard()
				_ = x.Close()
				if n, err := x.Read(make([]byte, 1)); n > 0 || err == nil {
					t.Error("read from an exchange that is over")
				}
				x.Free()
			}
			if n := g.dials.Load(); n != test.dials {
				t.Errorf("%d connections, want %d", n, test.dials)
			}
		})
	}
}

// TestViewsLastUntilFree reads the head after the body has been read and the
// connection has been used by another exchange.
func TestViewsLastUntilFree(t *testing.T) {
	var n atomic.Int64
	url := backend(t, func(c net.Conn, r *bufio.Reader) {
		for skipHead(r) {
			_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nX-N: number %d\r\nTransfer-Encoding: chunked\r\n\r\n%s0\r\n\r\n", n.Add(1), strings.Repeat("4\r\nxxxx\r\n", 5000))
		}
	})
	g := newRig(t, Options{})
	first := call(t, "GET", url)
	x, err := g.Do(first)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, x); n != 20000 || err != nil {
		t.Fatal(n, err)
	}
	_ = x.Close()
	if _, err := g.do(call(t, "GET", url)); err != nil {
		t.Fatal(err)
	}
	value, _ := first.Response.Header.Get(message.NameOf("x-n"))
	if value != "number 1" || g.dials.Load() != 1 {
		t.Errorf("the field is %q after %d connections", value, g.dials.Load())
	}
	x.Free()
	if strings.Contains(value, "number") {
		t.Error("freed memory was not overwritten: the tests would not find who still has a view of it")
	}
}
