package people

import (
	"encoding/json"
	"strings"

	"github.com/sallyport/sallyport/internal/control/resource"
)

// The names of a subscription's keys, and what claims call both.
const (
	primaryKey   = "primaryKey"
	secondaryKey = "secondaryKey"
	keyClaim     = "subscriptionKey"
)

// keyNames are both keys. It is never written.
var keyNames = [...]string{primaryKey, secondaryKey}

// previous is the name of the key that a rotation of this one has replaced, and
// expiry that of the time at which a key ends to work.
func previous(name string) string { return "sallyportPrevious" + capital(name) }

func expiry(name string) string {
	if strings.HasPrefix(name, "sallyport") {
		return name + "Expires"
	}
	return "sallyport" + capital(name) + "Expires"
}

func capital(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

// allKeys are the names of all keys that a subscription may have.
func allKeys() []string {
	all := keyNames[:len(keyNames):len(keyNames)]
	for _, name := range keyNames {
		all = append(all, previous(name))
	}
	return all
}

// keySecrets are the keys as fields that are sealed, and expiryFields what a PUT
// leaves of them and of their times.
func keySecrets() []resource.Secret {
	var fields []resource.Secret
	for _, name := range allKeys() {
		fields = append(fields, resource.Secret{Path: "properties." + name})
	}
	return fields
}

func expiryFields() []string {
	var fields []string
	for _, name := range keyNames {
		fields = append(fields, "properties."+expiry(name), "properties."+previous(name), "properties."+expiry(previous(name)))
	}
	return fields
}

// settleKeys makes the keys that are not given, and sees to it that no two
// subscriptions of a service share one.
func settleKeys(s *resource.Session, e, old *resource.Entity) error {
	for _, name := range keyNames {
		if err := forgetExpired(s, e, name); err != nil {
			return err
		}
	}
	for _, name := range keyNames {
		value := e.Text(name)
		if old != nil && value != "" && value == old.Text(name) {
			continue // It was not given, and is as it was kept: sealed.
		}
		if value == "" {
			value = s.NewKey()
		}
		if err := setKey(s, e, old, name, value); err != nil {
			return err
		}
	}
	return nil
}

// setKey gives a subscription a key in clear, claims it, and releases the one
// before it.
func setKey(s *resource.Session, e, old *resource.Entity, name, value string) error {
	taken, err := claim(s, e.ID, keyClaim, value, func(other *resource.Entity) (bool, error) { return hasKey(s, other, value) })
	if err != nil {
		return err
	}
	if taken {
		return resource.Invalid("properties."+name, "the key is that of another subscription; give another one, or none to have it made")
	}
	e.Set(name, value)
	if old == nil {
		return nil
	}
	before, err := s.Reveal(old, name)
	if err != nil {
		return err
	}
	// Both keys may have been the same.
	if still, err := hasKey(s, e, before); err != nil || still {
		return err
	}
	return release(s, e.ID, keyClaim, before)
}

// hasKey reports whether one of a subscription's keys is the value.
func hasKey(s *resource.Session, e *resource.Entity, value string) (bool, error) {
	for _, name := range allKeys() {
		key, err := s.Reveal(e, name)
		if err != nil || key == value {
			return err == nil, err
		}
	}
	return false, nil
}

// releaseKeys forgets the claims of a subscription that goes.
func releaseKeys(s *resource.Session, e *resource.Entity) error {
	for _, name := range allKeys() {
		key, err := s.Reveal(e, name)
		if err != nil {
			return err
		}
		if err := release(s, e.ID, keyClaim, key); err != nil {
			return err
		}
	}
	return nil
}

// listKeys answers both keys in clear.
func listKeys(s *resource.Session, e *resource.Entity, _ resource.Input) (resource.Result, error) {
	answer := map[string]any{}
	for _, name := range keyNames {
		key, err := s.Reveal(e, name)
		if err != nil {
			return resource.Result{}, err
		}
		answer[name] = key
	}
	return resource.Result{Body: answer, ETag: e.ETag()}, nil
}

// regenerate makes one of the keys anew; the old one works no longer, and one
// that a rotation had replaced neither. The new one does not expire.
func regenerate(name string) func(*resource.Session, *resource.Entity, resource.Input) (resource.Result, error) {
	return func(s *resource.Session, e *resource.Entity, _ resource.Input) (resource.Result, error) {
		next := e.Clone()
		next.Unset(expiry(name))
		if err := forgetPrevious(s, next, name); err != nil {
			return resource.Result{}, err
		}
		if err := setKey(s, next, e, name, s.NewKey()); err != nil {
			return resource.Result{}, err
		}
		return resource.Result{}, s.Store(e.ID, next.Body)
	}
}

// whole reads a whole number of a body.
func whole(value any) (int, bool) {
	number, ok := value.(json.Number)
	if !ok {
		return 0, false
	}
	n, err := number.Int64()
	return int(n), err == nil
}
