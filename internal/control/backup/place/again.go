package place

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
)

// final is an error that is not the place's: trying again would not help.
type final struct{ error }

// Unwrap returns what was wrong.
func (f *final) Unwrap() error { return f.error }

// again tries something until it succeeds, fails for good, or has been tried
// often enough.
func (p *Place) again(ctx context.Context, try func(context.Context) error) error {
	pause := firstPause
	for n := 1; ; n++ {
		err := try(ctx)
		if err == nil || n == attempts || !mayPass(err) || ctx.Err() != nil {
			return err
		}
		// Between half of the pause and all of it: nodes that failed together do
		// not come back together.
		jittered := pause/2 + rand.N(pause/2+1) //nolint:gosec // It is no secret.
		if clock.Sleep(ctx, p.clock, jittered) != nil {
			return err
		}
		pause *= 2
	}
}

// mayPass reports whether an error may be gone the next time.
func mayPass(err error) bool {
	var own *final
	return !errors.As(err, &own) && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrRefused) &&
		!errors.Is(err, ErrInvalid) && !errors.Is(err, context.Canceled)
}

// watch ends a context when the place has let us wait for too long: it is armed
// while we wait, so that who reads or writes slowly is not blamed on the place.
type watch struct {
	timer clock.Timer
	limit time.Duration
	end   context.CancelCauseFunc
}

// watch begins to watch a call; it is armed.
func (p *Place) watch(ctx context.Context, limit time.Duration) (context.Context, *watch) {
	ctx, end := context.WithCancelCause(ctx)
	w := &watch{limit: limit, end: end}
	w.timer = p.clock.AfterFunc(limit, func() { end(errStalled) })
	return ctx, w
}

// arm begins to wait, anew.
func (w *watch) arm() { w.timer.Reset(w.limit) }

// rest says that we do not wait.
func (w *watch) rest() { w.timer.Stop() }

func (w *watch) stop() {
	w.timer.Stop()
	w.end(nil)
}

// cause is the error, or why its context has ended.
func cause(ctx context.Context, err error) error {
	if why := context.Cause(ctx); err != nil && errors.Is(why, errStalled) {
		return why
	}
	return err
}

// moving is a writer that is watched.
type moving struct {
	w      io.Writer
	watch  *watch
	failed atomic.Bool
}

// Write passes on.
func (m *moving) Write(b []byte) (int, error) {
	m.watch.arm()
	defer m.watch.rest()
	n, err := m.w.Write(b)
	if err != nil {
		m.failed.Store(true)
	}
	return n, err
}

// blame tells what failed by itself from what failed because the place did.
func (m *moving) blame(err error) error {
	if m.failed.Load() {
		return err
	}
	return &final{err}
}

// reading is an object that is being read.
type reading struct {
	io.ReadCloser
	ctx   context.Context //nolint:containedctx // It lasts as long as the body.
	watch *watch
	p     *Place
	name  string
}

// Read reads on.
func (r *reading) Read(b []byte) (int, error) {
	r.watch.arm()
	defer r.watch.rest()
	n, err := r.ReadCloser.Read(b)
	if err == nil || errors.Is(err, io.EOF) {
		return n, err
	}
	return n, r.p.doing("reading", r.name, cause(r.ctx, err))
}

// Close ends reading.
func (r *reading) Close() error {
	defer r.watch.stop()
	return r.ReadCloser.Close()
}
