package installation

import (
	"context"
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// subscriptionsPrefix begins every id but "/".
const subscriptionsPrefix = "/subscriptions/"

// Scope makes the scope of a role of what a person writes: "/" for everything, a
// full id, an id below the service such as "apis/echo", or "" for the service.
func (n Names) Scope(text string) (access.Scope, error) {
	full := text
	switch {
	case text == "":
		full = string(n.ID())
	case !strings.HasPrefix(text, "/"):
		full = string(n.ID()) + "/" + text
	case text != "/" && !hasPrefixFold(text, subscriptionsPrefix):
		return access.Scope{}, fmt.Errorf(
			"%q is not a scope: give / for everything, an id below the service such as apis/echo, or a full id that begins with %s",
			text, subscriptionsPrefix)
	}
	scope, err := access.ParseScope(full)
	if err != nil {
		return access.Scope{}, fmt.Errorf("%q is not a scope: %w", text, err)
	}
	return scope, nil
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// FindScope is Names.Scope for what is there: a service, or something in one,
// has to exist, as Azure asks as well. Subscriptions and resource groups need
// not.
func (in *Installation) FindScope(ctx context.Context, text string) (access.Scope, error) {
	scope, err := in.Names.Scope(text)
	if err != nil {
		return scope, err
	}
	const service = "/providers/microsoft.apimanagement/"
	if !strings.Contains(strings.ToLower(scope.String())+"/", service) {
		return scope, nil
	}
	err = in.Plane.Read(ctx, System("scope"), func(s *resource.Session) error {
		place, ok, err := s.Registry.Walk(scope.String())
		switch {
		case err != nil:
			return err
		case !ok || place.Internal || place.Rest != "":
			return fmt.Errorf("%q is not the id of a resource: give one such as apis/echo, products/starter or workspaces/team", text)
		case place.Collection:
			return fmt.Errorf("%q is a collection: give one resource of it, such as %s/NAME, or what they are all in",
				text, strings.TrimSuffix(text, "/"))
		}
		_, err = s.Find(place)
		return err
	})
	if err != nil {
		return access.Scope{}, fmt.Errorf("the scope: %w", err)
	}
	return scope, nil
}
