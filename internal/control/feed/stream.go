package feed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/problem"
	protocol "github.com/sallyport/sallyport/internal/snapshot/feed"
)

// configuration serves one feed until it ends. An error is one of before its
// first frame.
func (s *Server) configuration(w http.ResponseWriter, r *http.Request) error {
	c, err := s.identify(r)
	if err != nil {
		return err
	}
	position, err := readPosition(r.Header)
	if err != nil {
		return err
	}
	if err := s.enter(); err != nil {
		return err
	}
	defer s.feeds.Add(-1)
	h, v, err := s.attach(r.Context(), c, 1)
	if err != nil {
		return err
	}
	defer h.detach(v)
	f := &stream{s: s, h: h, v: v, c: c, w: w, control: http.NewResponseController(w)}
	lead, err := f.begin(r.Context(), position)
	if err != nil {
		return err
	}
	s.o.Log.Info("a gateway follows", f.attrs()...)
	why := f.run(r.Context(), lead)
	s.o.Log.Info("a gateway follows no longer", append(f.attrs(), slog.String("because", why))...)
	return nil
}

// readPosition reads the headers that say what the gateway has and can read.
func readPosition(header http.Header) (*protocol.Position, error) {
	if text := header.Get(protocol.HeaderFormats); text != "" {
		formats, err := protocol.ParseFormats(text)
		if err != nil {
			return nil, refused(http.StatusBadRequest, problem.CodeValidation, err.Error()+".")
		}
		if !slices.Contains(formats, snapshotFormat) {
			return nil, refused(http.StatusNotAcceptable, problem.CodeValidation,
				fmt.Sprintf("The gateway reads other versions of the snapshot format than this release writes (%d).", snapshotFormat))
		}
	}
	p, err := protocol.ParsePosition(
		header.Get(protocol.HeaderLineage), header.Get(protocol.HeaderRevision), header.Get(protocol.HeaderDigest))
	if err != nil {
		return nil, refused(http.StatusBadRequest, problem.CodeValidation, err.Error()+".")
	}
	return p, nil
}

// enter counts a feed, where there is room for it. Who entered leaves.
func (s *Server) enter() error {
	select {
	case <-s.draining:
		return later(http.StatusServiceUnavailable, "This node of the management plane is stopping.", time.Second)
	default:
	}
	wait, ok := s.joins.admit()
	if !ok {
		return later(http.StatusServiceUnavailable, "Many gateways come back at once: each is asked to wait for its turn.", wait)
	}
	if s.feeds.Add(1) > int64(s.limits.MaxFeeds) {
		s.feeds.Add(-1)
		return later(http.StatusTooManyRequests,
			fmt.Sprintf("This node feeds MaxFeeds (%d) gateways already: ask another one.", s.limits.MaxFeeds), fullRetry)
	}
	return nil
}

// attach finds the hub and the view of a caller.
func (s *Server) attach(ctx context.Context, c *caller, feeds int) (*hub, *view, error) {
	for range 2 { // A hub may end just when it is found.
		h, err := s.hub(ctx, c.service)
		if err != nil {
			return nil, nil, err
		}
		if v := h.attach(c.token.Gateway, c.keys, feeds); v != nil {
			return h, v, nil
		}
		s.forget(h)
	}
	return nil, nil, errors.New("the hub of the service ends each time that it begins")
}

// stream is one feed.
type stream struct {
	s       *Server
	h       *hub
	v       *view
	c       *caller
	w       http.ResponseWriter
	control *http.ResponseController
	// next is the number of the first change that was not sent.
	next uint64
	// debug are the keys of debug tokens that were sent.
	debug []string
}

func (f *stream) attrs() []any {
	return []any{slog.String("gateway", f.c.token.Gateway), slog.String("instance", f.c.instance), slog.String("release", f.c.release)}
}

// maxBehind bounds how long a gateway that knows more than this node waits for it
// to see as much.
const maxBehind = 5 * time.Second

