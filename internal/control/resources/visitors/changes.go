package visitors

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/store"
)

// Limits of what is told of changes.
const (
	// maxWait is how long a call waits for a change.
	maxWait = 25 * time.Second
	// maxRevisions is how many revisions are looked through, maxChanged how many
	// resources are named. A portal that is further behind reads everything.
	maxRevisions = 500
	maxChanged   = 5000
)

// changesRoute is the read sallyportChanges: what was configured after a
// revision. What is no configuration, as sessions, is not told of.
func changesRoute() resource.Route {
	return resource.Route{
		Method: "GET", Path: ofService + "sallyportChanges", Permission: access.Portal.Read(), Run: changes,
	}
}

func changes(s *resource.Session, _ map[string]string, in resource.Input) (resource.Result, error) {
	service := in.ID.Service()
	if _, err := s.Get(service); err != nil {
		return resource.Result{}, err
	}
	after, given, err := number(s, "after", 1<<62)
	if err != nil {
		return resource.Result{}, err
	}
	seconds, _, err := number(s, "wait", int64(maxWait/time.Second))
	if err != nil {
		return resource.Result{}, err
	}
	revision := s.Reader().Revision()
	if !given || store.Revision(after) > revision { //nolint:gosec // It is not negative.
		return told(revision, nil, false), nil // Of another store, or before a restore.
	}
	names, complete, err := changed(s, service, store.Revision(after)) //nolint:gosec // It is not negative.
	if err != nil {
		return resource.Result{}, err
	}
	if !complete || len(names) > 0 || seconds == 0 {
		return told(revision, names, complete), nil
	}
	_, err = s.Outside("a change of "+string(service), func(ctx context.Context) (any, error) {
		return nil, await(ctx, s.Environment, service, revision, time.Duration(seconds)*time.Second)
	})
	return told(revision, nil, true), err
}

func told(revision store.Revision, names []string, complete bool) resource.Result {
	if names == nil {
		names = []string{}
	}
	return resource.Result{Body: map[string]any{"revision": revision, "changed": names, "complete": complete}}
}

// number reads a parameter that is a whole number; what is more than the limit is
// the limit.
func number(s *resource.Session, name string, limit int64) (n int64, given bool, err error) {
	text, given := s.Call.Query[name]
	if !given {
		return 0, false, nil
	}
	n, err = strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, true, resource.Invalid(name, "%.40q is no whole number from 0", text)
	}
	return min(n, limit), true, nil
}

// changed names what was configured after a revision; complete is false where
// that is not known, or too much.
func changed(s *resource.Session, service resource.ID, after store.Revision) (names []string, complete bool, err error) {
	list, err := s.Reader().Changes(after, maxRevisions+1)
	if errors.Is(err, store.ErrCompacted) || errors.Is(err, store.ErrFutureRevision) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("reading what was changed: %w", err)
	}
	if len(list) > maxRevisions {
		return nil, false, nil
	}
	for _, change := range list {
		names = append(names, configured(s.Registry, service, change)...)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) > maxChanged {
		return nil, false, nil
	}
	return names, true, nil
}

// configured names what of a service a change has configured, by the paths below
// the service; "" is the service itself.
func configured(registry *resource.Registry, service resource.ID, change store.Change) []string {
	var names []string
	for _, v := range change.Versions {
		id := resource.ID(v.ID)
		if !id.Service().Equal(service) {
			continue
		}
		place, ok, err := registry.Walk(v.ID)
		if err != nil || !ok || place.Live || place.Internal {
			continue
		}
		names = append(names, id.Relative())
	}
	return names
}

// await waits until something of the service is configured, or the time is up.
func await(ctx context.Context, env *resource.Environment, service resource.ID, after store.Revision, wait time.Duration) error {
	if env.Watch == nil {
		return nil
	}
	leave, err := env.Polling.Enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	defer env.Clock.AfterFunc(wait, cancel).Stop()
	for change, err := range env.Watch(waiting, after) {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case waiting.Err() != nil, errors.Is(err, store.ErrCompacted):
			return nil
		case err != nil:
			return err
		case len(configured(env.Registry, service, change)) > 0:
			return nil
		}
	}
	return ctx.Err()
}
