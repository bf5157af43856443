package listen

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/message"
)

// conn is a client's connection as the engine sees it. What it reads has been
// checked; a request that is refused is answered here and never reaches the
// engine. On a TLS connection it carries the clear text.
type conn struct {
	net.Conn
	raw     net.Conn // the socket
	server  *Server
	client  netip.AddrPort
	secure  *secure // nil on a plain connection
	scanner scanner
	// ahead holds what a client has sent after the end of a message. The engine
	// gets it when it asks for the next one.
	ahead   []byte
	frames  *bufio.Reader // of a connection of HTTP/2
	refused *Refusal
	told    bool // the client has been told of refused
	served  int  // heads that the engine has been through
	phrase  string
	touched atomic.Bool // the client has sent something

	mu        sync.Mutex
	aborted   bool // the engine has interrupted reading
	limited   bool // BodyTimeout runs
	written   time.Time
	closeOnce sync.Once
	closeErr  error
}

// frameBuffer is how many bytes are read ahead of frames.
const frameBuffer = 4 << 10

// connKey is the key of a connection in the context of its requests.
type connKey struct{}

// connOf returns the connection of a request.
func connOf(ctx context.Context) *conn {
	c, _ := ctx.Value(connKey{}).(*conn)
	return c
}

// nextHead returns the head of the request that the engine has just read. It
// is valid until the request has been answered.
func (c *conn) nextHead() *head {
	h := &c.scanner.heads[c.served&1]
	c.served++
	return h
}

// Read reads checked bytes.
func (c *conn) Read(p []byte) (int, error) {
	if c.scanner.state == passing && len(c.ahead) == 0 {
		return c.Conn.Read(p)
	}
	for {
		if c.refused != nil {
			return c.refuse()
		}
		n, err := c.fill(p)
		if n == 0 {
			return 0, c.readFailed(err)
		}
		if out := c.check(p[:n]); out > 0 {
			return out, nil
		}
	}
}

// fill reads what the client has sent.
func (c *conn) fill(p []byte) (int, error) {
	if len(c.ahead) > 0 {
		n := copy(p, c.ahead)
		if c.ahead = c.ahead[n:]; len(c.ahead) == 0 {
			c.ahead = nil
		}
		return n, nil
	}
	switch {
	case c.scanner.inBody():
		c.limitRead()
	case c.scanner.state == inFrames:
		// The engine reads the nine bytes of a frame's header, then the rest.
		if c.frames == nil {
			c.frames = bufio.NewReaderSize(c.Conn, frameBuffer)
		}
		return c.frames.Read(p)
	}
	return c.Conn.Read(p)
}

// check checks bytes and returns how many of them, at the beginning of p, are
// for the engine.
func (c *conn) check(p []byte) int {
	if !c.touched.Load() {
		c.touched.Store(true)
	}
	out, used, refused := c.scanner.scan(p)
	if refused != nil {
		c.refused = refused
		c.server.noteRefusal(c, refused)
		if out == 0 && (c.scanner.state == atStart || c.scanner.state == afterCR) {
			// The engine may still be serving the request before, and be looking
			// for the connection's end with this read. It gets one byte, which
			// makes no request, so that what is being served is not given up.
			p[0] = p[used]
			return 1
		}
		return out
	}
	if used < len(p) {
		c.ahead = append(append(make([]byte, 0, len(p)-used+len(c.ahead)), p[used:]...), c.ahead...)
	}
	if c.limited && !c.scanner.inBody() {
		c.unlimitRead()
	}
	return out
}

// readFailed turns the failure to read into what the engine is told.
func (c *conn) readFailed(err error) error {
	switch {
	case err == nil:
		return io.ErrNoProgress
	case errors.Is(err, os.ErrDeadlineExceeded) && c.scanner.state == inHead && len(c.scanner.text) > 1:
		c.refused = refusedSlowHead
		c.server.noteRefusal(c, refusedSlowHead)
		_, err = c.refuse()
	}
	return err
}

