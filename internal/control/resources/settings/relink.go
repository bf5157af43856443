package settings

import (
	"github.com/sallyport/sallyport/internal/control/resource"
)

// Link makes the links of the tags that an API and its operations have, where
// there are none: for an API that came by a copy, and not by assigning tags one
// by one. It does nothing in workspaces, where the links are all that there is.
func Link(s *resource.Session, id resource.ID) error {
	if id.Workspace() != "" {
		return nil
	}
	found, err := memberships(s, id)
	if err != nil {
		return err
	}
	for _, at := range found {
		if err := writtenMembership(s, &resource.Entity{ID: at}, nil); err != nil {
			return err
		}
	}
	return nil
}
