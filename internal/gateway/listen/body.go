package listen

import (
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/message"
)

// clientBody is the body that a client sends. What goes wrong with it is the
// client's failure, not the backend's. The backend's side may read it in a
// goroutine of its own, and longer than the exchange lasts.
type clientBody struct {
	source  io.ReadCloser
	conn    *conn
	request *http.Request
	control *http.ResponseController // of a stream of HTTP/2; otherwise nil
	limited time.Time                // when BodyTimeout began to run on that stream

	mu     sync.Mutex
	into   *message.Request // nil when the exchange is over
	failed bool
}

// takeBody makes the request's body that of the client, with the names of the
// fields that its trailer will have.
func takeBody(dst *message.Request, c *conn, w http.ResponseWriter, r *http.Request) *clientBody {
	b := &clientBody{source: r.Body, conn: c, request: r, into: dst}
	if r.ProtoMajor >= 2 {
		b.control = http.NewResponseController(w)
	} else if duplex, ok := w.(interface{ EnableFullDuplex() error }); ok {
		// Otherwise the engine would read the whole body before it answers.
		_ = duplex.EnableFullDuplex() // It fails only where it is not known.
	}
	for name := range r.Trailer {
		if n := message.NameOf(name); isTrailerField(n) {
			dst.Trailer.Add(n, "")
		}
	}
	dst.Body.SetStream(b, r.ContentLength)
	return b
}

// Read reads from the client.
func (b *clientBody) Read(p []byte) (int, error) {
	if b.control != nil {
		b.limitStream()
	}
	n, err := b.source.Read(p)
	switch {
	case err == nil:
	case errors.Is(err, io.EOF):
		b.takeTrailer()
	default:
		if b.control == nil && b.conn.refused != nil {
			err = b.conn.refused // The engine has its own words for some of them.
		}
		err = clientError(err)
		b.mu.Lock()
		b.failed = true
		b.mu.Unlock()
	}
	return n, err
}

// limitStream bounds the time without a byte on a stream of HTTP/2. On HTTP/1
// the connection does it.
func (b *clientBody) limitStream() {
	if now := time.Now(); now.Sub(b.limited) > BodyTimeout/4 {
		b.limited = now
		_ = b.control.SetReadDeadline(now.Add(BodyTimeout + BodyTimeout/4)) // Fails on a stream that has ended; so will the read.
	}
}

// takeTrailer takes the trailer over, once the body has been read.
func (b *clientBody) takeTrailer() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.into == nil || len(b.request.Trailer) == 0 {
		return
	}
	b.into.Trailer.Reset()
	for name, values := range b.request.Trailer {
		n := message.NameOf(name)
		if !isTrailerField(n) {
			continue
		}
		for _, v := range values {
			if message.ValidFieldValue(v) {
				b.into.Trailer.Add(n, v)
			}
		}
	}
}

// isTrailerField reports whether a field may stand in a trailer: one that says
// where a message goes, who sent it or what it is made of may not (RFC 9110
// §6.5.1), and what is known by name is all of that kind but for the entity tag.
func isTrailerField(n message.Name) bool {
	return n.Is(message.ETag) || !n.WellKnown() && !isTwin(n.String())
}

// leave ends the exchange: the request that was read into is used for another.
func (b *clientBody) leave() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.into = nil
}

// broken reports whether the body could not be read.
func (b *clientBody) broken() bool {
	if b == nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failed
}

// Close closes the source.
func (b *clientBody) Close() error { return b.source.Close() }

// clientError classifies what went wrong with a body.
func clientError(err error) error {
	var refused *Refusal
	var timeout interface{ Timeout() bool }
	switch {
	case errors.As(err, &refused):
		return &message.ClientError{Status: refused.Status, Err: err}
	case errors.Is(err, http.ErrBodyReadAfterClose):
		return &message.ClientError{Err: err} // There is no exchange any more.
	case errors.As(err, &timeout) && timeout.Timeout():
		return &message.ClientError{Status: http.StatusRequestTimeout, Err: err}
	}
	// Also where it ended too early: the client may have closed one direction only.
	return &message.ClientError{Status: http.StatusBadRequest, Err: err}
}
