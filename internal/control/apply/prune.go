package apply

import (
	"strings"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/settings"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/model"
)

// prune removes what is not stated, and nothing that visitors made.
func prune(s *resource.Session, id resource.ID, stated map[store.Key]bool) error {
	if err := implied(s, id, stated); err != nil {
		return err
	}
	var gone []resource.ID
	for e, err := range s.Tree(id) {
		if err != nil {
			return err
		}
		if !stated[e.ID.Key()] && prunable(e.ID) && !ofVisitors(e) && !covered(gone, e.ID) {
			gone = append(gone, e.ID)
		}
	}
	if err := inUse(s, id, gone, "is not in the folder"); err != nil {
		return err
	}
	for _, id := range gone {
		if err := s.Drop(id); err != nil {
			return err
		}
	}
	return nil
}

// covered reports whether a resource goes with one that goes already.
func covered(gone []resource.ID, id resource.ID) bool {
	return len(gone) > 0 && id.Within(gone[len(gone)-1])
}

// infrastructure are the kinds that folders of API Management's own tools never
// state: that one is not stated does not say that it is to go.
var infrastructure = map[model.Kind]bool{
	model.KindCache: true, model.KindGatewayHostname: true, model.KindGatewayAuthority: true,
}

// prunable reports whether a folder would have stated the resource.
func prunable(id resource.ID) bool {
	relative := id.Relative()
	if relative == "" {
		return false
	}
	rel, err := model.ParseID(relative)
	return err == nil && rel.Kind() != "" && !infrastructure[rel.Kind()] && !BuiltIn(rel)
}

// implied adds to what is stated what goes with it: the other form of a link,
// and the named values in which the credentials of a logger or a cache are kept.
func implied(s *resource.Session, id resource.ID, stated map[store.Key]bool) error {
	for e, err := range s.Tree(id) {
		if err != nil {
			return err
		}
		if other := otherForm(e); other != "" {
			either := stated[e.ID.Key()] || stated[other.Key()]
			if either {
				stated[e.ID.Key()], stated[other.Key()] = true, true
			}
		}
		if stated[e.ID.Key()] || !prunable(e.ID) {
			for _, value := range settings.CredentialsOf(e.ID) {
				stated[value.Key()] = true
			}
		}
	}
	return nil
}

// linkProperties name the member in links with a property, by collection in
// lower case.
var linkProperties = map[string]string{
	"apilinks": "apiId", "grouplinks": "groupId", "operationlinks": "operationId", "productlinks": "productId",
}

// otherForm is the link by name that says the same as a link with a property:
// "apis/a/tags/t" for one below "tags/t", "products/p/apis/a" for one below
// "products/p". It is "" for other resources, and for those of workspaces, which
// have one form only.
func otherForm(e *resource.Entity) resource.ID {
	links := strings.ToLower(e.ID.Collection().Name())
	member := resource.ID(e.Text(linkProperties[links]))
	if linkProperties[links] == "" || member == "" || e.ID.Workspace() != "" || member.Workspace() != "" {
		return ""
	}
	holder := e.ID.Parent()
	if strings.EqualFold(holder.Collection().Name(), "tags") {
		return member.Child("tags", holder.Name())
	}
	return holder.Child(strings.TrimSuffix(links, "links")+"s", member.Name())
}
