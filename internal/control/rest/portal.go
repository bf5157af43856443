package rest

import (
	"context"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/problem"
)

// actingForHeader names the user for whom a portal calls.
const actingForHeader = "X-Sallyport-Acting-For"

// maxUserName bounds the name of a user in that header, in characters.
const maxUserName = 80

// Deputies is what a Guard may know beside: who may say that it calls for
// somebody else, which then stands in the audit log. A guard that is none lets
// nobody.
type Deputies interface {
	// ActsForUsers reports whether the principal is a portal of the service with
	// the id, or of what is below it.
	ActsForUsers(p Principal, id string) bool
}

// principalKey is where WithPrincipal keeps the principal.
type principalKey struct{}

// WithPrincipal returns a context whose request is made by the principal, which
// is then not asked for a token. It is for code of this process that calls the
// handler itself, as the portal's transport does. Nothing that comes over the
// network can put it there: a context is no part of a message. What the
// principal may do is asked of the Guard all the same.
func WithPrincipal(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// introduced takes the principal that code of this process has put into the
// context.
func (x *exchange) introduced() bool {
	p, ok := x.r.Context().Value(principalKey{}).(Principal)
	if ok {
		x.who = p
	}
	return ok
}

// deputy notes for whom the caller calls, where it may say so. What others say
// is not believed, and counts for nothing.
func (x *exchange) deputy() error {
	user := x.r.Header.Get(actingForHeader)
	if user == "" {
		return nil
	}
	deputies, ok := x.guard.(Deputies)
	if !ok || !deputies.ActsForUsers(x.who, "/"+x.path) {
		return nil
	}
	if utf8.RuneCountInString(user) > maxUserName || !utf8.ValidString(user) || strings.ContainsFunc(user, notNameRune) {
		return problem.New(http.StatusBadRequest, problem.CodeValidation, "The header %s names no user.", actingForHeader).
			WithTarget(actingForHeader)
	}
	x.call.ActingFor = user
	x.call.Name += " for users/" + user
	return nil
}

// notNameRune says that a name may not have a character.
func notNameRune(c rune) bool { return c < ' ' || c == 0x7f || strings.ContainsRune(`*#&+:<>?\/`, c) }
