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
	certificate  identity // of the client certificate, or zero
	hasClientTLS bool
	trust        [sha256.Size]byte // digest of the authorities that the configuration adds
}

// ways keeps what connects for each way to connect. The common way, with nothing
// special, is found without a lock.
type ways[T any] struct {
	plain atomic.Pointer[plainWay[T]]
	mu    sync.Mutex
	made  map[way]*T
	order []way // in the order they were made
}

// plainWay connects in the way with nothing special, but for the authorities.
type plainWay[T any] struct {
	way way
	end *T
}

// of returns what connects in a way, and makes it where there is none. What has
// to go for it is ended.
func (ws *ways[T]) of(w way, end func(*T), newOne func() (*T, error)) (*T, error) {
	if p := ws.plain.Load(); p != nil && p.way == w {
		return p.end, nil
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
		if p := ws.plain.Load(); p != nil && p.way == ws.order[0] {
			ws.plain.Store(nil)
		}
		end(ws.made[ws.order[0]])
		delete(ws.made, ws.order[0])
		ws.order = ws.order[1:]
	}
	ws.made[w] = t
	ws.order = append(ws.order, w)
	if w == (way{trust: w.trust}) {
		ws.plain.Store(&plainWay[T]{w, t})
	}
	return t, nil
}

// retire ends what connects in ways that have gone, and forgets it.
func (ws *ways[T]) retire(gone func(way) bool, end func(*T)) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	kept := ws.order[:0]
	for _, w := range ws.order {
		if !gone(w) {
			kept = append(kept, w)
			continue
		}
		if p := ws.plain.Load(); p != nil && p.way == w {
			ws.plain.Store(nil)
		}
		end(ws.made[w])
		delete(ws.made, w)
	}
	ws.order = kept
}

// close ends all.
func (ws *ways[T]) close(end func(*T)) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for _, t := range ws.made {
		end(t)
	}
}
