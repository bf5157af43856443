package people

import (
	"strings"

	"github.com/sallyport/sallyport/internal/control/resource"
)

// indexedOfUsers and indexedOfSubscriptions are what their lists are filtered by.
func indexedOfUsers() []string {
	return []string{"email", "firstName", "lastName", "state", "registrationDate", "note"}
}

func indexedOfSubscriptions() []string {
	return []string{"ownerId", "scope", "displayName", "state", "stateComment"}
}

// indexedOwner is the place of ownerId among what subscriptions are indexed by.
const indexedOwner = 0

// memberships are the links of users to groups of workspaces.
func memberships() resource.Relation { return resource.Relation{Path: "groups/users"} }

// ownerships are the subscriptions in workspaces, by who owns them.
func ownerships() resource.Relation {
	return resource.Relation{Path: "subscriptions", Names: func(e *resource.Entity) string {
		return resource.ID(e.Text("ownerId")).Name()
	}}
}

// scopesOwned are the places where a user may have subscriptions: the service,
// and the workspaces where there are some, or all of them where that is not known.
func scopesOwned(s *resource.Session, user resource.ID) ([]resource.ID, error) {
	owned, ok, err := s.Related(ownerships(), user.Service(), user.Name())
	if err != nil {
		return nil, err
	}
	if !ok {
		return scopesBelow(s, user.Service())
	}
	scopes := []resource.ID{user.Service()}
	for _, subscription := range owned {
		if scope := subscription.Scope(); scopes[len(scopes)-1] != scope {
			scopes = append(scopes, scope)
		}
	}
	return scopes, nil
}

// sourcesOfUser are where the subscriptions of a user stand.
func sourcesOfUser(s *resource.Session, collection resource.ID) ([]resource.Source, bool, error) {
	user := string(collection.Collection())
	scopes, err := scopesOwned(s, collection.Collection())
	if err != nil {
		return nil, false, err
	}
	sources := make([]resource.Source, 0, len(scopes))
	for _, scope := range scopes {
		sources = append(sources, resource.Source{
			Collection: scope + "/subscriptions",
			Keep:       func(r *resource.Row) bool { return strings.EqualFold(r.Text(indexedOwner), user) },
			As: func(e *resource.Entity) *resource.Entity {
				return seenOf(e, collection)
			},
		})
	}
	return sources, true, nil
}

// sourcesOfGroup are the users of a service, of whom a group has some.
func sourcesOfGroup(s *resource.Session, collection resource.ID) ([]resource.Source, bool, error) {
	links, ok, err := s.Rows(collection)
	if !ok || err != nil {
		return nil, false, err
	}
	at := 0
	return []resource.Source{{
		Collection: collection.Service() + "/users",
		Keep: func(r *resource.Row) bool {
			for at < len(links) && links[at].Compare(r) < 0 {
				at++
			}
			return at < len(links) && links[at].Compare(r) == 0
		},
		As: func(e *resource.Entity) *resource.Entity {
			user := seenAt(e, collection+"/"+resource.ID(e.ID.Name()))
			user.Body["id"] = string(userSeenFrom(collection, user.ID.Name()))
			return user
		},
	}}, true, nil
}

// Index makes the indexes of a service's large lists, and of what is looked for in
// all its workspaces, before somebody waits for them.
func Index(s *resource.Session, service resource.ID) error {
	for _, collection := range []string{"/users", "/subscriptions", "/groups/developers/users"} {
		if _, _, err := s.Rows(service + resource.ID(collection)); err != nil {
			return err
		}
	}
	for _, relation := range []resource.Relation{memberships(), ownerships()} {
		if _, _, err := s.Related(relation, service, ""); err != nil {
			return err
		}
	}
	return nil
}
