package upstream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
)

// exchange is one request with its answer. It is the answer's body.
type exchange struct {
	cancel context.CancelCauseFunc
	into   *message.Response
	body   *requestBody // nil where the request has none
	source *http.Response
	done   bool
}

// end ends the exchange.
func (x *exchange) end() {
	x.body.leave()
	x.cancel(nil)
}

// errManyFields is the failure of a backend that answers with a head that is out
// of all proportion.
var errManyFields = fmt.Errorf("the backend's answer has more than %d fields (MaxResponseFields)", MaxResponseFields)

// takeResponse makes a backend's answer the call's response.
func (x *exchange) takeResponse(src *http.Response, o *policy.ForwardOptions) error {
	x.source = src
	if len(src.Header) > MaxResponseFields {
		_ = x.Close() // The failure is what is reported.
		return backendFault(errManyFields)
	}
	dst := x.into
	dst.Status, dst.Unbuffered = src.StatusCode, !o.BufferResponse
	if _, phrase, ok := strings.Cut(src.Status, " "); ok && phrase != message.StatusText(src.StatusCode) {
		dst.Reason = phrase
	}
	takeFields(&dst.Header, src.Header)
	if src.StatusCode == http.StatusSwitchingProtocols {
		return x.takeUpgrade()
	}
	dst.Body.SetStream(x, src.ContentLength)
	return nil
}

// takeFields takes the fields that go on to the client.
func takeFields(dst *message.Header, src http.Header) {
	connection := src["Connection"]
	for name, values := range src {
		n := message.NameOf(name)
		if isHopByHop(n) || (len(connection) > 0 && nominated(connection, name)) {
			continue
		}
		for _, v := range values {
			dst.Add(n, v)
		}
	}
}

// errSwitched is the failure of a backend that changes the protocol unasked.
var errSwitched = errors.New("the backend changed the protocol although nobody had asked it to")

// takeUpgrade takes the connection of an answer that changes the protocol.
func (x *exchange) takeUpgrade() error {
	connection, ok := x.source.Body.(io.ReadWriteCloser)
	if !ok {
		_ = x.Close() // The failure is what is reported.
		x.into.Reset()
		return backendFault(errSwitched)
	}
	x.into.Upgraded = &upgraded{ReadWriteCloser: connection, exchange: x}
	return nil
}

// upgraded is a backend's connection that ends its exchange when it is closed.
type upgraded struct {
	io.ReadWriteCloser
	exchange *exchange
}

// Close closes the connection.
func (u *upgraded) Close() error {
	defer u.exchange.end()
	return u.ReadWriteCloser.Close()
}

// nominated reports whether a Connection field names another field.
func nominated(connection []string, name string) bool {
	for _, line := range connection {
		for token := range strings.SplitSeq(line, ",") {
			if message.EqualFold(strings.TrimSpace(token), name) {
				return true
			}
		}
	}
	return false
}

// Read reads from the backend. At the end it takes over the trailer.
func (x *exchange) Read(p []byte) (int, error) {
	n, err := x.source.Body.Read(p)
	if err == io.EOF && !x.done { //nolint:errorlint // io.Reader returns io.EOF itself.
		x.done = true
		for name, values := range x.source.Trailer {
			for _, v := range values {
				x.into.Trailer.Add(message.NameOf(name), v)
			}
		}
	}
	if err != nil && err != io.EOF { //nolint:errorlint // As above.
		if failed := x.body.failure(); failed != nil {
			return n, failed // The backend gave up because the client did.
		}
	}
	return n, err
}

// Close ends the exchange with the backend.
func (x *exchange) Close() error {
	defer x.end()
	return x.source.Body.Close()
}
