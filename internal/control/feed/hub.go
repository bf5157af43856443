package feed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/lineage"
	"github.com/sallyport/sallyport/internal/control/publish"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/services"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
)

// hub follows the store for one service.
type hub struct {
	s       *Server
	service resource.ID
	// ready is closed when the lines are there, or failed says why they are not.
	ready  chan struct{}
	failed error

	mu    sync.Mutex
	lines map[model.Key]*line
	views map[string]*view
	// revision is the newest that was taken in, of this lineage.
	revision uint64
	lineage  string
	// ended is why the hub is no more; "" while it is.
	ended string
	// heard is when the store answered last; idle since when there are no views.
	heard, idle time.Time
}

var (
	errGone = errors.New("the service was deleted")
	errIdle = errors.New("no gateway follows the service")
	errLost = errors.New("the management plane does not reach its store")
	// errRestored ends hubs whose revisions cannot be compared with what follows.
	errRestored = errors.New("the configuration was restored")
)

func newHub(s *Server, service resource.ID) *hub {
	now := s.o.Clock.Now()
	return &hub{s: s, service: service, ready: make(chan struct{}), lines: map[model.Key]*line{},
		views: map[string]*view{}, heard: now, idle: now}
}

// followAgain is how long following rests after it failed.
const followAgain = time.Second

// run follows until ctx ends, or the hub does.
func (h *hub) run(ctx context.Context) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var beating sync.WaitGroup
	failures := publish.NewFailures(h.s.o.Clock)
	for first := true; ; first = false {
		err := h.guarded(func() error { return h.load(ctx) })
		if first {
			h.failed = err
			close(h.ready)
			if err != nil {
				break
			}
			beating.Go(func() { cancel(h.guarded(func() error { return h.beat(ctx) })) })
		}
		if err == nil {
			err = h.guarded(func() error { return h.follow(ctx) })
		}
		if errors.Is(err, errGone) || errors.Is(err, errRestored) || ctx.Err() != nil {
			cancel(err)
			break
		}
		if !failures.Told(err) {
			h.s.o.Log.Error("changes for gateways are not followed until the store answers again",
				slog.String("service", string(h.service)), slog.Any("error", err))
		}
		if clock.Sleep(ctx, h.s.o.Clock, followAgain) != nil {
			break
		}
	}
	h.end(context.Cause(ctx))
	cancel(nil)
	beating.Wait()
}

// guarded makes an error of a panic: what is stored must not take the process
// down.
func (h *hub) guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}

// end tells all feeds why they end, and the server that there is no hub.
func (h *hub) end(cause error) {
	h.mu.Lock()
	h.ended = "the management plane ends the feed"
	if cause != nil && !errors.Is(cause, context.Canceled) {
		h.ended = cause.Error()
	}
	for _, v := range h.views {
		v.ended = h.ended
		v.wake()
	}
	h.mu.Unlock()
	h.s.forget(h)
}