// refuse tells the client why its request is not served. About a body the
// engine is told, because an answer may be under way.
func (c *conn) refuse() (int, error) {
	if c.scanner.inBody() {
		return 0, c.refused
	}
	// An answer of HTTP/1 means nothing to who speaks something else, such as
	// HTTP/2 with a false preface: the end of the connection does.
	if !c.told && c.scanner.http2 != mustHTTP2 && c.refused != refusedProtocol {
		// A client that is gone needs no answer.
		_, _ = c.Conn.Write(c.refused.answer(c.server.clock.Now()))
	}
	c.told = true
	// With this error the engine closes the connection and says nothing.
	return 0, &net.OpError{Op: "read", Net: "tcp", Addr: c.RemoteAddr(), Err: c.refused}
}

// limitRead bounds the time to wait for a body's next bytes, unless the engine
// has interrupted reading.
func (c *conn) limitRead() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.aborted {
		c.limited = true
		_ = c.Conn.SetReadDeadline(time.Now().Add(BodyTimeout)) // Fails on a closed connection; so will the read.
	}
}

// unlimitRead ends what limitRead began.
func (c *conn) unlimitRead() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.limited = false
	if !c.aborted {
		_ = c.Conn.SetReadDeadline(time.Time{}) // As above.
	}
}

// SetReadDeadline bounds reading. A time that has passed interrupts it.
func (c *conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.aborted = !t.IsZero() && t.Before(time.Now())
	return c.Conn.SetReadDeadline(t)
}

// SetDeadline bounds reading and writing.
func (c *conn) SetDeadline(t time.Time) error {
	c.written = time.Time{}
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.Conn.SetWriteDeadline(t)
}

// Write writes to the client, and fails when nothing has moved for between
// WriteTimeout and 5/4 of it.
func (c *conn) Write(p []byte) (int, error) {
	if now := time.Now(); now.Sub(c.written) > WriteTimeout/4 {
		c.written = now
		_ = c.Conn.SetWriteDeadline(now.Add(WriteTimeout + WriteTimeout/4)) // Fails on a closed connection; so will the write.
	}
	switch {
	case c.told:
		// The engine takes the line that it got a part of for a whole one, and
		// has something to say about it as well.
		return len(p), nil
	case c.phrase != "":
		return c.writeWithPhrase(p)
	}
	return c.Conn.Write(p)
}

// statusLineBytes is the length of a status line before its reason phrase.
const statusLineBytes = len("HTTP/1.1 200 ")

// writeWithPhrase writes the beginning of an answer with a reason phrase that
// the engine cannot write.
func (c *conn) writeWithPhrase(p []byte) (int, error) {
	end := bytes.Index(p, []byte("\r\n"))
	if end < statusLineBytes || !bytes.HasPrefix(p, []byte("HTTP/1.")) || p[len("HTTP/1.1 ")] == '1' {
		return c.Conn.Write(p)
	}
	b := append(make([]byte, 0, len(p)+len(c.phrase)), p[:statusLineBytes]...)
	b = append(append(b, c.phrase...), p[end:]...)
	c.phrase = ""
	if n, err := c.Conn.Write(b); err != nil {
		return min(n, len(p)), err
	}
	return len(p), nil
}

// CloseWrite ends the direction to the client.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// Close closes the connection. After a refusal it first lets the client read
// it: closing with bytes unread would take it back.
func (c *conn) Close() error {
	c.closeOnce.Do(func() {
		if c.refused != nil && c.CloseWrite() == nil {
			_ = c.Conn.SetReadDeadline(time.Now().Add(LingerTime)) // As above.
			_, _ = io.CopyN(io.Discard, c.Conn, MaxLingerBytes)
		}
		c.closeErr = c.Conn.Close()
		c.server.forget(c.raw)
	})
	return c.closeErr
}

// pass makes the connection one that is not HTTP any more. It reports whether
// all that has been read so far is in order.
func (c *conn) pass() bool {
	c.scanner.state = passing
	return c.refused == nil
}

// secure is what is known of a TLS connection.
type secure struct {
	message.TLS
	covers func(host string) bool // whether the server's certificate is for a host
}

// serves reports whether a request for a host may come over this connection.
// It may not where the client has asked for a certificate of another one:
// what was decided for that one (which certificate, which client) would be
// taken for decided here.
func (s *secure) serves(host string) bool {
	return s == nil || s.ServerName == "" || message.EqualFold(s.ServerName, host) || s.covers(host)
}
