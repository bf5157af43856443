package people

import (
	"cmp"
	"time"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
)

// Limits of the time in which a key works beside the one that replaces it.
const (
	// defaultOverlap is as long as a rotation lasts that does not say how long.
	defaultOverlap = 24 * time.Hour
	// MaxOverlap bounds it.
	MaxOverlap = 90 * 24 * time.Hour
)

// rotate makes one of the keys anew, and lets the old one work until the overlap
// has ended. It is an addition of ours to the API.
func rotate(s *resource.Session, e *resource.Entity, in resource.Input) (resource.Result, error) {
	keyType, _ := in.Body["keyType"].(string)
	keyType = cmp.Or(keyType, "primary")
	name := keyType + "Key"
	overlap, err := overlapOf(in.Body)
	if err != nil {
		return resource.Result{}, err
	}
	if until := timeOf(e, expiry(previous(name))); until.After(s.Now()) {
		return resource.Result{}, problem.New(statusConflict, problem.CodeConflict,
			"The %s key is being rotated: the one before it works until %s. Wait, or regenerate the key, which ends it at once.",
			keyType, until.Format(time.RFC3339))
	}
	next := e.Clone()
	if err := forgetPrevious(s, next, name); err != nil {
		return resource.Result{}, err
	}
	until := s.Now().Add(overlap).Truncate(time.Second)
	// A key that was to end sooner still does.
	if ends := timeOf(e, expiry(name)); !ends.IsZero() && ends.Before(until) {
		until = ends
	}
	if err := replaceKey(s, next, e, name, until); err != nil {
		return resource.Result{}, err
	}
	next.Unset(expiry(name))
	if expires, given := in.Body["expires"].(string); given {
		next.Set(expiry(name), expires)
	}
	if err := s.Store(e.ID, next.Body); err != nil {
		return resource.Result{}, err
	}
	return resource.Result{Body: map[string]any{"keyType": keyType, expiry(previous(name)): until.Format(time.RFC3339)}}, nil
}

// replaceKey gives a subscription a new key and keeps the one before it beside.
func replaceKey(s *resource.Session, next, e *resource.Entity, name string, until time.Time) error {
	before, err := s.Reveal(e, name)
	if err != nil {
		return err
	}
	next.Set(previous(name), before)
	next.Set(expiry(previous(name)), until.Format(time.RFC3339))
	return setKey(s, next, e, name, s.NewKey())
}

// overlapOf reads the overlap of a rotation: an ISO 8601 duration.
func overlapOf(body map[string]any) (time.Duration, error) {
	text, given := body["overlap"].(string)
	if !given {
		return defaultOverlap, nil
	}
	overlap, err := model.ParseDuration(text)
	if err != nil || overlap < 0 || overlap > MaxOverlap {
		return 0, resource.Invalid("overlap", "%q is no duration between PT0S and P90D, such as PT24H", text)
	}
	return overlap, nil
}

// forgetExpired forgets a key that a rotation has replaced, where its time has
// come: it works at no gateway any more.
func forgetExpired(s *resource.Session, e *resource.Entity, name string) error {
	if e.Text(previous(name)) == "" || timeOf(e, expiry(previous(name))).After(s.Now()) {
		return nil
	}
	return forgetPrevious(s, e, name)
}

// forgetPrevious forgets a key that a rotation has replaced.
func forgetPrevious(s *resource.Session, e *resource.Entity, name string) error {
	key, err := s.Reveal(e, previous(name))
	if err != nil {
		return err
	}
	e.Unset(previous(name))
	e.Unset(expiry(previous(name)))
	if key == "" {
		return nil
	}
	if still, err := hasKey(s, e, key); err != nil || still {
		return err
	}
	return release(s, e.ID, keyClaim, key)
}

// timeOf reads a property that is a time; zero where there is none.
func timeOf(e *resource.Entity, property string) time.Time {
	// One that cannot be read has been refused when it was written.
	at, _ := time.Parse(time.RFC3339, e.Text(property))
	return at
}