// begin finds the gateway's place, and returns the first frame after hello.
func (f *stream) begin(ctx context.Context, p *protocol.Position) ([]byte, error) {
	// Neither reading nor writing of the connection ends with the times of other
	// requests: each write has its own.
	if err := errors.Join(f.control.SetReadDeadline(time.Time{}), f.control.SetWriteDeadline(time.Time{})); err != nil {
		return nil, fmt.Errorf("preparing a feed: %w", err)
	}
	if p != nil && p.Lineage == f.h.lineage {
		lead, ok, err := f.goOn(ctx, p)
		if ok || err != nil {
			return lead, err
		}
	}
	frame, next, err := f.h.document(ctx, f.v)
	f.next = next
	return frame, err
}

// goOn finds where a gateway goes on that has a document of this lineage; not ok
// where it needs a whole one.
func (f *stream) goOn(ctx context.Context, p *protocol.Position) (lead []byte, ok bool, err error) {
	for begin := f.s.o.Clock.Now(); ; {
		f.h.mu.Lock()
		next, first, ok, behind := f.v.place(p, f.h.revision, &f.s.limits)
		changed, seen, all, now := f.v.changed, f.h.revision, f.v.next(), f.v.current()
		f.h.mu.Unlock()
		f.next = next
		switch {
		case ok && first != nil:
			lead, err := first.frame()
			return lead, true, err
		case ok && next == all:
			lead, err := encodeCurrent(now)
			return lead, true, err
		case ok: // The changes since tell the gateway that it is known.
			return nil, true, nil
		case !behind:
			return nil, false, nil
		}
		latest, err := f.latest(ctx)
		if err != nil {
			return nil, false, err
		}
		if latest < p.Revision && seen >= latest {
			return nil, false, nil // No node has what the gateway says to have.
		}
		if f.s.o.Clock.Since(begin) > maxBehind {
			return nil, false, later(http.StatusServiceUnavailable, "The gateway has a newer configuration than this node has seen.", time.Second)
		}
		if err := f.await(ctx, changed); err != nil {
			return nil, false, err
		}
	}
}

// latest is the newest revision of the store.
func (f *stream) latest(ctx context.Context) (latest uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	err = f.h.read(ctx, func(s *resource.Session) error {
		latest = uint64(s.Reader().Revision())
		return nil
	})
	return latest, err
}

