// Package visitors holds the additions to the management API that a developer
// portal needs for those who visit it: their sessions and one-time tokens, the
// outbox of its mail, keys of its own, and the changes that it follows. Nothing of
// it is configuration: a service that is taken back to a revision keeps it, and
// configuration folders do not have it. Backups do.
package visitors

import (
	"time"

	"github.com/sallyport/sallyport/internal/control/resource"
)

// ofService is where routes of a service begin.
const ofService = "subscriptions/{subscription}/resourceGroups/{resourceGroup}/providers/Microsoft.ApiManagement/service/{service}/"

// OfUser are the kinds that stand below users.
func OfUser() []*resource.Node { return []*resource.Node{sessionKind(), tokenKind()} }

// Kinds are the kinds that stand below a service, and those below a workspace.
func Kinds() (service, workspace []*resource.Node) {
	return []*resource.Node{mailKind(), keyKind(), signOnKind()}, nil
}

// Routes are the routes that are no part of a kind.
func Routes() []resource.Route { return []resource.Route{changesRoute(), keyRoute(), proofRoute()} }

// Statuses of HTTP, which this package knows by number only.
const (
	statusBadRequest  = 400
	statusConflict    = 409
	statusUnavailable = 503
)

// States of users that may sign in.
const (
	stateActive  = "active"
	statePending = "pending"
)

// MaySignIn reports whether a user, which may be nil, is one that signs in: it is
// active, or has yet to confirm its address.
func MaySignIn(user *resource.Entity) bool {
	return user != nil && (user.Text("state") == stateActive || user.Text("state") == statePending)
}

// timeOf reads a property that is a time; zero where there is none.
func timeOf(e *resource.Entity, property string) time.Time {
	at, err := time.Parse(time.RFC3339, e.Text(property))
	if err != nil {
		return time.Time{} // What cannot be read is over.
	}
	return at
}

// created is when something was made.
func created(_ *resource.Session, e *resource.Entity) (time.Time, error) {
	return timeOf(e, "created"), nil
}

// stamp is a time as bodies have it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// collect reads a collection whole; those of this package are bounded.
func collect(s *resource.Session, collection resource.ID) ([]*resource.Entity, error) {
	var all []*resource.Entity
	for e, err := range s.Collection(collection) {
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}
