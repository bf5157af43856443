package listen

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/gateway/http1"
	"github.com/sallyport/sallyport/internal/message"
)

// peer is what requests of HTTP/2 and HTTP/3 need to know of the connection that
// they come over.
type peer struct {
	server   *Server
	client   netip.AddrPort
	secure   *secure // nil on a plain connection
	protocol message.Protocol
}

// conn is a client's connection of HTTP/2 as the engine sees it. On a TLS
// connection it carries the clear text.
type conn struct {
	net.Conn
	peer
	raw     net.Conn // the socket
	early   []byte   // what has been read before
	preface int      // bytes of the preface that have come
	follows settings
	calm    calm
	frames  *bufio.Reader
	written time.Time
	touched atomic.Bool // the client has sent something

	closeOnce sync.Once
	closeErr  error
}

// frameBuffer is how many bytes are read ahead of frames.
const frameBuffer = 4 << 10

// peerKey is the key of a peer in the context of its requests.
type peerKey struct{}

// peerOf returns the peer of a request.
func peerOf(ctx context.Context) *peer {
	p, _ := ctx.Value(peerKey{}).(*peer)
	return p
}

// withPeer returns a context for the requests of a connection of HTTP/2.
func withPeer(ctx context.Context, c net.Conn) context.Context {
	own, ok := c.(*conn)
	if !ok {
		return ctx
	}
	return context.WithValue(ctx, peerKey{}, &own.peer)
}

// errPreface is the end of a connection that was to be one of HTTP/2.
var errPreface = errors.New("reading: the connection preface of HTTP/2 is malformed")

// Read reads from the client.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.fill(p)
	if n == 0 {
		return 0, err
	}
	if !c.touched.Load() {
		c.touched.Store(true)
	}
	rest := p[:n]
	for len(rest) > 0 && c.preface < len(preface) {
		if rest[0] != preface[c.preface] {
			c.server.noteRefusal(c.client, http1.RefusedPreface)
			return 0, &net.OpError{Op: "read", Net: "tcp", Addr: c.RemoteAddr(), Err: errPreface}
		}
		c.preface++
		rest = rest[1:]
	}
	c.follows.follow(rest)
	return n, err
}

// preface is what a client of HTTP/2 sends first (RFC 9113 §3.4).
const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

// fill reads what the client has sent.
func (c *conn) fill(p []byte) (int, error) {
	if len(c.early) > 0 {
		n := copy(p, c.early)
		c.early = c.early[n:]
		return n, nil
	}
	// The engine reads the nine bytes of a frame's header, then the rest.
	if c.frames == nil {
		c.frames = bufio.NewReaderSize(c.Conn, frameBuffer)
	}
	if len(p) < frameHeaderBytes || !c.follows.between() {
		return c.frames.Read(p)
	}
	header, err := c.frames.Peek(frameHeaderBytes)
	if err != nil {
		return c.frames.Read(p) // What there is of it, or why there is nothing.
	}
	many := c.calm.tooMany(header, c.server.clock.Now)
	n, err := c.frames.Read(p[:frameHeaderBytes])
	if many {
		c.calm.over.Store(true)
		endAtOnce(p)
		c.server.noteRefusal(c.client, http1.RefusedFrames)
	}
	return n, err
}

// Write writes to the client, and fails when nothing has moved for between
// WriteTimeout and 5/4 of it.
func (c *conn) Write(p []byte) (int, error) {
	if now := time.Now(); now.Sub(c.written) > WriteTimeout/4 {
		c.written = now
		_ = c.Conn.SetWriteDeadline(now.Add(WriteTimeout + WriteTimeout/4)) // Fails on a closed connection; so will the write.
	}
	return c.Conn.Write(c.calm.sent(p))
}

// Close closes the connection.
func (c *conn) Close() error {
	c.closeOnce.Do(func() {
		c.closeErr = c.Conn.Close()
		c.server.forget(c.raw)
	})
	return c.closeErr
}

// secure is what is known of a TLS connection.
type secure struct {
	message.TLS
	covers func(host string) bool // whether the server's certificate is for a host
	site   *site                  // nil where there are no hosts to choose from
}

// serves reports whether a request for a host may come over this connection.
// It may not where the client has asked for a certificate of another one:
// what was decided for that one (which certificate, which client) would be
// taken for decided here.
func (s *secure) serves(host string) bool {
	switch {
	case s == nil:
		return true
	case s.ServerName != "" && message.EqualFold(s.ServerName, host):
		return true
	case s.site != nil && !s.site.admits(host, len(s.PeerCertificates) > 0):
		return false
	default:
		return s.ServerName == "" || s.covers(host)
	}
}
