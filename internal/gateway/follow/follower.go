package follow

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/problem"
	"github.com/sallyport/sallyport/internal/snapshot"
	"github.com/sallyport/sallyport/internal/snapshot/disk"
	"github.com/sallyport/sallyport/internal/telemetry"
)

// MaxLoggedProblems bounds the problems of one document that are logged one by
// one.
const MaxLoggedProblems = 50

// Options is what a follower is made of.
type Options struct {
	Settings *snapshot.Settings
	// Use makes a snapshot the one that requests are served from.
	Use func(*snapshot.Snapshot)
	// Store keeps generations; nil keeps none.
	Store   *disk.Store
	Metrics *telemetry.Metrics // nil counts nothing
	Log     *slog.Logger
	Clock   clock.Clock
}

// Follower applies documents one after the other. It is safe for concurrent
// use.
type Follower struct {
	o        Options
	mu       sync.Mutex // one document at a time
	current  *snapshot.Snapshot
	received *received // nil where no feed is followed
	standing atomic.Pointer[standing]
	applied  atomic.Pointer[time.Time]
	keep     chan kept // holds the newest one that is not on disk
	done     chan struct{}
}

// kept is what goes to disk: a snapshot, and what is known of its feed.
type kept struct {
	snapshot *snapshot.Snapshot
	state    []byte
}

// New makes a follower. Close ends it.
func New(o Options) *Follower {
	f := &Follower{o: o, keep: make(chan kept, 1), done: make(chan struct{})}
	go f.keepAll()
	return f
}

// Start serves the newest generation on disk that can be read and compiled. It
// reports whether there was one.
func (f *Follower) Start() (bool, error) {
	if f.o.Store == nil {
		return false, nil
	}
	doc, damage, err := f.o.Store.Load()
	f.reportDamage(damage)
	if err != nil {
		return false, fmt.Errorf("starting from the kept configuration: %w", err)
	}
	if doc == nil {
		return false, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if problems := f.compile(doc, nil); problems.HasErrors() {
		return false, nil // It has been logged; a newer release may refuse what an older one took.
	}
	f.o.Log.Info("serving the configuration kept on disk until a newer one comes", slog.Uint64("revision", doc.Revision))
	return true, nil
}

// reportDamage reports generations that cannot be read.
func (f *Follower) reportDamage(damage []disk.Damage) {
	for _, d := range damage {
		f.o.Log.Error("a kept generation of the configuration cannot be read", slog.String("file", d.File), slog.Any("error", d.Err))
		f.refused()
	}
}

// Offer compiles a document and serves it. The problems are all that was found,
// warnings included; where one is an error the configuration before stays.
// locate, which may be nil, adds to problems where their resources were read.
func (f *Follower) Offer(doc *snapshot.Document, locate func(problem.Problems) problem.Problems) problem.Problems {
	f.mu.Lock()
	defer f.mu.Unlock()
	problems := f.compile(doc, locate)
	if !problems.HasErrors() {
		f.keepLater()
	}
	return problems
}

// OfferDelta applies a delta to the configuration that is being served.
func (f *Follower) OfferDelta(d *snapshot.Delta) problem.Problems {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.current == nil {
		return problem.Problems{{Message: "there is no configuration that the change could be applied to"}}
	}
	begin := f.o.Clock.Now()
	next, problems := f.apply(d)
	if f.take(next, problems, begin) {
		f.keepLater()
	}
	return problems
}

// Adopt serves a snapshot that was compiled elsewhere in this process, with the
// same settings.
func (f *Follower) Adopt(next *snapshot.Snapshot) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.take(next, nil, f.o.Clock.Now()) {
		f.keepLater()
	}
}

// Current returns the snapshot that is being served, or nil.
func (f *Follower) Current() *snapshot.Snapshot {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.current
}

// compile makes a document the current one. With one before it, only what
// differs is compiled.
func (f *Follower) compile(doc *snapshot.Document, locate func(problem.Problems) problem.Problems) problem.Problems {
	begin := f.o.Clock.Now()
	next, problems := f.derive(doc)
	if locate != nil {
		problems = locate(problems)
	}
	f.take(next, problems, begin)
	return problems
}

