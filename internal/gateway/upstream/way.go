package upstream

import (
	"crypto/sha256"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/policy"
)

// way is one way to connect: connections are shared by calls that connect the
// same way, and by no others.
type way struct {
	version      policy.HTTPVersion
	await        time.Duration // for 100 Continue
	skipChain    bool
	skipName     bool
	proxy        string
	proxyUser    string
	proxyPass    string
	certificate  [sha256.Size]byte // digest of the client certificate, or zero
	hasClientTLS bool
}

// ways keeps what connects for each way to connect. The common way, with nothing
// special, is found without a lock.
type ways[T any] struct {
	plain atomic.Pointer[T]
	mu    sync.Mutex
	made  map[way]*T
	order []way // in the order they were made
}

// of returns what connects in a way, and makes it where there is none. What has
// to go for it is ended.
func (ws *ways[T]) of(w way, end func(*T), newOne func() (*T, error)) (*T, error) {
	if w == (way{}) {
		if t := ws.plain.Load(); t != nil {
			return t, nil
		}
	}
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if t := ws.made[w]; t != nil {
		return t, nil
	}
	t, err := newOne()
	if err != nil {
		return nil, err
	}
	if ws.made == nil {
		ws.made = map[way]*T{}
	}
	if len(ws.order) >= MaxTransports {
		end(ws.made[ws.order[0]])
		delete(ws.made, ws.order[0])
		ws.order = ws.order[1:]
	}
	ws.made[w] = t
	ws.order = append(ws.order, w)
	if w == (way{}) {
		ws.plain.Store(t)
	}
	return t, nil
}

// close ends all.
func (ws *ways[T]) close(end func(*T)) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for _, t := range ws.made {
		end(t)
	}
}
