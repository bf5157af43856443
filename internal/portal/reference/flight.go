package reference

import (
	"context"
	"errors"
	"strings"

	"github.com/sallyport/sallyport/internal/portal/catalogue"
)

// flight is one reading of a description, for all who ask for it meanwhile. has and
// err are there when done is closed; left says that who read did not stay to the end.
type flight struct {
	done chan struct{}
	has  *Described
	err  error
	left bool
}

// maxFlights bounds the readings that one caller waits for: a second one only where
// the first was given up because the Library's reading ahead has ended.
const maxFlights = 2

// errAborted is the error of a reading that has not come to its end.
var errAborted = errors.New("the reading of the description was broken off")

// shared returns the description where it is kept, or reads it, or waits for whoever
// reads it already. It waits until ctx ends, and reads until reading does.
func (l *Library) shared(ctx, reading context.Context, name string, api *catalogue.API, revision string) (*Described, error) {
	e := l.entry(strings.ToLower(name))
	var err error
	for range maxFlights {
		has, f, mine := l.join(e)
		if has != nil {
			return has, nil
		}
		if mine {
			return l.fly(reading, e, f, name, api, revision)
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			return l.stale(e, ctx.Err())
		}
		if f.err == nil || !f.left {
			return f.has, f.err
		}
		err = f.err
	}
	return l.stale(e, err)
}

// join returns what is kept where it is fresh, or else the reading that is under
// way; mine says that it is the caller's to do.
func (l *Library) join(e *entry) (has *Described, f *flight, mine bool) {
	at, now := l.o.Catalogue.Current().Revision(), l.o.Clock.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if e.fresh(at, now) {
		return e.has, nil, false
	}
	if e.flight != nil {
		return nil, e.flight, false
	}
	e.flight = &flight{done: make(chan struct{}), err: errAborted}
	return nil, e.flight, true
}

// fly reads, and tells those who wait what that has given.
func (l *Library) fly(ctx context.Context, e *entry, f *flight, name string, api *catalogue.API, revision string) (*Described, error) {
	defer func() {
		l.mu.Lock()
		e.flight = nil
		l.mu.Unlock()
		close(f.done)
	}()
	f.has, f.err = l.load(ctx, e, name, api, revision)
	f.left = ctx.Err() != nil
	return f.has, f.err
}

// load reads a description, as one of MaxLoads, within loadTimeout, and keeps it.
func (l *Library) load(ctx context.Context, e *entry, name string, api *catalogue.API, revision string) (*Described, error) {
	begun := l.o.Clock.Now()
	at := l.o.Catalogue.Current().Revision()
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	select {
	case l.loads <- struct{}{}:
		defer func() { <-l.loads }()
	case <-ctx.Done():
		return l.stale(e, ctx.Err())
	}
	has, stamp, err := l.read(ctx, e, name, api, revision)
	if err != nil {
		return l.stale(e, err)
	}
	l.keep(e, has, stamp, at, l.o.Clock.Since(begun))
	return has, nil
}
