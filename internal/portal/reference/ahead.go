package reference

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/portal/catalogue"
)

// Limits of reading ahead, which is done one description at a time.
const (
	// MaxAhead bounds the APIs that are read before anybody asks: those with the most
	// operations.
	MaxAhead = 8
	// MinAhead is how many operations an API has that is worth it; others are read in
	// a few milliseconds by whoever asks first.
	MinAhead = 50
	// MaxAheadBytes bounds the memory that is filled before anybody asks: half of
	// MaxCached, so that what visitors do read stays.
	MaxAheadBytes = MaxCached / 2
	// MaxOpened bounds the APIs whose pages were opened and that wait to be read;
	// beyond it they are not read ahead.
	MaxOpened = 16
	// aheadEvery is how often it is looked whether the service has changed, and
	// aheadPause how long nothing is read ahead after a failure.
	aheadEvery = time.Second
	aheadPause = 30 * time.Second
)

// ReadAhead reads the largest descriptions before anybody asks for them, again when
// they change, and those of which Opened tells, until ctx ends. What is dropped
// since nobody used it is not read ahead again.
func (l *Library) ReadAhead(ctx context.Context) {
	a := ahead{l: l, begun: map[string]bool{}}
	pause := time.Duration(0)
	for {
		timer := l.o.Clock.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case api := <-l.opened:
			timer.Stop()
			a.read(ctx, api)
		case <-timer.C():
			pause = aheadEvery
			if !a.largest(ctx) {
				pause = aheadPause
			}
		}
	}
}

// Opened tells that a visitor reads of an API, so that its description is there when
// its operations are opened. It does not wait.
func (l *Library) Opened(api *catalogue.API) {
	select {
	case l.opened <- api:
	default: // Whoever opens the operations reads it then.
	}
}

// ahead is the state of reading ahead.
type ahead struct {
	l *Library
	// chosen are the largest APIs as of a revision of the catalogue; begun has the
	// names of those that were read once.
	chosen   []*catalogue.API
	revision int64
	begun    map[string]bool
}

// largest reads those that are not read yet, and those that are kept and have
// changed. It reports whether what had to be read could be.
func (a *ahead) largest(ctx context.Context) bool {
	a.choose()
	left := a.l.aheadBytes()
	for _, api := range a.chosen {
		key := strings.ToLower(api.Name)
		_, kept := a.l.kept(key)
		if !kept && (a.begun[key] || left <= 0) {
			continue
		}
		a.begun[key] = true
		if !a.read(ctx, api) {
			return false
		}
		size, _ := a.l.kept(key)
		left -= size
	}
	return true
}

// choose chooses anew where the catalogue has changed. The catalogue is that of who
// sees everything: nothing of it is shown to anybody here.
func (a *ahead) choose() {
	index := a.l.o.Catalogue.Current()
	if a.chosen != nil && index.Revision() == a.revision {
		return
	}
	a.revision, a.chosen = index.Revision(), []*catalogue.API{}
	for _, api := range index.APIs(catalogue.Reader{Admin: true}) {
		if len(api.Operations) >= MinAhead {
			a.chosen = append(a.chosen, api)
		}
	}
	slices.SortStableFunc(a.chosen, func(p, q *catalogue.API) int { return cmp.Compare(len(q.Operations), len(p.Operations)) })
	a.chosen = a.chosen[:min(len(a.chosen), MaxAhead)]
	begun := map[string]bool{}
	for _, api := range a.chosen {
		if key := strings.ToLower(api.Name); a.begun[key] {
			begun[key] = true
		}
	}
	a.begun = begun
}

// read reads a description where it is not fresh. It reports whether it is then.
func (a *ahead) read(ctx context.Context, api *catalogue.API) bool {
	_, err := a.l.shared(ctx, ctx, api.Name, api, "")
	switch {
	case ctx.Err() != nil:
		return false
	case err != nil:
		a.l.o.Log.Warn("a description was not read ahead", "api", api.Name, "error", err.Error())
		return false
	}
	return a.l.isFresh(strings.ToLower(api.Name))
}

// aheadBytes is how much memory may be filled ahead.
func (l *Library) aheadBytes() int { return min(MaxAheadBytes, l.o.MaxBytes/2) }

// kept is what a description takes in memory, and whether it is there.
func (l *Library) kept(key string) (size int, kept bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.entries[key]
	if e == nil || e.has == nil {
		return 0, false
	}
	return e.size, true
}

// isFresh reports whether a description is kept and may be taken for current.
func (l *Library) isFresh(key string) bool {
	at, now := l.o.Catalogue.Current().Revision(), l.o.Clock.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.entries[key]
	return e != nil && e.fresh(at, now)
}
