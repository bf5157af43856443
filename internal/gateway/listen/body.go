package listen

import (
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/gateway/http1"
	"github.com/sallyport/sallyport/internal/message"
)

// clientBody is the body that a client sends. What goes wrong with it is the
// client's failure, not the backend's. The backend's side may read it in a
// goroutine of its own, and longer than the exchange lasts.
type clientBody struct {
	source  io.ReadCloser
	request *http.Request
	control *http.ResponseController
	limited time.Time // when BodyTimeout began to run on that stream

	mu     sync.Mutex
	into   *message.Request // nil when the exchange is over
	failed bool
}

// takeBody makes the request's body that of the client, with the names of the
// fields that its trailer will have.
func takeBody(dst *message.Request, w http.ResponseWriter, r *http.Request) *clientBody {
	b := &clientBody{source: r.Body, request: r, into: dst, control: http.NewResponseController(w)}
	for name := range r.Trailer {
		if n := message.NameOf(name); http1.IsTrailerField(n) {
			dst.Trailer.Add(n, "")
		}
	}
	dst.Body.SetStream(b, r.ContentLength)
	return b
}

// Read reads from the client.
func (b *clientBody) Read(p []byte) (int, error) {
	b.limitStream()
	n, err := b.source.Read(p)
	switch {
	case err == nil:
	case errors.Is(err, io.EOF):
		b.takeTrailer()
	default:
		err = clientError(err)
		b.mu.Lock()
		b.failed = true
		b.mu.Unlock()
	}
	return n, err
}

// limitStream bounds the time without a byte.
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
		if !http1.IsTrailerField(n) {
			continue
		}
		for _, v := range values {
			if message.ValidFieldValue(v) {
				b.into.Trailer.Add(n, v)
			}
		}
	}
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
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, http.ErrBodyReadAfterClose):
		return &message.ClientError{Err: err} // There is no exchange any more.
	case errors.As(err, &timeout) && timeout.Timeout():
		return &message.ClientError{Status: http.StatusRequestTimeout, Err: err}
	}
	// Also where it ended too early: the client may have closed one direction only.
	return &message.ClientError{Status: http.StatusBadRequest, Err: err}
}
