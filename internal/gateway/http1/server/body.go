package server

import (
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/gateway/http1"
	"github.com/sallyport/sallyport/internal/message"
)

// clientBody is the body that a client sends. What goes wrong with it is the
// client's failure, not the backend's. It may be read in another goroutine than
// the connection's, and be closed while it is.
type clientBody struct {
	conn     *conn
	reader   http1.BodyReader
	awaited  atomic.Bool // the client waits for 100 (Continue)
	done     atomic.Bool // it has been read to its end
	failed   atomic.Bool // it cannot be
	closed   atomic.Bool
	reading  atomic.Bool
	interim  sync.Mutex    // what is written before the answer
	answered bool          // guarded by interim: the answer has begun
	behind   time.Duration // of MinRate
	read     atomic.Int64  // bytes
}

// start begins the body of a connection's request.
func (b *clientBody) start(c *conn) {
	w := c.work
	b.conn = c
	b.awaited.Store(w.framing.Continue)
	b.reader.Start(c, &w.in, &w.framing, &w.request.Trailer)
}

// reset ends the body of a request.
func (b *clientBody) reset() {
	b.conn, b.answered, b.behind = nil, false, 0
	b.awaited.Store(false)
	b.done.Store(false)
	b.failed.Store(false)
	b.closed.Store(false)
	b.read.Store(0)
	b.reader.Reset()
}

// errBodyClosed is the failure of a body that nobody wants any more.
var errBodyClosed = errors.New("the exchange is over")

// Read reads from the client.
func (b *clientBody) Read(p []byte) (int, error) {
	c := b.conn
	// First this, then the look; Close does it the other way round, so that one of
	// the two sees what the other did.
	b.reading.Store(true)
	defer b.reading.Store(false)
	if b.closed.Load() {
		return 0, &message.ClientError{Err: errBodyClosed}
	}
	if b.awaited.Load() {
		b.inviteBody()
	}
	n, err := b.receive(c, p)
	b.read.Add(int64(n))
	switch {
	case err == nil:
	case err == io.EOF: //nolint:errorlint // The reader returns it itself.
		b.done.Store(true)
	default:
		b.failed.Store(true)
		if refused, ok := errors.AsType[*http1.Refusal](err); ok {
			c.server.refused(c, refused)
		}
		err = clientError(err)
	}
	return n, err
}

// receive reads, and breaks the read off when the client is BodyTimeout behind
// MinRate: a client that sends a byte now and then would hold what its request
// has taken for as long as it likes. A body that comes at once is not measured.
func (b *clientBody) receive(c *conn, p []byte) (int, error) {
	begin := c.server.clock.Now()
	c.read.Set(begin.Add(BodyTimeout - b.behind))
	n, err := b.reader.Read(p)
	c.read.Clear()
	if err == nil {
		waited := c.server.clock.Since(begin)
		b.behind = max(0, b.behind+waited-time.Duration(n)*time.Second/MinRate)
	}
	return n, err
}

// inviteBody tells the client to send the body, unless the answer has begun.
func (b *clientBody) inviteBody() {
	b.interim.Lock()
	defer b.interim.Unlock()
	b.awaited.Store(false)
	if !b.answered {
		_ = b.conn.send([]byte("HTTP/1.1 100 Continue\r\n\r\n")) // Reading will fail as well.
	}
}

// BytesRead returns how many bytes of the body have been read.
func (b *clientBody) BytesRead() int64 { return b.read.Load() }

// beginAnswer says that nothing may be written before the answer any more. It
// reports whether the client still waits to be told to send the body.
func (b *clientBody) beginAnswer() (awaited bool) {
	if b.conn == nil {
		return false
	}
	b.interim.Lock()
	defer b.interim.Unlock()
	b.answered = true
	return b.awaited.Load()
}

// Buffered returns how many bytes can be read without waiting, at least.
func (b *clientBody) Buffered() int { return b.conn.work.in.Len() }

// Close ends the body. A read that waits in another goroutine is broken off, and
// the connection ends after the answer; otherwise what is left of the body is
// thrown away then.
func (b *clientBody) Close() error {
	b.closed.Store(true)
	if b.reading.Load() {
		b.conn.interrupted.Store(true)
		b.conn.interruptRead()
	}
	return nil
}

// clientError classifies what went wrong with a body.
func clientError(err error) error {
	if refused, ok := errors.AsType[*http1.Refusal](err); ok {
		return &message.ClientError{Status: refused.Status, Err: err}
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return &message.ClientError{Status: 408, Err: err}
	}
	// Also where it ended too early: the client may have closed one direction only.
	return &message.ClientError{Status: 400, Err: err}
}
