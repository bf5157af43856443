package client

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/message"
)

// BenchmarkExchange measures a request and its answer on a kept connection over
// loopback, with what the backend costs.
func BenchmarkExchange(b *testing.B) {
	for _, size := range []int{11, 10 << 10, 1 << 20} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			text := []byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Mon, 23 Nov 2026 06:00:00 GMT\r\nServer: raw\r\nContent-Length: " +
				strconv.Itoa(size) + "\r\n\r\n" + strings.Repeat("x", size))
			url := backend(b, func(c net.Conn, r *bufio.Reader) {
				for skipHead(r) {
					_, _ = c.Write(text)
				}
			})
			exchanges(b, call(b, "GET", url+"/orders/42?expand=lines"), make([]byte, 64<<10))
		})
	}
}

// loop is a connection whose backend says the same again and again.
type loop struct {
	tape
	text []byte
}

// Write begins the answer anew.
func (l *loop) Write(p []byte) (int, error) {
	l.rest = l.text
	return len(p), nil
}

// BenchmarkExchangeInMemory is the same without a network: what the engine itself
// costs.
func BenchmarkExchangeInMemory(b *testing.B) {
	c := &loop{text: []byte(smallAnswer)}
	c.piece = 1 << 20
	g := newRig(b, Options{Clock: clock.System(), Dial: func(context.Context, netip.AddrPort) (net.Conn, error) { return c, nil }})
	exchangesOf(b, g, call(b, "GET", "http://127.0.0.1:1/orders/42?expand=lines"), make([]byte, 64<<10))
}

// BenchmarkExchangeWithBody is the same with a body that is at hand.
func BenchmarkExchangeWithBody(b *testing.B) {
	small := []byte(smallAnswer)
	url := backend(b, func(c net.Conn, r *bufio.Reader) {
		for skipHead(r) {
			_, _ = r.Discard(512)
			_, _ = c.Write(small)
		}
	})
	c := call(b, "POST", url+"/orders")
	c.Request.Body.SetStream(&zeroSource, 512)
	exchanges(b, c, make([]byte, 64<<10))
}

// exchanges makes one exchange after the other.
func exchanges(b *testing.B, c *Call, buffer []byte) {
	b.Helper()
	exchangesOf(b, newRig(b, Options{Clock: clock.System()}), c, buffer)
}

// exchangesOf makes them by a client.
func exchangesOf(b *testing.B, g *rig, c *Call, buffer []byte) {
	b.Helper()
	g.poison = false
	c.Request.Header.Add(message.Accept, "application/json")
	c.Request.Header.Add(message.AcceptEncoding, "gzip")
	c.Request.Header.Add(message.UserAgent, "bench/1.0")
	c.Request.Header.Add(message.XRequestID, "0123456789")
	c.Deadline = clock.System().Now().Add(patience * 100)
	b.ReportAllocs()
	for b.Loop() {
		if c.Request.Body.Present() {
			c.Request.Body.SetStream(&zeroSource, 512)
			zeroSource.left = 512
		}
		x, err := g.Do(c)
		if err != nil {
			b.Fatal(err)
		}
		for {
			if _, err := x.Read(buffer); err != nil {
				break
			}
		}
		_ = x.Close()
		c.Response.Reset()
		x.Free()
	}
}

// zeroSource is the body of a benchmark, used again and again.
var zeroSource zeros

// zeros is a body of zeros.
type zeros struct{ left int }

func (z *zeros) Read(p []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := min(len(p), z.left)
	z.left -= n
	return n, nil
}

func (z *zeros) Close() error { return nil }