// derive compiles a document, by way of its difference from the current one
// where there is one.
func (f *Follower) derive(doc *snapshot.Document) (next *snapshot.Snapshot, problems problem.Problems) {
	defer guard(&next, &problems)
	if f.current == nil {
		return snapshot.Compile(doc, f.o.Settings)
	}
	delta, err := snapshot.Difference(f.current.Document(), doc)
	if err != nil {
		return snapshot.Compile(doc, f.o.Settings)
	}
	return f.current.Apply(delta)
}

// apply derives the next snapshot from the current one.
func (f *Follower) apply(d *snapshot.Delta) (next *snapshot.Snapshot, problems problem.Problems) {
	defer guard(&next, &problems)
	return f.current.Apply(d)
}

// guard makes a panic of the compilation a refusal of the document: what comes
// from outside must not take the gateway down, whatever it makes of it.
func guard(next **snapshot.Snapshot, problems *problem.Problems) {
	if p := recover(); p != nil {
		*next = nil
		*problems = append(*problems, problem.Problem{
			Message: fmt.Sprintf("%s%v", policy.InternalErrorPrefix, p), Location: problem.Location{Element: "document"}})
	}
}

// take serves a snapshot, or reports why there is none.
func (f *Follower) take(next *snapshot.Snapshot, problems problem.Problems, begin time.Time) bool {
	f.report(problems)
	if next == nil || problems.HasErrors() {
		f.refused()
		return false
	}
	f.current = next
	f.o.Use(next)
	now := f.o.Clock.Now()
	f.applied.Store(&now)
	took := now.Sub(begin)
	if f.o.Metrics != nil {
		f.o.Metrics.SnapshotApplied(next.Revision(), next.Operations(), took)
	}
	f.o.Log.Info("configuration applied", slog.Uint64("revision", next.Revision()), slog.Int("apis", next.APIs()),
		slog.Int("operations", next.Operations()), slog.Int("subscriptions", next.Subscriptions()), slog.Duration("took", took))
	return true
}

// Refuse reports that a new configuration could not even be read: the one
// before stays.
func (f *Follower) Refuse(problems problem.Problems) {
	f.report(problems)
	f.refused()
}

// report logs what was found in a document.
func (f *Follower) report(problems problem.Problems) {
	problems.Sort()
	for i, p := range problems {
		if i == MaxLoggedProblems {
			f.o.Log.Error("more problems are not logged", slog.Int("count", len(problems)-i))
			return
		}
		level := slog.LevelError
		if p.Severity != problem.SeverityError {
			level = slog.LevelWarn
		}
		f.o.Log.Log(context.Background(), level, "configuration: "+p.String())
	}
}

// refused counts a document that was not taken.
func (f *Follower) refused() {
	if f.o.Metrics != nil {
		f.o.Metrics.SnapshotRefused()
	}
}

// keepLater has the current snapshot kept on disk. A request never waits for
// the disk, and of several snapshots in short order the last one is enough.
func (f *Follower) keepLater() {
	if f.o.Store == nil {
		return
	}
	select {
	case <-f.keep:
	default:
	}
	f.keep <- kept{f.current, f.received.encode()}
}

// keepAll writes snapshots to disk until Close.
func (f *Follower) keepAll() {
	defer close(f.done)
	for k := range f.keep {
		if _, err := f.o.Store.SaveWith(k.snapshot.Document(), k.state); err != nil {
			f.o.Log.Error("the configuration could not be kept on disk; it is served, but a restart would find an older one",
				slog.Uint64("revision", k.snapshot.Revision()), slog.Any("error", err))
		}
	}
}

// Close waits until what is to be kept is on disk, or until ctx ends. Nothing
// may be offered afterwards.
func (f *Follower) Close(ctx context.Context) error {
	close(f.keep)
	select {
	case <-f.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("keeping the configuration on disk: %w", context.Cause(ctx))
	}
}