// load reads the service. Where it was read before, what has changed since is one
// change.
func (h *hub) load(ctx context.Context) error {
	if _, err := lineage.Of(ctx, h.s.o.Store, h.s.o.Clock.Now()); err != nil {
		return err
	}
	return h.read(ctx, func(s *resource.Session) error {
		if err := h.descend(s); err != nil {
			return err
		}
		if there, err := s.Has(h.service); err != nil || !there {
			return errors.Join(err, errGone)
		}
		lines, err := collect(s, h.service, h.s.o.Log)
		if err != nil {
			return err
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		edits := map[model.Key]edit{}
		for key, l := range lines {
			edits[key] = edit{h.lines[key], l}
		}
		for key, l := range h.lines {
			if lines[key] == nil {
				edits[key] = edit{l, nil}
			}
		}
		h.show(uint64(s.Reader().Revision()), edits)
		return nil
	})
}

// descend finds out whether the store is still in the lineage that the hub knows.
func (h *hub) descend(s *resource.Session) error {
	id, err := lineage.In(s.Reader())
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.lineage == "" {
		h.lineage = id
	}
	if h.lineage != id || uint64(s.Reader().Revision()) < h.revision {
		return errRestored
	}
	return nil
}

// read calls f with a session over the latest state.
func (h *hub) read(ctx context.Context, f func(*resource.Session) error) error {
	return h.s.o.Store.View(ctx, func(r store.Reader) error {
		return f(resource.NewReader(ctx, h.s.o.Environment, &resource.Call{}, r))
	})
}

// show makes edits, as one revision. The caller holds mu.
func (h *hub) show(revision uint64, edits map[model.Key]edit) {
	for key, e := range edits {
		switch {
		case e.after == nil && e.before == nil, e.before != nil && e.after != nil && e.before.digest == e.after.digest:
			delete(edits, key)
		case e.after == nil:
			delete(h.lines, key)
		default:
			h.lines[key] = e.after
		}
	}
	h.revision, h.heard = revision, h.s.o.Clock.Now()
	if len(edits) == 0 {
		return
	}
	for _, v := range h.views {
		v.apply(revision, edits, h.lines, &h.s.limits)
	}
}

// follow takes in what is committed, on whichever node.
func (h *hub) follow(ctx context.Context) error {
	h.mu.Lock()
	from := h.revision
	h.mu.Unlock()
	for change, err := range h.s.o.Store.Watch(ctx, store.Revision(from)) {
		if err != nil {
			return fmt.Errorf("following the store: %w", err)
		}
		if err := h.take(ctx, change); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// take takes in one revision.
func (h *hub) take(ctx context.Context, change store.Change) error {
	keys, restored := false, false
	for _, v := range change.Versions {
		id := resource.ID(v.ID)
		restored = restored || v.Key == lineage.Key
		keys = keys || id.Equal(services.ManagedKeysID(h.service)) ||
			strings.EqualFold(string(id.Collection()), string(h.service)+"/gateways")
	}
	err := h.read(ctx, func(s *resource.Session) error {
		if restored {
			if err := h.descend(s); err != nil {
				return err
			}
		}
		parts, err := publish.Divide(s, change, h.s.o.Log)
		if err != nil {
			return err
		}
		edits := map[model.Key]edit{}
		h.mu.Lock()
		defer h.mu.Unlock()
		for _, part := range parts {
			if !part.Service.Equal(h.service) {
				continue
			}
			if part.Gone {
				return errGone
			}
			if err := h.collectEdits(part, edits); err != nil {
				return err
			}
		}
		h.show(uint64(change.Revision), edits)
		return nil
	})
	if err != nil || !keys {
		return err
	}
	return h.refresh(ctx)
}

// collectEdits makes lines of what a revision changed. The caller holds mu.
func (h *hub) collectEdits(part *publish.Part, edits map[model.Key]edit) error {
	for _, id := range part.Delta.Delete {
		edits[id.Key()] = edit{before: h.lines[id.Key()]}
	}
	for _, r := range part.Delta.Put {
		l, err := newLine(r)
		if err != nil {
			return err
		}
		edits[l.key] = edit{h.lines[l.key], l}
	}
	return nil
}

// refresh reads the keys of all gateways with views: feeds whose token none of
// them has signed end, and those that go on are told of new keys of debug tokens.
func (h *hub) refresh(ctx context.Context) error {
	h.mu.Lock()
	names := make([]string, 0, len(h.views))
	for name := range h.views {
		names = append(names, name)
	}
	h.mu.Unlock()
	keys, gone := map[string]gatewayKeys{}, map[string]bool{}
	err := h.read(ctx, func(s *resource.Session) error {
		for _, name := range names {
			found, err := readKeys(s, h.service, name)
			if p, ok := errors.AsType[*problem.Error](err); ok && p.Code == problem.CodeNotFound {
				gone[name] = true
			} else if err != nil {
				return err
			}
			keys[name] = found
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading the keys of gateways: %w", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.heard = h.s.o.Clock.Now()
	for _, name := range names {
		if v := h.views[name]; v != nil {
			h.rekey(v, keys[name], gone[name])
		}
	}
	return nil
}

// rekey gives a view the keys of its gateway. The caller holds mu.
func (h *hub) rekey(v *view, keys gatewayKeys, gone bool) {
	if !gone && v.keys.same(&keys) {
		return
	}
	v.keys = keys
	if gone {
		v.ended = "the gateway was deleted"
		delete(h.views, v.name)
	}
	v.wake()
}
