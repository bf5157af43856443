package installation

import (
	"context"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/rest"
)

// guard lets the management API ask the directory who calls and what they may.
type guard struct {
	authenticator *access.Authenticator
	directory     *access.Directory
}

// Authenticate reads a bearer token.
func (g guard) Authenticate(ctx context.Context, authorization string) (rest.Principal, error) {
	p, err := g.authenticator.Authenticate(ctx, authorization)
	if err != nil {
		return rest.Principal{}, err
	}
	return rest.Principal{ID: p.ID, Name: p.Name, Claims: p}, nil
}

// Allow asks the roles of the principal.
func (g guard) Allow(_ context.Context, p rest.Principal, permission access.Permission, id string) (bool, error) {
	who, ok := p.Claims.(access.Principal)
	return ok && g.directory.Allow(who, permission, id), nil
}

// ActsForUsers reports whether the principal has the role of portals.
func (g guard) ActsForUsers(p rest.Principal, id string) bool {
	who, ok := p.Claims.(access.Principal)
	return ok && g.directory.Holds(who, access.PortalRoleID, id)
}
