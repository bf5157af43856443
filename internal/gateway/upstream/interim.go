package upstream

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"sync"

	"github.com/sallyport/sallyport/internal/gateway/http1/client"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
)

// interim passes interim answers on while net/http waits for the final one.
// net/http tells of them in the goroutine that reads the connection, which calls
// of other clients share over HTTP/2 and which must not wait for this client: one
// of its own does, where there are any.
type interim struct {
	call   *policy.Call
	cancel context.CancelCauseFunc // of the exchange

	mu     sync.Mutex
	count  int
	over   bool
	queue  chan told // nil until there is one
	passed chan struct{}
	failed error // that of the client; read when passed is closed
}

// told is one interim answer.
type told struct {
	status int
	header message.Header
}

// errManyInterim is the failure of a backend that sends interim answers and no
// end of them.
var errManyInterim = errors.New("the backend has sent too many interim answers (MaxInterim)")

// newInterim returns nil where nobody wants interim answers.
func newInterim(c *policy.Call, cancel context.CancelCauseFunc) *interim {
	if c.Interim.To == nil {
		return nil
	}
	return &interim{call: c, cancel: cancel}
}

// watch returns the request with which net/http tells of interim answers.
func (i *interim) watch(r *http.Request) *http.Request {
	if i == nil {
		return r
	}
	return r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{Got1xxResponse: i.got}))
}

// got takes an interim answer. It never waits: there is room for all.
func (i *interim) got(status int, fields textproto.MIMEHeader) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch i.count++; {
	case i.over || status == http.StatusSwitchingProtocols:
		return nil
	case i.count > client.MaxInterim:
		return errManyInterim
	case len(fields) > MaxResponseFields:
		return errManyFields
	case status == http.StatusContinue:
		return nil // The gateway has asked for it itself.
	case i.queue == nil:
		i.queue, i.passed = make(chan told, client.MaxInterim), make(chan struct{})
		go i.pass()
	}
	one := told{status: status}
	takeFields(&one.header, http.Header(fields))
	i.queue <- one
	return nil
}

// pass passes interim answers on until there are no more.
func (i *interim) pass() {
	defer close(i.passed)
	for one := range i.queue {
		if i.failed != nil {
			continue
		}
		if i.failed = i.call.Inform(one.status, &one.header); i.failed != nil {
			i.cancel(i.failed)
		}
	}
}

// end ends passing them on, when all that have come have been. It returns why the
// client could not be told.
func (i *interim) end() error {
	if i == nil {
		return nil
	}
	i.mu.Lock()
	i.over = true
	queue := i.queue
	i.mu.Unlock()
	if queue == nil {
		return nil
	}
	close(queue)
	<-i.passed
	return i.failed
}
