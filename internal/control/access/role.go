package access

import (
	"slices"
	"strings"
)

// Role is a set of permissions under a name, as Azure's role definitions are.
type Role struct {
	// ID is the GUID of the role definition: Azure's, where the role is.
	ID string
	// Name is the role's name, unique in any case of letters.
	Name string
	// Description says what for, in a sentence.
	Description string
	// Actions and NotActions are patterns of permissions, in which "*" stands for
	// anything, also for several segments. The role gives what an action matches
	// and no NotAction does.
	Actions, NotActions []string
}

// allows reports whether the role gives a permission.
func (r *Role) allows(p Permission) bool {
	if !p.Valid() {
		return false
	}
	match := func(pattern string) bool { return matches(strings.ToLower(pattern), p.folded) }
	return slices.ContainsFunc(r.Actions, match) && !slices.ContainsFunc(r.NotActions, match)
}

// matches reports whether a pattern, in which "*" stands for any characters,
// matches the whole of s. It takes time in proportion to the product of both at
// worst, and both are short.
func matches(pattern, s string) bool {
	prefix, rest, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == s
	}
	s, ok := strings.CutPrefix(s, prefix)
	if !ok {
		return false
	}
	for {
		part, after, more := strings.Cut(rest, "*")
		if !more {
			return strings.HasSuffix(s, part)
		}
		at := strings.Index(s, part)
		if at < 0 {
			return false
		}
		s, rest = s[at+len(part):], after
	}
}

// FindRole returns a role by its name or its GUID, in any case of letters, or by
// the full id of its definition.
func FindRole(nameOrID string) (*Role, bool) {
	wanted := strings.TrimSpace(nameOrID)
	if at := strings.LastIndexByte(wanted, '/'); at >= 0 {
		wanted = wanted[at+1:]
	}
	for i := range roles {
		if strings.EqualFold(roles[i].ID, wanted) || strings.EqualFold(roles[i].Name, wanted) {
			return &roles[i], true
		}
	}
	return nil, false
}

// Roles returns every role that there is.
func Roles() []Role { return slices.Clone(roles) }
