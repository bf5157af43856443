package apply

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/people"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/model"
)

// The reasons for what proves who somebody is: keys are made anew and passwords
// changed because the ones before have leaked.
const (
	becauseProof   = "has another %s here, which stays; --revive takes what was there then"
	becauseNewKeys = "comes back with new keys, for which its gateways need new tokens; --revive takes those that it had"
	becausePutOut  = "was removed by itself since, and stays so; --revive takes it back"
)

// proofs are the properties of a resource with which its keys, or its user's
// sign-in, are what they are here, and what they are called; none for others.
func (r *rollback) proofs(id resource.ID) (fields []string, called string) {
	collection, name, _ := strings.Cut(id.Relative(), "/")
	if strings.Contains(name, "/") {
		return nil, ""
	}
	switch {
	case strings.EqualFold(collection, "gateways"):
		return []string{"primaryKey", "secondaryKey", "debugKey"}, "key"
	case strings.EqualFold(collection, "tenant"):
		return []string{"primaryKey", "secondaryKey"}, "key"
	case strings.EqualFold(collection, "users") && name == people.Administrator && !r.o.Visitors:
		return []string{"passwordHash", "state", "identities", "email"}, "password, state or address"
	case strings.EqualFold(collection, "users"):
		// The address goes back with what says whose it is, which visitors have made too.
		return []string{"passwordHash", "state"}, "password or state"
	}
	return nil, ""
}

// keepProofs leaves in an entity of then what proves who somebody is now. here is
// the entity as it is, nil where there is none.
func (r *rollback) keepProofs(e, here *resource.Entity) {
	fields, called := r.proofs(e.ID)
	if here == nil {
		if called == "key" {
			for _, field := range fields {
				e.Set(field, r.s.NewKey()+r.s.NewKey())
			}
			r.left = append(r.left, Left{ID: e.ID.Relative(), Reason: becauseNewKeys})
		}
		return
	}
	differs := false
	for _, field := range fields {
		value, ok := here.Properties()[field]
		differs = differs || !reflect.DeepEqual(value, e.Properties()[field])
		if ok {
			e.Set(field, value)
		} else {
			e.Unset(field)
		}
	}
	if differs {
		r.left = append(r.left, Left{ID: e.ID.Relative(), Reason: fmt.Sprintf(becauseProof, called)})
	}
}

// comesBack reports whether a membership that is no longer there may be again: it
// went because its group or its user did, and not by itself.
func (r *rollback) comesBack(membership resource.ID) (bool, error) {
	for _, with := range []resource.ID{membership.Parent(), r.service.Child("users", membership.Name())} {
		together, err := r.wentTogether(membership, with)
		if together || err != nil {
			return together, err
		}
	}
	return false, nil
}

// wentTogether reports whether one change was the last to delete both.
func (r *rollback) wentTogether(one, other resource.ID) (bool, error) {
	var went [2]store.Revision
	for i, id := range []resource.ID{one, other} {
		past, err := r.s.Reader().History(id.Key(), 0, 1)
		if err != nil {
			return false, fmt.Errorf("reading what became of %s: %w", id.Relative(), err)
		}
		if len(past) == 0 || !past[0].Deleted {
			return false, nil
		}
		went[i] = past[0].Revision
	}
	return went[0] == went[1], nil
}

// isMembership reports whether an id is that of a user in a group.
func isMembership(id model.ID) bool { return id.Kind() == model.KindGroupUser }
