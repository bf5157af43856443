package access

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxScopeLength bounds a scope, in bytes.
const MaxScopeLength = 2048

// Scope is where a role holds: a resource id, and everything below it. "/" is
// everything.
type Scope struct {
	// spelled is the scope as it was given, folded what is compared: "" or
	// "/a/b", in lower case.
	spelled, folded string
}

// ParseScope reads "/", the id of a subscription, a resource group or a
// resource.
func ParseScope(s string) (Scope, error) {
	switch {
	case len(s) > MaxScopeLength:
		return Scope{}, fmt.Errorf("the scope is longer than %d bytes", MaxScopeLength)
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		return Scope{}, errors.New("the scope is not text")
	case !strings.HasPrefix(s, "/"):
		return Scope{}, fmt.Errorf("the scope %q does not begin with a slash", s)
	}
	trimmed := strings.TrimSuffix(s, "/")
	for segment := range strings.SplitSeq(strings.TrimPrefix(trimmed, "/"), "/") {
		if segment == "" && trimmed != "" || segment == "." || segment == ".." {
			return Scope{}, errors.New("the scope has an empty or a dotted segment")
		}
	}
	if trimmed == "" {
		return Scope{spelled: "/"}, nil
	}
	return Scope{spelled: trimmed, folded: strings.ToLower(trimmed)}, nil
}

// String is the scope as it was given.
func (s Scope) String() string { return s.spelled }

// contains reports whether a resource is at the scope or below it. A role for
// an API holds for its revisions, "echo;rev=2" as well as "echo". The zero
// Scope contains nothing.
func (s Scope) contains(resourceID string) bool {
	if s.spelled == "" {
		return false
	}
	rest, ok := cutFolded(resourceID, s.folded)
	if !ok {
		return false
	}
	if rest == "" || rest[0] == '/' {
		return true
	}
	return len(rest) > len(revisionMark) && strings.EqualFold(rest[:len(revisionMark)], revisionMark) && s.isAPI()
}

// revisionMark stands between the name of an API and the number of a revision.
const revisionMark = ";rev="

// isAPI reports whether the scope is one API, without a revision.
func (s Scope) isAPI() bool {
	segments := strings.Split(s.folded, "/")
	return len(segments) > 2 && segments[len(segments)-2] == "apis" && !strings.Contains(segments[len(segments)-1], ";")
}

// cutFolded removes a prefix that is in lower case, whatever the case of s.
func cutFolded(s, prefix string) (rest string, ok bool) {
	if !strings.HasPrefix(s, "/") && s != "" {
		return "", false
	}
	folded := strings.ToLower(s)
	return strings.CutPrefix(folded, prefix)
}
