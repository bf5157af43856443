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
	peeked  [1]byte
	ahead   []byte // what has been read of peeked

	mu     sync.Mutex
	into   *message.Request // nil when the exchange is over
	failed bool
}

// takeBody makes the request's body that of the client, with the names of the
// fields that its trailer will have. It returns nil where there is none.
func takeBody(dst *message.Request, w http.ResponseWriter, r *http.Request) *clientBody {
	if r.ContentLength == 0 {
		return nil
	}
	b := &clientBody{source: r.Body, request: r, into: dst, control: http.NewResponseController(w)}
	if r.ProtoMajor == 3 && r.ContentLength < 0 && seldomHasBody(r.Method) && b.isEmpty() {
		return nil
	}
	for name := range r.Trailer {
		if n := message.NameOf(name); http1.IsTrailerField(n) {
			dst.Trailer.Add(n, "")
		}
	}
	dst.Body.SetStream(b, r.ContentLength)
	return b
}

// seldomHasBody reports whether requests with a method rarely have a body. The
// engine of HTTP/3 does not say whether one without a length has: only reading
// tells. For these it is read before the request is served, so that a backend is
// not told of a body that there is not.
func seldomHasBody(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodDelete:
		return true
	}
	return false
}

// isEmpty waits for the first byte, and reports whether there is none. A failure
// is found again by who reads the body.
func (b *clientBody) isEmpty() bool {
	b.limitStream()
	for {
		n, err := b.source.Read(b.peeked[:])
		if n > 0 || err != nil {
			b.ahead = b.peeked[:n]
			return n == 0 && errors.Is(err, io.EOF)
		}
	}
}

// Read reads from the client.
func (b *clientBody) Read(p []byte) (int, error) {
	if len(b.ahead) > 0 {
		n := copy(p, b.ahead)
		b.ahead = b.ahead[n:]
		return n, nil
	}
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
