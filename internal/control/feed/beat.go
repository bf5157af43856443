package feed

import (
	"context"
	"log/slog"
	"strings"

	"github.com/sallyport/sallyport/internal/clock"
	protocol "github.com/sallyport/sallyport/internal/snapshot/feed"
)

// beat looks at each beat whether the store answers and what the gateways' keys
// are, and lets go of what nobody has used for long. Its error is why the hub
// ends.
func (h *hub) beat(ctx context.Context) error {
	for {
		if err := clock.Sleep(ctx, h.s.o.Clock, h.s.limits.Beat); err != nil {
			return err
		}
		asking, cancel := context.WithTimeout(ctx, h.s.limits.Beat)
		err := h.refresh(asking)
		cancel()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			h.s.o.Log.Warn("the store does not answer", slog.String("service", string(h.service)), slog.Any("error", err))
		}
		h.mu.Lock()
		err = h.tidy()
		h.mu.Unlock()
		if err != nil {
			return err
		}
	}
}

// tidy lets go of what is not used. The error says why the hub must end. The
// caller holds mu.
func (h *hub) tidy() error {
	now := h.s.o.Clock.Now()
	if now.Sub(h.heard) > h.s.limits.StoreLost {
		return errLost
	}
	for name, v := range h.views {
		if v.whole != nil && now.Sub(v.whole.used) > DocumentIdle {
			v.whole = nil
		}
		if v.feeds == 0 && now.Sub(v.idle) > ViewIdle {
			delete(h.views, name)
		}
	}
	if len(h.views) > 0 {
		h.idle = now
	}
	if now.Sub(h.idle) > ViewIdle {
		return errIdle
	}
	return nil
}

// attach returns the view of a gateway, which it makes where there is none; nil
// where the hub has ended. Who attaches a feed detaches it.
func (h *hub) attach(gateway string, keys gatewayKeys, feeds int) *view {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended != "" {
		return nil
	}
	now := h.s.o.Clock.Now()
	name := strings.ToLower(gateway)
	v := h.views[name]
	if v == nil {
		v = newView(name, h.lines, h.revision, now, &h.s.stats.deltas)
		h.views[name] = v
	}
	if v.keys.signing == nil {
		v.keys = keys // From now on the hub reads them itself.
	}
	v.feeds += feeds
	v.idle, h.idle = now, now
	return v
}

func (h *hub) detach(v *view) {
	h.mu.Lock()
	defer h.mu.Unlock()
	v.feeds--
	v.idle = h.s.o.Clock.Now()
}

// glance is what a feed sees of its view at one time.
type glance struct {
	entries []*entry
	// next is the number of the first change after entries.
	next    uint64
	current protocol.Current
	changed <-chan struct{}
	keys    gatewayKeys
	// ended is why the feed must end; "" where it goes on.
	ended string
}

// maxEntries bounds the changes that a feed takes at once.
const maxEntries = 64

// since is what has changed of a view from a change on.
func (h *hub) since(v *view, next uint64) glance {
	h.mu.Lock()
	defer h.mu.Unlock()
	g := glance{next: next, changed: v.changed, keys: v.keys, ended: v.ended, current: v.current()}
	switch {
	case g.ended != "":
	case next < v.first || next > v.next():
		g.ended = "the gateway has fallen behind: what it lacks is not kept any more"
	default:
		from := int(next - v.first)
		g.entries = v.entries[from:min(len(v.entries), from+maxEntries)]
		g.next = next + uint64(len(g.entries))
	}
	return g
}
