package apply

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/people"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/model"
)

// What visitors make and own is the state of an installation, and no
// configuration: users, their memberships of groups, and their subscriptions.
// Their sessions, tokens and mails are in no folder at all.
//
// A subscription without an owner, and one of the administrator, is
// configuration.

// visitors reports whether visitors made the resource. Owner is that of a
// subscription.
func visitors(id model.ID, owner string) bool {
	switch id.Kind() {
	case model.KindUser, model.KindGroupUser:
		return id.Name() != people.Administrator
	case model.KindSubscription:
		name := owner[strings.LastIndexByte(owner, '/')+1:]
		return name != "" && name != people.Administrator
	}
	return false
}

// byVisitors is visitors for what a folder states.
func byVisitors(r model.Resource) bool {
	owner := ""
	if s, ok := r.(*model.Subscription); ok {
		owner = s.OwnerID
	}
	return visitors(r.ResourceID(), owner)
}

// ofVisitors is visitors for what is kept. What is below a user is the user's.
func ofVisitors(e *resource.Entity) bool {
	rel, err := model.ParseID(e.ID.Relative())
	if err != nil || rel.Kind() == "" {
		collection, below, _ := strings.Cut(e.ID.Relative(), "/")
		name, _, _ := strings.Cut(below, "/")
		return strings.EqualFold(collection, "users") && name != people.Administrator
	}
	owner := ""
	if rel.Kind() == model.KindSubscription {
		owner = e.Text("ownerId") // Only there: it makes properties where there are none.
	}
	return visitors(rel, owner)
}

// LeftOut counts what visitors made and an export does not have.
type LeftOut struct {
	Users         int `json:"users"`
	Memberships   int `json:"memberships"`
	Subscriptions int `json:"subscriptions"`
}

// String says it in words, "" where nothing was left out.
func (l LeftOut) String() string {
	var parts []string
	for _, p := range []struct {
		n         int
		one, many string
	}{
		{l.Users, "user", "users"},
		{l.Memberships, "membership of a group", "memberships of groups"},
		{l.Subscriptions, "subscription of a user", "subscriptions of users"},
	} {
		switch {
		case p.n == 1:
			parts = append(parts, "1 "+p.one)
		case p.n > 1:
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.many))
		}
	}
	return strings.Join(parts, ", ")
}

// WithoutVisitors are the resources without what visitors made, and how much
// that was.
func WithoutVisitors(resources []model.Resource) ([]model.Resource, LeftOut) {
	var out LeftOut
	kept := slices.DeleteFunc(slices.Clone(resources), func(r model.Resource) bool {
		if !byVisitors(r) {
			return false
		}
		switch r.Kind() {
		case model.KindUser:
			out.Users++
		case model.KindGroupUser:
			out.Memberships++
		default:
			out.Subscriptions++
		}
		return true
	})
	return kept, out
}

// maxNamed bounds the visitors' resources that a refusal names.
const maxNamed = 5

// inUse refuses to delete what visitors' data hangs on: a product or an API that
// they subscribed to, a group that they are in, a workspace with any of these.
// Gone are the ids that are to be deleted with all that is below them.
func inUse(s *resource.Session, service resource.ID, gone []resource.ID, because string) error {
	if len(gone) == 0 {
		return nil
	}
	goes := make(map[store.Key]bool, len(gone))
	for _, id := range gone {
		goes[id.Key()] = true
	}
	users := map[resource.ID][]string{}
	for e, err := range s.Tree(service) {
		if err != nil {
			return err
		}
		if !ofVisitors(e) {
			continue
		}
		if on, ok := hangsOn(service, e, goes); ok {
			users[on] = append(users[on], e.ID.Relative())
		}
	}
	for _, id := range gone { // In the order of the plan, so that it is one error.
		if by := users[id]; len(by) > 0 {
			named := strings.Join(by[:min(len(by), maxNamed)], ", ")
			if more := len(by) - maxNamed; more > 0 {
				named += fmt.Sprintf(" and %d more", more)
			}
			return fmt.Errorf("%s %s, and visitors depend on it (%s): delete these first, or keep it; nothing was changed",
				id.Relative(), because, named)
		}
	}
	return nil
}

// hangsOn is the resource that goes and that a visitor's one is in, or is a
// subscription to.
func hangsOn(service resource.ID, e *resource.Entity, goes map[store.Key]bool) (resource.ID, bool) {
	from := []resource.ID{e.ID.Parent()}
	if strings.EqualFold(e.ID.Collection().Name(), "subscriptions") {
		from = append(from, resource.ID(e.Text("scope")))
	}
	for _, start := range from {
		for at := start; len(at) > len(service) && at.Service() != ""; at = at.Parent() {
			if goes[at.Key()] {
				return at, true
			}
		}
	}
	return "", false
}
