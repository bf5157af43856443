package upstream

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/textproto"
	"sync"
	"sync/atomic"

	"github.com/sallyport/sallyport/internal/message"
)

// requestBody is the client's body on its way to the backend. The engine reads
// it in a goroutine of its own, which may go on when the exchange is over. It
// remembers whether reading failed, because then the backend is not to blame.
type requestBody struct {
	source io.Reader
	stop   func() error // breaks a read of the source off
	closed atomic.Bool

	reading sync.Mutex // held while the source is read

	mu     sync.Mutex
	failed error
	from   *message.Header // the client's trailer; nil where there is none, and when the exchange is over
	to     http.Header     // what is sent of it
}

// errBodyClosed is what the engine gets that reads on when the exchange is over.
var errBodyClosed = errors.New("the request has ended")

// Read reads from the client.
func (b *requestBody) Read(p []byte) (int, error) {
	b.reading.Lock()
	defer b.reading.Unlock()
	if b.closed.Load() {
		return 0, errBodyClosed
	}
	n, err := b.source.Read(p)
	if err == nil {
		return n, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !errors.Is(err, io.EOF) {
		b.failed = err
		return n, err
	}
	if b.from != nil {
		for _, f := range b.from.Fields() {
			name := textproto.CanonicalMIMEHeaderKey(f.Name)
			if _, announced := b.to[name]; announced {
				b.to[name] = append(b.to[name], f.Value)
			}
		}
		b.from = nil
	}
	return n, err
}

// Close ends reading.
func (b *requestBody) Close() error {
	b.closed.Store(true)
	return nil
}

// leave ends the exchange: the request's memory is used for another. When it
// returns, nobody reads from the client any more.
func (b *requestBody) leave() {
	if b == nil {
		return
	}
	b.closed.Store(true)
	if !b.reading.TryLock() {
		_ = b.stop() // The read fails, and so says it.
		b.reading.Lock()
	}
	b.reading.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.from = nil
}

// failure returns why the client's body could not be read, or nil.
func (b *requestBody) failure() error {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failed
}

// bufferedBody returns a function that gives a body in memory once more.
func bufferedBody(data []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
}
