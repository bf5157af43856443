package settings

import (
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/policies"
)

// namedValues is the kind of the values that policies refer to by their
// displayName, as {{name}}.
func namedValues() *resource.Node {
	return resource.New(access.NamedValues, resource.Kind{
		Collection: "namedValues", Title: "NamedValue", MaxName: 256,
		Contract: "NamedValueContract", Create: "NamedValueCreateContract", Update: "NamedValueUpdateParameters",
		Filter:      "NamedValueClientListByService",
		LongRunning: resource.Put | resource.Patch,
		Secrets:     []resource.Secret{{Path: "properties.value", When: isSecretValue}},
		Stamps:      []string{vaultStamp},
		Keep:        []string{"properties.value"},
		Hooks: resource.Hooks{
			Prepare: prepareNamedValue, Written: renameReferences, Deleting: deletingNamedValue,
			Present: presentNamedValue, Listed: listedByRefresh, ListedBy: refreshFailed,
		},
		Actions: []resource.Action{
			{Path: "listValue", Permission: access.ListValue, Run: listValue},
			{Path: "refreshSecret", Permission: access.RefreshSecret, Writes: true, LongRunning: true, Run: refreshSecret},
		},
	})
}

func isSecretValue(body map[string]any) bool {
	secret, _ := resource.At(body, "properties.secret")
	return secret == true
}

func prepareNamedValue(s *resource.Session, e, old *resource.Entity) error {
	e.SetDefault("secret", false)
	if hasKeyVault(e) {
		e.Set("secret", true)
	}
	if err := takeValue(s, e, old); err != nil {
		return err
	}
	if e.Text("value") == "" && !hasKeyVault(e) {
		return resource.Invalid("properties.value", "a named value needs a value, or keyVault")
	}
	if !e.Bool("secret", false) {
		// What was a secret until now is kept as it is read.
		value, err := s.Reveal(e, "value")
		if err != nil {
			return err
		}
		e.Set("value", value)
	}
	if old != nil && strings.EqualFold(old.Text("displayName"), e.Text("displayName")) {
		return nil
	}
	return requireUniqueName(s, e)
}

// requireUniqueName refuses a displayName that another named value of the scope
// has: references could not tell them apart.
func requireUniqueName(s *resource.Session, e *resource.Entity) error {
	for other, err := range s.Collection(e.ID.Collection()) {
		if err != nil {
			return err
		}
		if !other.ID.Equal(e.ID) && strings.EqualFold(other.Text("displayName"), e.Text("displayName")) {
			return resource.Invalid("properties.displayName",
				"the named value %q has this displayName already; names in references have to be unique", other.ID.Name())
		}
	}
	return nil
}

// renameReferences follows a change of displayName in all that refers to it.
func renameReferences(s *resource.Session, e, old *resource.Entity) error {
	if old == nil || strings.EqualFold(old.Text("displayName"), e.Text("displayName")) {
		return nil
	}
	from, to := old.Text("displayName"), e.Text("displayName")
	return eachReferring(s, e.ID.Scope(), func(user *resource.Entity) error {
		changed := false
		replaceStrings(user.Body, func(text string) string {
			text, found := policies.RenameReferences(text, from, to)
			changed = changed || found
			return text
		})
		if !changed {
			return nil
		}
		return s.Store(user.ID, user.Body)
	})
}

func deletingNamedValue(s *resource.Session, e *resource.Entity) error {
	users, err := usersOfNamedValue(s, e, "")
	if err != nil {
		return err
	}
	return policies.RefuseInUse(e.ID, "named value", users)
}

// usersOfNamedValue are the policies, fragments, backends, loggers and caches
// that refer to a named value, but for one.
func usersOfNamedValue(s *resource.Session, e *resource.Entity, but resource.ID) ([]*resource.Entity, error) {
	var users []*resource.Entity
	err := eachReferring(s, e.ID.Scope(), func(user *resource.Entity) error {
		if user.ID.Equal(but) {
			return nil
		}
		found := false
		replaceStrings(user.Body, func(text string) string {
			found = found || policies.Refers(text, e.Text("displayName"), e.ID.Name())
			return text
		})
		if found {
			users = append(users, user)
		}
		return nil
	})
	return users, err
}

// referring are the collections, beside policies and fragments, whose resources
// may refer to named values.
var referring = []string{"backends", "loggers", "caches"}

// eachReferring calls f with every resource of the scope that may refer to named
// values, with its secrets open.
func eachReferring(s *resource.Session, scope resource.ID, f func(*resource.Entity) error) error {
	var all []*resource.Entity
	for e, err := range policies.Documents(s, scope) {
		if err != nil {
			return err
		}
		all = append(all, e)
	}
	for _, collection := range referring {
		for e, err := range s.Collection(scope + "/" + resource.ID(collection)) {
			if err != nil {
				return err
			}
			all = append(all, e)
		}
	}
	for _, e := range all {
		place, ok, err := s.Registry.Walk(string(e.ID))
		if err != nil || !ok {
			continue // What no kind has any more refers to nothing.
		}
		if err := s.Open(place.Node, e, true); err != nil {
			return err
		}
		if err := f(e); err != nil {
			return err
		}
	}
	return nil
}

// replaceStrings puts f's result in the place of every string of the tree.
func replaceStrings(node any, f func(string) string) {
	switch n := node.(type) {
	case map[string]any:
		for name, value := range n {
			if text, ok := value.(string); ok {
				n[name] = f(text)
				continue
			}
			replaceStrings(value, f)
		}
	case []any:
		for i, value := range n {
			if text, ok := value.(string); ok {
				n[i] = f(text)
				continue
			}
			replaceStrings(value, f)
		}
	}
}

func presentNamedValue(_ *resource.Session, e *resource.Entity) error {
	e.Set("provisioningState", "Succeeded")
	return nil
}

func listValue(s *resource.Session, e *resource.Entity, _ resource.Input) (resource.Result, error) {
	value, err := s.Reveal(e, "value")
	if err != nil {
		return resource.Result{}, err
	}
	return resource.Result{Body: map[string]any{"value": value}, ETag: e.ETag()}, nil
}
