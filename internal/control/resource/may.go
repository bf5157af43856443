package resource

import (
	"context"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/problem"
)

// Authorize refuses callers that lack a permission at an id. It is for what a
// call reads or replaces elsewhere than where it is; that place itself has been
// seen to before. Roles are looked up outside of the transaction, as by Outside.
func (s *Session) Authorize(permission access.Permission, id ID) error {
	if s.Call.May == nil {
		return nil
	}
	found, err := s.Outside("the caller's permission "+permission.String()+" at "+string(id.Key()), func(ctx context.Context) (any, error) {
		return s.Call.May(ctx, permission, id)
	})
	if err != nil {
		return err
	}
	if may, _ := found.(bool); !may {
		return Forbidden(s.Call, permission, id)
	}
	return nil
}

// Forbidden is the refusal of a caller that lacks a permission.
func Forbidden(c *Call, permission access.Permission, id ID) error {
	return problem.New(statusForbidden, problem.CodeForbidden,
		"The client %q with object id %q does not have authorization to perform action %q over scope %q.",
		c.Name, c.Principal, permission, id).WithTarget(string(id))
}

// statusForbidden is a status of HTTP, which this package knows by number only.
const statusForbidden = 403
