package policies

import (
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// fragments is the kind of the policy fragments.
func fragments() *resource.Node {
	return resource.New(access.PolicyFragments, resource.Kind{
		Collection: FragmentCollection, Title: "PolicyFragment",
		Contract: "PolicyFragmentContract", Verbs: resource.NoPatch,
		Filter: "PolicyFragmentClientListByService", LongRunning: resource.Put,
		Hooks: resource.Hooks{
			Prepare: prepareFragment, Present: presentFragment, Deleting: deletingFragment,
		},
		Actions: []resource.Action{{
			Path: "listReferences", Permission: access.ListReferences, Run: listReferences,
		}},
	})
}

func prepareFragment(s *resource.Session, e, _ *resource.Entity) error {
	if err := settleFormat(s, e); err != nil {
		return err
	}
	return check(e, document.RootFragment)
}

func presentFragment(s *resource.Session, e *resource.Entity) error {
	e.Set("provisioningState", "Succeeded")
	return present(s, e)
}

// fragmentUsers are the policies and fragments that include a fragment.
func fragmentUsers(s *resource.Session, fragment resource.ID) ([]*resource.Entity, error) {
	users := []*resource.Entity{}
	for e, err := range Documents(s, fragment.Scope()) {
		if err != nil {
			return nil, err
		}
		if uses(e, "include-fragment", "fragment-id", fragment.Name()) {
			users = append(users, e)
		}
	}
	return users, nil
}

func deletingFragment(s *resource.Session, e *resource.Entity) error {
	users, err := fragmentUsers(s, e.ID)
	if err != nil {
		return err
	}
	return RefuseInUse(e.ID, "policy fragment", users)
}

// RefuseInUse is the answer to the deletion of a resource that others use: nil
// where there are none. It names them.
func RefuseInUse(id resource.ID, title string, users []*resource.Entity) error {
	if len(users) == 0 {
		return nil
	}
	names := make([]string, 0, maxNamed)
	for _, u := range users[:min(len(users), maxNamed)] {
		names = append(names, "/"+u.ID.Relative())
	}
	more := ""
	if len(users) > maxNamed {
		more = " and others"
	}
	return resource.Invalid(id.Name(), "the %s %q is used by %s%s: change these first", title, id.Name(), strings.Join(names, ", "), more).
		WithTarget(string(id))
}

// maxNamed is how many users of a resource an error names.
const maxNamed = 10

func listReferences(s *resource.Session, e *resource.Entity, _ resource.Input) (resource.Result, error) {
	users, err := fragmentUsers(s, e.ID)
	if err != nil {
		return resource.Result{}, err
	}
	items := make([]*resource.Entity, 0, len(users))
	for _, u := range users {
		items = append(items, &resource.Entity{Body: map[string]any{
			"id": string(u.ID), "name": u.ID.Name(), "type": resource.Type(u.ID),
		}})
	}
	return resource.Result{Items: items}, nil
}
