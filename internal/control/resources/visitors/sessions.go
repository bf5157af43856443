package visitors

import (
	"encoding/hex"
	"slices"
	"time"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// Limits of sessions.
const (
	// maxSessions is how many sessions a user has; one more ends the one that was
	// not seen for the longest.
	maxSessions = 50
	// maxSessionLife is how far ahead the end of a session may be.
	maxSessionLife = 90 * 24 * time.Hour
	// verifierLength is that of a SHA-256, in bytes.
	verifierLength = 32
)

// sessions is the collection of a user's sessions.
const sessions = "sallyportSessions"

// sessionKind is the kind of a user's sessions at the portal. A session that has
// expired, or whose user may not sign in any more, is not found. What proves a
// session is never listed.
func sessionKind() *resource.Node {
	return resource.New(access.UserSessions, resource.Kind{
		Collection: sessions, Title: "Session", Contract: "SallyportSessionContract", Live: true, Unpaged: true,
		Secrets: []resource.Secret{{Path: "properties.verifier", Shown: true}},
		Keep:    []string{"properties.verifier", "properties.created", "properties.expires"},
		Hooks: resource.Hooks{
			Load: loadSession, Prepare: prepareSession,
			Listed:  func(s *resource.Session, e *resource.Entity) (bool, error) { return !over(s, e), nil },
			Present: presentSession,
		},
		Actions: []resource.Action{seenAction()},
	})
}

func presentSession(s *resource.Session, e *resource.Entity) error {
	if s.Call.Listing {
		e.Unset("verifier")
	}
	at, err := lastSeen(s, e)
	if err != nil {
		return err
	}
	if at.After(timeOf(e, "lastSeen")) {
		e.Set("lastSeen", stamp(at))
	}
	return nil
}

// over reports whether something has expired.
func over(s *resource.Session, e *resource.Entity) bool {
	return !timeOf(e, "expires").After(s.Now())
}

func loadSession(s *resource.Session, id resource.ID) (*resource.Entity, error) {
	e, err := s.Lookup(id)
	if err != nil || e == nil || over(s, e) {
		return nil, err
	}
	user, err := s.Lookup(id.Parent())
	if err != nil || !MaySignIn(user) {
		return nil, err
	}
	return e, nil
}

func prepareSession(s *resource.Session, e, old *resource.Entity) error {
	if old != nil {
		e.Set("created", old.Text("created"))
		e.Set("verifier", old.Text("verifier")) // What proves a session is said once.
	} else if verifier, err := hex.DecodeString(e.Text("verifier")); err != nil || len(verifier) != verifierLength {
		return resource.Invalid("properties.verifier", "the verifier is a SHA-256 in hexadecimal digits")
	}
	e.SetDefault("created", s.Stamp())
	e.SetDefault("lastSeen", s.Stamp())
	expires := timeOf(e, "expires")
	if !expires.After(s.Now()) || expires.After(s.Now().Add(maxSessionLife)) {
		return resource.Invalid("properties.expires", "a session ends in the future, in %d days at the most", maxSessionLife/(24*time.Hour))
	}
	if old != nil {
		return nil
	}
	user, err := s.Get(e.ID.Parent())
	if err != nil {
		return err
	}
	if !MaySignIn(user) {
		return resource.Invalid("userId", "the user %s is %s and cannot sign in", user.ID.Name(), user.Text("state"))
	}
	return makeRoom(s, e.ID.Collection(), maxSessions, lastSeen, nil)
}

// timed is an entity with the time that says which of several is the oldest.
type timed struct {
	*resource.Entity
	at time.Time
}

// makeRoom drops what has expired in a collection, and so many of those that are
// counted, the oldest by a time, that there is room for one more.
func makeRoom(s *resource.Session, collection resource.ID, limit int,
	by func(*resource.Session, *resource.Entity) (time.Time, error), counted func(*resource.Entity) bool,
) error {
	all, err := collect(s, collection)
	if err != nil {
		return err
	}
	var left []timed
	for _, e := range all {
		switch {
		case over(s, e):
			if err := s.Drop(e.ID); err != nil {
				return err
			}
		case counted == nil || counted(e):
			at, err := by(s, e)
			if err != nil {
				return err
			}
			left = append(left, timed{e, at})
		}
	}
	slices.SortStableFunc(left, func(a, b timed) int { return a.at.Compare(b.at) })
	for _, e := range left[:max(0, len(left)-limit+1)] {
		if err := s.Drop(e.ID); err != nil {
			return err
		}
	}
	return nil
}

// EndSessions ends all sessions of a user, and makes its tokens worth nothing.
func EndSessions(s *resource.Session, user resource.ID) error {
	if err := dropAll(s, user+"/"+sessions); err != nil {
		return err
	}
	return EndTokens(s, user)
}

// EndTokens makes the one-time tokens of a user worth nothing: who has them is
// not known to be the user any more, once the address has changed.
func EndTokens(s *resource.Session, user resource.ID) error { return dropAll(s, user+"/"+tokens) }

func dropAll(s *resource.Session, collection resource.ID) error {
	all, err := collect(s, collection)
	if err != nil {
		return err
	}
	for _, e := range all {
		if err := s.Drop(e.ID); err != nil {
			return err
		}
	}
	return nil
}
