package people

import (
	"cmp"
	"slices"
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

// Rotation says which key of a subscription is replaced, and how.
type Rotation struct {
	// KeyType is "primary", which it is where it is empty, or "secondary".
	KeyType string
	// Overlap is how long the old key works beside the new one.
	Overlap time.Duration
	// Expires is when the new key ends to work, as RFC 3339 has it; "" is never.
	Expires string
}

// rotate is the action sallyportRotateKey, an addition of ours to the API.
func rotate(s *resource.Session, e *resource.Entity, in resource.Input) (resource.Result, error) {
	overlap, err := overlapOf(in.Body)
	if err != nil {
		return resource.Result{}, err
	}
	keyType, _ := in.Body["keyType"].(string)
	expires, _ := in.Body["expires"].(string)
	keyType = cmp.Or(keyType, "primary")
	_, until, err := RotateKey(s, e, Rotation{KeyType: keyType, Overlap: overlap, Expires: expires})
	if err != nil {
		return resource.Result{}, err
	}
	return resource.Result{Body: map[string]any{"keyType": keyType, expiry(previous(keyType + "Key")): until.Format(time.RFC3339)}}, nil
}

// RotateKey makes one of a subscription's keys anew, and lets the old one work
// until the overlap has ended. It returns the new key and the time at which the
// old one ends to work.
func RotateKey(s *resource.Session, e *resource.Entity, r Rotation) (key string, until time.Time, err error) {
	name := cmp.Or(r.KeyType, "primary") + "Key"
	if !slices.Contains(keyNames[:], name) {
		return "", until, resource.Invalid("keyType", "%q is neither primary nor secondary", r.KeyType)
	}
	if r.Overlap < 0 || r.Overlap > MaxOverlap {
		return "", until, resource.Invalid("overlap", "the overlap is between nothing and %d days", MaxOverlap/(24*time.Hour))
	}
	if ends := timeOf(e, expiry(previous(name))); ends.After(s.Now()) {
		return "", until, problem.New(statusConflict, problem.CodeConflict,
			"The %s is being rotated: the one before it works until %s. Wait, or regenerate the key, which ends it at once.",
			name, ends.Format(time.RFC3339))
	}
	next := e.Clone()
	if err := forgetPrevious(s, next, name); err != nil {
		return "", until, err
	}
	until = s.Now().Add(r.Overlap).Truncate(time.Second)
	// A key that was to end sooner still does.
	if ends := timeOf(e, expiry(name)); !ends.IsZero() && ends.Before(until) {
		until = ends
	}
	if key, err = replaceKey(s, next, e, name, until); err != nil {
		return "", until, err
	}
	next.Unset(expiry(name))
	if r.Expires != "" {
		next.Set(expiry(name), r.Expires)
	}
	return key, until, s.Store(e.ID, next.Body)
}

// replaceKey gives a subscription a new key and keeps the one before it beside.
func replaceKey(s *resource.Session, next, e *resource.Entity, name string, until time.Time) (key string, err error) {
	before, err := s.Reveal(e, name)
	if err != nil {
		return "", err
	}
	next.Set(previous(name), before)
	next.Set(expiry(previous(name)), until.Format(time.RFC3339))
	key = s.NewKey()
	return key, setKey(s, next, e, name, key)
}

// overlapOf reads the overlap of a rotation: an ISO 8601 duration.
func overlapOf(body map[string]any) (time.Duration, error) {
	text, given := body["overlap"].(string)
	if !given {
		return defaultOverlap, nil
	}
	overlap, err := model.ParseDuration(text)
	if err != nil {
		return 0, resource.Invalid("overlap", "%q is no duration such as PT24H", text).WithCause(err)
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
