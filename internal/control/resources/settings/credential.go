package settings

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/sallyport/sallyport/internal/control/resource"
)

// hide keeps a credential as a secret named value and returns the reference to
// it, as the service does for those of loggers and caches. A text that is a
// reference already stays as it is. The named value's name comes from the field,
// so that the next credential for the same field replaces this one.
func hide(s *resource.Session, owner resource.ID, field, prefix, value string) (string, error) {
	if isReference(value) || value == "" {
		return value, nil
	}
	name := credentialName(owner, field)
	id := owner.Scope().Child("namedValues", name)
	old, err := s.Lookup(id)
	if err != nil {
		return "", err
	}
	displayName := prefix + name
	if old != nil {
		displayName = old.Text("displayName")
		if kept, err := s.Reveal(old, "value"); err != nil || kept == value {
			return "{{" + displayName + "}}", err
		}
	}
	_, err = s.Put(id, resource.Object(map[string]any{
		"displayName": displayName, "secret": true, "value": value,
	}))
	if err != nil {
		return "", err
	}
	return "{{" + displayName + "}}", nil
}

// dropHidden removes the named value that hide made for a field, where nothing
// else uses it.
func dropHidden(s *resource.Session, owner resource.ID, field string) error {
	e, err := s.Lookup(owner.Scope().Child("namedValues", credentialName(owner, field)))
	if err != nil || e == nil {
		return err
	}
	users, err := usersOfNamedValue(s, e, owner)
	if err != nil || len(users) > 0 {
		return err
	}
	return s.Drop(e.ID)
}

// CredentialsOf are the ids of the named values in which the credentials of a
// logger or a cache are kept, whether they are there or not; none for other
// resources.
func CredentialsOf(owner resource.ID) []resource.ID {
	fields := map[string][]string{"loggers": secretCredentials, "caches": {connectionString}}
	var ids []resource.ID
	for _, field := range fields[strings.ToLower(owner.Collection().Name())] {
		ids = append(ids, owner.Scope().Child("namedValues", credentialName(owner, field)))
	}
	return ids
}

// credentialName is 24 hexadecimal digits, the form of the names that the
// service gives.
func credentialName(owner resource.ID, field string) string {
	sum := sha256.Sum256([]byte(string(owner.Key()) + "#" + field))
	return hex.EncodeToString(sum[:12])
}

// isReference says whether all of a text is a reference to a named value.
func isReference(text string) bool {
	text = strings.TrimSpace(text)
	return strings.HasPrefix(text, "{{") && strings.HasSuffix(text, "}}") &&
		strings.Count(text, "{{") == 1
}
