package apis

import (
	"cmp"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// releases is the kind of the releases of an API. They stay with the API when
// another of its revisions becomes current.
func releases(filter string) *resource.Node {
	return resource.New(access.APIReleases, resource.Kind{
		Collection: "releases", Title: "Release", MaxName: maxShortName,
		Contract: "APIReleaseContract", Filter: filter, Stamps: []string{"properties.updatedDateTime"},
		Hooks: resource.Hooks{Prepare: prepareRelease, Written: writtenRelease},
	})
}

// prepareRelease checks which revision is released, and stamps the release.
func prepareRelease(s *resource.Session, e, old *resource.Entity) error {
	const field = "properties.apiId"
	e.ID = rootID(e.ID.Parent()).Child("releases", e.ID.Name())
	root := e.ID.Parent()
	id, err := s.Resolve(e.ID, field, cmp.Or(e.Text("apiId"), string(root)))
	if err != nil {
		return err
	}
	if !strings.EqualFold(id.Collection().Name(), "apis") || !rootID(id).Equal(root) {
		return resource.Invalid(field, "%s is not a revision of the API %s", id, root)
	}
	kept, err := s.Locate(id)
	if err != nil {
		return err
	}
	if there, err := s.Has(kept); err != nil {
		return err
	} else if !there {
		return resource.Invalid(field, "there is no %s", id)
	}
	e.Set("apiId", string(id))
	e.Set("createdDateTime", s.Stamp())
	e.Set("updatedDateTime", s.Stamp())
	if old != nil {
		e.Set("createdDateTime", cmp.Or(old.Text("createdDateTime"), s.Stamp()))
	}
	return nil
}

// writtenRelease makes the revision current. A release that is changed in its
// notes alone does not bring an old revision back.
func writtenRelease(s *resource.Session, e, old *resource.Entity) error {
	if old != nil && strings.EqualFold(old.Text("apiId"), e.Text("apiId")) {
		return nil
	}
	id, err := s.Locate(resource.ID(e.Text("apiId")))
	if err != nil {
		return err
	}
	return makeCurrent(s, e.ID.Parent(), id)
}

// makeCurrent puts a revision in the place of the current one, which becomes a
// revision beside it.
func makeCurrent(s *resource.Session, root, revision resource.ID) error {
	if root.Equal(revision) {
		return nil
	}
	current, err := s.Get(root)
	if err != nil {
		return err
	}
	return exchange(s, current.ID, revision, revisionID(current.ID, revisionOf(current)))
}