// await waits a little for the node to see more.
func (f *stream) await(ctx context.Context, changed <-chan struct{}) error {
	timer := f.s.o.Clock.NewTimer(maxBehind / 50)
	defer timer.Stop()
	select {
	case <-changed:
	case <-timer.C():
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

// run sends what is there and what comes, and returns why it ended.
func (f *stream) run(ctx context.Context, lead []byte) string {
	header := f.w.Header()
	header.Set("Content-Type", protocol.MediaType)
	header.Set("Cache-Control", "no-store")
	if err := f.greet(lead); err != nil {
		return err.Error()
	}
	beat := f.s.o.Clock.NewTimer(f.s.limits.Beat)
	defer beat.Stop()
	for {
		g := f.h.since(f.v, f.next)
		if g.ended == "" {
			g.ended = f.c.refusedNow(f.s.o.Clock.Now(), g.keys.signing)
		}
		if g.ended != "" {
			return f.bye(g.ended, 0)
		}
		if err := f.rekey(g.keys.debug); err != nil {
			return err.Error()
		}
		if len(g.entries) > 0 {
			if err := f.sendEntries(g); err != nil {
				return err.Error()
			}
			beat.Reset(f.s.limits.Beat)
			continue
		}
		select {
		case <-g.changed:
		case <-beat.C():
			frame, err := encodeCurrent(g.current)
			if err == nil {
				err = f.send(frame)
			}
			if err != nil {
				return err.Error()
			}
			beat.Reset(f.s.limits.Beat)
		case <-f.s.draining:
			return f.bye("this node of the management plane is stopping", f.s.turn())
		case <-ctx.Done():
			return "the gateway hung up"
		}
	}
}

// greet sends hello, the keys of debug tokens and the first frame, which may be
// none.
func (f *stream) greet(lead []byte) error {
	hello, err := f.hello()
	if err != nil {
		return err
	}
	f.debug = f.c.keys.debug
	tracing, err := f.tracing(f.debug)
	if err != nil {
		return err
	}
	return f.send(hello, tracing, lead)
}

// rekey sends the keys of debug tokens, where they are others than those that were
// sent.
func (f *stream) rekey(debug []string) error {
	if slices.Equal(f.debug, debug) {
		return nil
	}
	tracing, err := f.tracing(debug)
	if err != nil {
		return err
	}
	f.debug = debug
	return f.send(tracing)
}

// turn is after how many seconds a gateway that is asked to go should come back,
// so that all do at the rate at which they are let in.
func (s *Server) turn() int {
	at := time.Duration(s.leaving.Add(1)) * time.Second / time.Duration(s.limits.JoinsPerSecond)
	return int(min(at, maxPromise) / time.Second)
}

func (f *stream) hello() ([]byte, error) {
	frame, err := protocol.HelloFrame(protocol.Hello{
		Lineage: f.h.lineage, Release: f.s.o.Release,
		BeatSeconds: seconds(f.s.limits.Beat), HeartbeatSeconds: seconds(f.s.limits.Heartbeat),
	})
	if err != nil {
		return nil, err
	}
	return protocol.Encode(frame)
}

// encodeCurrent is the frame that says what the gateway should have: all that was
// sent.
func encodeCurrent(c protocol.Current) ([]byte, error) {
	frame, err := protocol.CurrentFrame(c)
	if err != nil {
		return nil, err
	}
	return protocol.Encode(frame)
}

// bye ends the feed. What cannot be said is not said: the gateway hears that the
// connection ends.
func (f *stream) bye(reason string, after int) string {
	frame, err := protocol.ByeFrame(protocol.Bye{Reason: reason, RetryAfterSeconds: after})
	if err == nil {
		var encoded []byte
		if encoded, err = protocol.Encode(frame); err == nil {
			err = f.send(encoded)
		}
	}
	if err != nil {
		return reason + ", and it could not be told: " + err.Error()
	}
	return reason
}

func (f *stream) sendEntries(g glance) error {
	frames := make([][]byte, 0, len(g.entries))
	for _, e := range g.entries {
		frame, err := e.frame()
		if err != nil {
			return err
		}
		frames = append(frames, frame)
	}
	f.next = g.next
	return f.send(frames...)
}

// send writes frames. A gateway that does not take MaxChunk bytes within
// WriteTimeout is cut off.
func (f *stream) send(frames ...[]byte) error {
	for _, frame := range frames {
		if len(frame) == 0 {
			continue
		}
		for rest := frame; len(rest) > 0; {
			chunk := rest[:min(len(rest), MaxChunk)]
			if err := f.within(func() error { return f.write(chunk) }); err != nil {
				return err
			}
			rest = rest[len(chunk):]
		}
		f.s.stats.frames.Add(1)
		f.s.stats.bytes.Add(uint64(len(frame)))
	}
	if err := f.within(f.control.Flush); err != nil {
		return err
	}
	return f.control.SetWriteDeadline(time.Time{}) // It would end a connection that is idle, too.
}

func (f *stream) write(chunk []byte) error {
	_, err := f.w.Write(chunk) //nolint:gosec // Frames, which no browser shows.
	return err
}

// within writes with a deadline, by the clock of the sockets.
func (f *stream) within(write func() error) error {
	if err := f.control.SetWriteDeadline(clock.System().Now().Add(f.s.limits.WriteTimeout)); err != nil {
		return fmt.Errorf("writing to a gateway: %w", err)
	}
	if err := write(); err != nil {
		return fmt.Errorf("writing to a gateway: %w", err)
	}
	return nil
}
