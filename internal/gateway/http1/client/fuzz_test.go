package client

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/message"
)

// tape is a connection whose backend says what is on it, in pieces, whatever it is
// sent.
type tape struct {
	rest  []byte
	piece int
	given int // bytes that have been read
}

func (c *tape) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), c.piece)], c.rest)
	c.rest = c.rest[n:]
	c.given += n
	return n, nil
}

func (c *tape) Write(p []byte) (int, error)      { return len(p), nil }
func (c *tape) Close() error                     { return nil }
func (c *tape) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (c *tape) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (c *tape) SetDeadline(time.Time) error      { return nil }
func (c *tape) SetReadDeadline(time.Time) error  { return nil }
func (c *tape) SetWriteDeadline(time.Time) error { return nil }

// standard reads an answer as the standard library does, and returns how many
// bytes it has, and the interim ones before it.
func standard(text []byte, method string) (status int, body []byte, size int, interim []int, err error) {
	source := bytes.NewReader(text)
	r := bufio.NewReader(source)
	for {
		answer, err := http.ReadResponse(r, &http.Request{Method: method})
		if err != nil {
			return 0, nil, 0, interim, err
		}
		if answer.StatusCode < 200 && answer.StatusCode != http.StatusSwitchingProtocols {
			if answer.StatusCode != http.StatusContinue {
				interim = append(interim, answer.StatusCode)
			}
			continue
		}
		body, err = io.ReadAll(answer.Body)
		return answer.StatusCode, body, len(text) - source.Len() - r.Buffered(), interim, err
	}
}

// hearing keeps the interim answers, each of which could be sent on as it is.
type hearing struct {
	t    *testing.T
	told []int
}

func (h *hearing) Inform(status int, header *message.Header) error {
	if status <= 101 || status >= 200 {
		h.t.Errorf("told of %d", status)
	}
	for _, f := range header.Fields() {
		if f.Key().ForConnection() || !message.ValidFieldName(f.Name) || !message.ValidFieldValue(f.Value) {
			h.t.Errorf("told of the field %q: %q", f.Name, f.Value)
		}
	}
	h.told = append(h.told, status)
	return nil
}

// FuzzExchange has a backend say anything. What is taken for an answer, and for
// interim ones, is what the standard library takes for it, which lets more
// through; and a connection is kept only where exactly the answer was read from
// it.
func FuzzExchange(f *testing.F) {
	for _, text := range []string{
		smallAnswer,
		smallAnswer + "HTTP/1.1 500 Evil\r\n\r\n",
		"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nConnection: close, X\r\nX: 1\r\n\r\nuntil the end",
		"HTTP/1.0 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x02hi",
	} {
		f.Add([]byte(text), uint8(0), uint16(4096))
		f.Add([]byte(text), uint8(1), uint16(1))
		f.Add([]byte(text), uint8(3), uint16(7))
	}
	fake := clock.NewFake(time.Unix(0, 0))
	resolver := NewResolver(fake, nil)
	f.Cleanup(resolver.Close)
	methods := []string{"GET", "HEAD", "POST", "GET"}
	f.Fuzz(func(t *testing.T, text []byte, kind uint8, piece uint16) {
		if len(text) > 64<<10 {
			return
		}
		c := call(t, methods[int(kind)%len(methods)], "http://127.0.0.1/")
		if int(kind)%len(methods) == 3 {
			c.Request.Upgrade = "websocket"
		}
		heard := &hearing{t: t}
		c.Informer = heard
		spoken := &tape{rest: text, piece: int(piece) + 1}
		client := New(Options{Clock: fake, Resolver: resolver, Poison: true,
			Dial: func(context.Context, netip.AddrPort) (net.Conn, error) { return spoken, nil }})
		defer client.Close()
		x, err := client.Do(c)
		if err != nil {
			if c.Response.Status != 0 || c.Response.Header.Len() > 0 || c.Response.Body.Present() {
				t.Error("there is an answer beside the failure")
			}
			return
		}
		checkExchange(t, x, c, spoken, text, heard.told)
	})
}

// checkExchange compares an answer with what the standard library makes of it.
func checkExchange(t *testing.T, x *Exchange, c *Call, spoken *tape, text []byte, told []int) {
	t.Helper()
	defer x.Free()
	status := c.Response.Status
	if status == 101 {
		if c.Request.Upgrade == "" {
			t.Error("the protocol was changed unasked")
		}
		_ = c.Response.Upgraded.Close()
		return
	}
	body, err := io.ReadAll(x)
	pool := x.client.all()[0]
	if err != nil {
		if len(pool.idle) > 0 {
			t.Errorf("a connection is kept on which an answer has failed: %v", err)
		}
		return
	}
	want, wantBody, size, interim, err := standard(text, c.Request.Method)
	if err != nil && strings.Contains(err.Error(), "multiple Content-Length") {
		return // One length in two spellings is one length.
	}
	if err != nil || status != want || !bytes.Equal(body, wantBody) {
		t.Errorf("read as %d %q, by the standard library as %d %q, %v", status, body, want, wantBody, err)
	}
	if !slices.Equal(told, interim) {
		t.Errorf("told of %v, the standard library of %v", told, interim)
	}
	if len(pool.idle) > 0 && spoken.given != size {
		t.Errorf("a connection is kept from which %d bytes were read of an answer of %d", spoken.given, size)
	}
	if errors.Is(err, io.EOF) || len(pool.idle) > 1 {
		t.Error("more than one connection")
	}
}
