package console

import (
	"crypto/tls"
	"net/http/httptrace"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
)

// watch takes the times of one call. Its hooks are called by the transport's
// goroutines, so that it has a lock.
type watch struct {
	clock clock.Clock
	began time.Time

	mu                         sync.Mutex
	lookup, connect, handshake time.Time
	taken                      timing
}

// hooks are what the transport tells the watch.
func (w *watch) hooks() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart:             func(httptrace.DNSStartInfo) { w.begin(&w.lookup) },
		DNSDone:              func(httptrace.DNSDoneInfo) { w.end(&w.lookup, &w.taken.Lookup) },
		ConnectStart:         func(_, _ string) { w.begin(&w.connect) },
		ConnectDone:          func(_, _ string, _ error) { w.end(&w.connect, &w.taken.Connect) },
		TLSHandshakeStart:    func() { w.begin(&w.handshake) },
		TLSHandshakeDone:     func(tls.ConnectionState, error) { w.end(&w.handshake, &w.taken.Handshake) },
		GotFirstResponseByte: func() { w.end(&w.began, &w.taken.FirstByte) },
	}
}

// begin notes when a part began; the first of several attempts counts.
func (w *watch) begin(at *time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if at.IsZero() {
		*at = w.clock.Now()
	}
}

func (w *watch) end(began *time.Time, taken *time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	*taken = w.clock.Now().Sub(*began)
}

// finish is the timing of a call that is over.
func (w *watch) finish() timing {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.taken.Total = w.clock.Now().Sub(w.began)
	return w.taken
}
