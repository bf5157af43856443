package site

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// Transport calls the management plane that is attached to it, which may come
// later than the portal, or go.
type Transport struct {
	to       atomic.Pointer[http.RoundTripper]
	attached chan struct{} // Closed with the first one.
	first    sync.Once
}

// maxStart is how long calls wait for the first management plane, which starts
// beside the portal.
const maxStart = 5 * time.Second

// NewTransport returns a Transport to nowhere.
func NewTransport() *Transport { return &Transport{attached: make(chan struct{})} }

// errDetached says that there is no management plane yet.
var errDetached = errors.New("the management plane has not started")

// Attach makes t the management plane; nil is none.
func (t *Transport) Attach(to http.RoundTripper) {
	if to == nil {
		t.to.Store(nil)
		return
	}
	t.to.Store(&to)
	t.first.Do(func() { close(t.attached) })
}

// await waits for the first management plane for a while.
func (t *Transport) await(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, maxStart)
	defer cancel()
	select {
	case <-t.attached:
	case <-ctx.Done():
	}
}

// RoundTrip implements http.RoundTripper.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	t.await(r.Context())
	to := t.to.Load()
	if to == nil {
		if r.Body != nil {
			_ = r.Body.Close() // Nothing reads it.
		}
		return nil, errDetached
	}
	return (*to).RoundTrip(r)
}

// nodes calls one of several nodes of a management plane. A call to a node that
// does not answer fails, and the next call goes to the next node: whoever may try
// again then reaches it.
type nodes struct {
	to   http.RoundTripper
	urls []*url.URL
	at   atomic.Uint64
}

// RoundTrip implements http.RoundTripper.
func (n *nodes) RoundTrip(r *http.Request) (*http.Response, error) {
	at := n.at.Load()
	node := n.urls[at%uint64(len(n.urls))]
	out := r.Clone(r.Context())
	out.URL.Scheme, out.URL.Host, out.Host = node.Scheme, node.Host, ""
	answer, err := n.to.RoundTrip(out)
	if err != nil && r.Context().Err() == nil || err == nil && answer.StatusCode == http.StatusBadGateway {
		n.at.CompareAndSwap(at, at+1)
	}
	return answer, err
}
