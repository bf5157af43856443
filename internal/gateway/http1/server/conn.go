package server

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/sallyport/sallyport/internal/gateway/http1"
	"github.com/sallyport/sallyport/internal/gateway/http1/socket"
)

// conn is a client's connection. Its goroutine reads, serves and writes; only
// the body of a request may be read by another, while the answer is waited for.
type conn struct {
	net    net.Conn
	server *Server
	client netip.AddrPort
	from   Connection
	place  int32           // where it is parked; -1 where it is not
	raw    syscall.RawConn // of a plain socket; nil on TLS
	try    func(fd uintptr) bool
	tried  int // what try has read
	failed error
	work   *work
	ctx    context.Context //nolint:containedctx // It is the connection's own, and lives as long.
	cancel context.CancelFunc
	read   http1.Deadline
	write  http1.Deadline
	probe  http1.Deadline
	half   time.Duration // how long the client has been seen to have ended its direction
	// waitUntil is how long the goroutine waits for a request.
	waitUntil time.Time
	state     atomic.Int32
	// interrupted says that reading has been broken off for good.
	interrupted atomic.Bool
	used        bool // a request has been read
	taken       bool // somebody else has the connection now
	answer      answer
}

// answer is what has become of the answer to the current request.
type answer struct {
	responded bool // its head has been sent
	broken    bool // it broke off: nothing may follow
	closing   bool // the connection ends after it
	refused   bool // the request was: more of it may come
	// altSvc is the value of the field Alt-Svc; empty for none.
	altSvc string
}

// The states of a connection, as others see it.
const (
	stateIdle int32 = iota
	stateBusy
	stateClosed
)

func newConn(s *Server, from *Connection) *conn {
	c := &conn{net: from.Net, from: *from, server: s, place: -1}
	c.client = addressOf(from.Socket)
	if plain, ok := from.Net.(*socket.Conn); ok {
		c.raw, c.try = plain.Raw(), c.tryRead
	}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.read.Init(s.clock, c.interruptRead)
	c.write.Init(s.clock, c.interruptWrite)
	c.probe.Init(s.clock, c.probeClient)
	return c
}

// addressOf returns the address of the peer.
func addressOf(socket net.Conn) netip.AddrPort {
	if tcp, ok := socket.RemoteAddr().(*net.TCPAddr); ok {
		return tcp.AddrPort()
	}
	address, err := netip.ParseAddrPort(socket.RemoteAddr().String())
	if err != nil {
		return netip.AddrPort{}
	}
	return address
}

// past is a deadline that has always passed.
var past = time.Unix(1, 0)

// interruptRead makes a read that waits fail. Errors of deadlines are those of a
// closed connection, on which reads fail anyway.
func (c *conn) interruptRead() {
	if c.unpark() {
		c.end() // It has been idle for too long.
		return
	}
	_ = c.net.SetReadDeadline(past)
}

// interruptWrite makes a write that waits fail.
func (c *conn) interruptWrite() { _ = c.net.SetWriteDeadline(past) }

// Read reads from the client. It is how buffers and bodies do.
func (c *conn) Read(p []byte) (int, error) {
	for {
		n, err := c.net.Read(p)
		if n > 0 || err == nil || !c.tooEarly(err) {
			return n, err
		}
	}
}

// tooEarly reports whether a read was interrupted by a deadline that has been
// moved since. It is read again then.
func (c *conn) tooEarly(err error) bool {
	if !errors.Is(err, os.ErrDeadlineExceeded) || c.read.Passed() || c.interrupted.Load() {
		return false
	}
	return c.net.SetReadDeadline(time.Time{}) == nil && !c.interrupted.Load()
}

// slowWrite is how little of a write is too little in WriteTimeout.
const slowWrite = MinRate * int(WriteTimeout/time.Second)

// record is how much is written at a time over TLS, which cannot go on after a
// write that was interrupted: as much as its records hold, and more than
// slowWrite.
const record = 16 << 10

