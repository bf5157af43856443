package listen

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"strconv"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/gateway/http1"
	"github.com/sallyport/sallyport/internal/message"
)

// copyBufferSize is the size of the pieces in which bodies are passed on, as
// large as Azure API Management's.
const copyBufferSize = 8 << 10

// copyBuffers are shared by all exchanges.
var copyBuffers = sync.Pool{New: func() any { b := make([]byte, copyBufferSize); return &b }}

// responder sends answers through the engine.
type responder struct {
	w     http.ResponseWriter
	r     *http.Request
	conn  *peer
	body  *clientBody // nil where the request has none
	begun bool        // a final answer has begun
	// broken says that it broke off, or never began.
	broken  bool
	limited time.Time // when WriteTimeout began to run on the stream
	alt     string    // says where HTTP/3 is spoken; empty for nothing
}

// Inform sends an interim response.
func (o *responder) Inform(status int, header *message.Header) error {
	if o.begun {
		return nil
	}
	copyHeader(o.w.Header(), header)
	o.w.WriteHeader(status)
	clear(o.w.Header())
	return nil
}

// Respond sends the answer.
func (o *responder) Respond(m *message.Response) (message.Sent, error) {
	if m.Upgraded != nil {
		_ = m.Upgraded.Close() // The failure is what is reported.
		return message.Sent{}, fmt.Errorf("changing the protocol of a stream: %w", http.ErrNotSupported)
	}
	sent, err := o.send(m)
	if closing := m.Body.Close(); err == nil && closing != nil && !sent.HeadSent {
		err = closing
	}
	return sent, err
}

// send sends head, body and trailer.
func (o *responder) send(m *message.Response) (message.Sent, error) {
	var source io.Reader
	if m.Body.Present() && !m.Body.Consumed() && http1.MayHaveBody(o.r.Method, m.Status) {
		r, err := m.Body.Reader()
		if err != nil {
			return message.Sent{}, err
		}
		source = r
	}
	if source == nil {
		o.sendHead(m)
		if o.conn.protocol == message.HTTP3 {
			// Otherwise the engine would add a length to an answer to HEAD.
			_ = o.flush() // The client has gone, then.
		}
		return message.Sent{HeadSent: true}, nil
	}
	buffer := copyBuffers.Get().(*[]byte) //nolint:forcetypeassert // The pool makes nothing else.
	defer copyBuffers.Put(buffer)
	return o.sendBody(m, source, *buffer)
}

// sendHead sends the head.
func (o *responder) sendHead(m *message.Response) {
	o.begun = true
	h := o.w.Header()
	clear(h) // An answer that could not be sent may have been here before.
	copyHeader(h, &m.Header)
	setLength(h, m, o.r.Method)
	if len(h["Content-Type"]) == 0 {
		h["Content-Type"] = nil // Otherwise the engine would guess one.
	}
	if o.alt != "" && len(h["Alt-Svc"]) == 0 {
		h["Alt-Svc"] = []string{o.alt}
	}
	if o.conn.protocol == message.HTTP2 && (o.conn.server.draining.Load() || o.body.broken()) {
		h["Connection"] = []string{"close"}
	}
	o.w.WriteHeader(m.Status)
}

// sendBody sends an answer with a body. Where nothing could be read of a body
// whose length is known, nothing has been sent, and another answer is possible.
func (o *responder) sendBody(m *message.Response, source io.Reader, buffer []byte) (sent message.Sent, err error) {
	// An answer whose body is empty ends with its head, or the trailer: gRPC tells so
	// of a failure.
	flush := (m.Unbuffered && m.Body.Size() != 0) || m.Body.Size() < 0
	n := 0
	if flush {
		o.sendHead(m)
		if err := o.flush(); err != nil {
			return message.Sent{HeadSent: true}, &message.ClientError{Err: err}
		}
	} else {
		n, err = source.Read(buffer)
		if err != nil && !errors.Is(err, io.EOF) {
			return sent, fmt.Errorf("passing the body on: %w", err)
		}
		o.sendHead(m)
	}
	sent.HeadSent = true
	sent.Bytes, err = o.pass(source, buffer, n, err, flush)
	if err != nil {
		return sent, err
	}
	o.sendTrailer(m)
	return sent, nil
}

// sendTrailer sends the trailer, where the protocol has room for one.
func (o *responder) sendTrailer(m *message.Response) {
	for _, f := range m.Trailer.Fields() {
		if f.Key().ForConnection() || !message.ValidFieldValue(f.Value) {
			continue
		}
		name := http.TrailerPrefix + textproto.CanonicalMIMEHeaderKey(f.Name)
		o.w.Header()[name] = append(o.w.Header()[name], f.Value)
	}
}

// setLength declares the body's length where it is known.
func setLength(h http.Header, m *message.Response, method string) {
	size := m.Body.Size()
	switch {
	case size < 0 || m.Status < 200 || m.Status == http.StatusNoContent:
		return
	case method == http.MethodHead || m.Status == http.StatusNotModified:
		if !m.Body.Present() {
			return
		}
	}
	h["Content-Length"] = []string{strconv.FormatInt(size, 10)}
}

// copyHeader copies fields into the engine's header. The values share one
// allocation.
func copyHeader(dst http.Header, src *message.Header) {
	fields := src.Fields()
	values := make([]string, len(fields))
	for i := range fields {
		f := &fields[i]
		if f.Key().ForConnection() || !message.ValidFieldValue(f.Value) || !message.ValidFieldName(f.Name) {
			continue
		}
		name := f.Key().Canonical()
		values[i] = f.Value
		if before := dst[name]; len(before) > 0 {
			dst[name] = append(before, f.Value)
			continue
		}
		dst[name] = values[i : i+1 : i+1]
	}
}

// pass sends a body in pieces, the first of which, with what ended it, is in
// the buffer. With flush each goes out as it comes, as streams without end need.
func (o *responder) pass(source io.Reader, buffer []byte, n int, err error, flush bool) (int64, error) {
	var total int64
	for {
		if n > 0 {
			written, failed := o.write(buffer[:n], flush)
			total += int64(written)
			if failed != nil {
				o.broken = true
				return total, &message.ClientError{Err: failed}
			}
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			return total, nil
		default:
			o.broken = true
			return total, fmt.Errorf("passing the body on: %w", err)
		}
		n, err = source.Read(buffer)
	}
}

// write sends a piece of the body.
func (o *responder) write(p []byte, flush bool) (int, error) {
	o.limitStream()
	n, err := o.w.Write(p)
	if err == nil && flush {
		err = o.flush()
	}
	return n, err
}

// flush sends what the engine holds back.
func (o *responder) flush() error {
	f, ok := o.w.(interface{ FlushError() error })
	if !ok {
		return http.ErrNotSupported
	}
	return f.FlushError()
}

// limitStream bounds the time without progress: the client may leave no window.
func (o *responder) limitStream() {
	if now := time.Now(); now.Sub(o.limited) > WriteTimeout/4 {
		o.limited = now
		// Fails on a stream that has ended; so will the write.
		_ = http.NewResponseController(o.w).SetWriteDeadline(now.Add(WriteTimeout + WriteTimeout/4))
	}
}
