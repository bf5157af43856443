package listen

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"sync"

	"github.com/sallyport/sallyport/internal/message"
)

// copyBufferSize is the size of the pieces in which bodies are passed on, as
// large as Azure API Management's.
const copyBufferSize = 8 << 10

// copyBuffers are shared by all exchanges.
var copyBuffers = sync.Pool{New: func() any { b := make([]byte, copyBufferSize); return &b }}

// responder sends answers through net/http.
type responder struct {
	w http.ResponseWriter
	r *http.Request
	// broken says that the body broke off after the head was sent.
	broken bool
}

// Inform sends an interim response.
func (o *responder) Inform(status int, header *message.Header) error {
	copyHeader(o.w.Header(), header)
	o.w.WriteHeader(status)
	clear(o.w.Header())
	return nil
}

// Respond sends the answer.
func (o *responder) Respond(m *message.Response) (message.Sent, error) {
	if m.Upgraded != nil {
		return o.join(m)
	}
	sent, err := o.send(m)
	if closing := m.Body.Close(); err == nil && closing != nil {
		err = closing
	}
	return sent, err
}

// send sends head, body and trailer.
func (o *responder) send(m *message.Response) (message.Sent, error) {
	h := o.w.Header()
	copyHeader(h, &m.Header)
	var body io.Reader
	if m.Body.Present() && !m.Body.Consumed() && mayHaveBody(o.r.Method, m.Status) {
		r, err := m.Body.Reader()
		if err != nil {
			return message.Sent{}, err
		}
		body = r
	}
	setLength(h, m, o.r.Method)
	if len(h["Date"]) == 0 && m.Header.Has(message.Date) {
		h["Date"] = nil
	}
	o.w.WriteHeader(m.Status)
	sent := message.Sent{HeadSent: true}
	if body == nil {
		return sent, nil
	}
	n, err := o.pass(body, m.Body.Size() < 0)
	sent.Bytes = n
	if err != nil {
		return sent, err
	}
	for _, f := range m.Trailer.Fields() {
		h.Add(http.TrailerPrefix+textproto.CanonicalMIMEHeaderKey(f.Name), f.Value)
	}
	return sent, nil
}

// mayHaveBody reports whether a response has a body (RFC 9110 §6.4.1).
func mayHaveBody(method string, status int) bool {
	return method != http.MethodHead && status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// setLength declares the body's length where it is known.
func setLength(h http.Header, m *message.Response, method string) {
	switch size := m.Body.Size(); {
	case method == http.MethodHead || m.Status == http.StatusNotModified:
		if m.Body.Present() && size > 0 {
			h["Content-Length"] = []string{fmt.Sprint(size)}
		}
	case size >= 0 && m.Status >= 200 && m.Status != http.StatusNoContent:
		h["Content-Length"] = []string{fmt.Sprint(size)}
	}
}

// copyHeader copies fields into the engine's header.
func copyHeader(dst http.Header, src *message.Header) {
	for _, f := range src.Fields() {
		if isConnectionField(f.Key()) {
			continue
		}
		name := textproto.CanonicalMIMEHeaderKey(f.Name)
		dst[name] = append(dst[name], f.Value)
	}
}

// pass sends a body in pieces. With flush each piece goes out as it comes, as
// streams without end need it.
func (o *responder) pass(body io.Reader, flush bool) (int64, error) {
	buffer := copyBuffers.Get().(*[]byte) //nolint:forcetypeassert // The pool makes nothing else.
	defer copyBuffers.Put(buffer)
	control := http.NewResponseController(o.w)
	var total int64
	for {
		n, err := body.Read(*buffer)
		if n > 0 {
			written, failed := o.w.Write((*buffer)[:n])
			total += int64(written)
			if failed == nil && flush {
				failed = control.Flush()
			}
			if failed != nil {
				return total, &message.ClientError{Err: failed}
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return total, nil
		case err != nil:
			o.broken = true
			return total, fmt.Errorf("passing the body on: %w", err)
		}
	}
}

// join connects both sides after a change of protocol.
func (o *responder) join(m *message.Response) (message.Sent, error) {
	defer m.Upgraded.Close() //nolint:errcheck // Both sides are done.
	copyHeader(o.w.Header(), &m.Header)
	control := http.NewResponseController(o.w)
	client, buffered, err := control.Hijack()
	if err != nil {
		return message.Sent{}, fmt.Errorf("taking the connection over: %w", err)
	}
	defer client.Close() //nolint:errcheck // Both sides are done.
	if err := writeSwitch(buffered, m); err != nil {
		return message.Sent{}, &message.ClientError{Err: err}
	}
	return message.Sent{HeadSent: true, Bytes: tunnel(client, buffered, m.Upgraded)}, nil
}