// send writes to the client, and fails when it has taken less than slowWrite in
// WriteTimeout and there is more.
func (c *conn) send(p []byte) error {
	for {
		part := p
		if c.from.TLS != nil && len(part) > record {
			part = part[:record]
		}
		c.write.Set(c.server.clock.Now().Add(WriteTimeout))
		n, err := c.net.Write(part)
		passed := err != nil && c.write.Passed()
		c.write.Clear()
		if err != nil && !c.mayWriteOn(err, passed, n) {
			return err
		}
		if p = p[n:]; len(p) == 0 {
			return nil
		}
	}
}

// mayWriteOn reports whether a write that has failed after n bytes can go on. Its
// interruption may have been meant for an earlier one, and a client that has
// taken enough has more time.
func (c *conn) mayWriteOn(err error, passed bool, n int) bool {
	if !errors.Is(err, os.ErrDeadlineExceeded) || passed && n < slowWrite || c.from.TLS != nil {
		return false
	}
	return c.net.SetWriteDeadline(time.Time{}) == nil
}

// outcome is what has become of a connection.
type outcome uint8

const (
	goesOn outcome = iota
	ended
	parked // it is another goroutine's when there is something to do
)

// serve serves one request after the other.
func (c *conn) serve() {
	last := ended
	defer func() {
		if last == ended {
			c.end()
		}
	}()
	for {
		if last = c.serveNext(); last != goesOn {
			return
		}
		last = ended // If the next one panics.
	}
}

// serveNext serves a request.
func (c *conn) serveNext() outcome {
	if became := c.await(); became != goesOn {
		return became
	}
	w := c.work
	refused, err := c.readHead()
	if err != nil {
		return ended // The client has gone, or does not speak HTTP.
	}
	if refused == nil {
		refused = c.takeRequest()
	}
	if refused != nil {
		c.refuse(refused)
		return ended
	}
	c.answer, c.used = answer{closing: w.framing.Close}, true
	if c.from.AltSvc != nil {
		c.answer.altSvc = c.from.AltSvc(w.request.URL.Port)
	}
	if !c.handle() || c.taken || !c.finish() {
		return ended
	}
	w.next()
	return goesOn
}

// handle has the request served, and reports whether the exchange is whole.
func (c *conn) handle() bool {
	w := c.work
	if w.request.URL.Path == "*" {
		return c.answerAsterisk()
	}
	returned := false
	defer func() {
		if !returned { // A panic breaks the exchange off.
			c.recovered(recover())
		}
	}()
	c.probe.Set(c.server.clock.Now().Add(ProbeInterval))
	c.server.handler.Serve(&w.request, c)
	c.probe.Clear()
	returned = true
	return c.answer.responded && !c.answer.broken
}

// end closes the connection.
func (c *conn) end() {
	c.cancel()
	c.server.remove(c)
	c.read.Stop()
	c.write.Stop()
	c.probe.Stop()
	if c.taken {
		return
	}
	c.linger()
	if c.work != nil {
		c.work.next()
	}
	c.giveWork()
	c.state.Store(stateClosed)
	_ = c.net.Close() // What could be said has been said.
	c.hasEnded()
}

// hasEnded tells who wants to know that the connection is closed.
func (c *conn) hasEnded() {
	if c.from.Ended != nil {
		c.from.Ended()
	}
}

// abort ends the connection from outside.
func (c *conn) abort() {
	c.state.Store(stateClosed)
	c.interrupted.Store(true)
	c.cancel()
	c.closeFromOutside()
}

// closeFromOutside closes the connection. Its goroutine notices and ends it; where
// it has none, one is made for that.
func (c *conn) closeFromOutside() {
	if c.unpark() {
		go c.end()
		return
	}
	_ = c.net.Close() // As above.
}

// closeIdle ends the connection where it waits for a request.
func (c *conn) closeIdle() {
	if c.state.CompareAndSwap(stateIdle, stateClosed) {
		c.interrupted.Store(true)
		c.closeFromOutside()
	}
}
