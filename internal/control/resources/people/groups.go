package people

import (
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// groupKind is the kind of groups of users. filter and users name the fields
// that lists of groups, and of their users, are filtered by.
func groupKind(filter, users string) *resource.Node {
	return resource.New(access.Groups, resource.Kind{
		Collection: "groups", Title: "Group", MaxName: longName,
		Contract: "GroupContract", Create: "GroupCreateParameters", Update: "GroupUpdateParameters",
		Filter:   filter,
		Keep:     []string{"properties.builtIn", "properties.type", "properties.externalId"},
		Hooks:    resource.Hooks{Prepare: prepareGroup, Deleting: deleteGroup},
		Children: []*resource.Node{groupUsers(users)},
	})
}

func prepareGroup(_ *resource.Session, e, old *resource.Entity) error {
	e.SetDefault("type", "custom")
	e.SetDefault("builtIn", false)
	if old == nil || !old.Bool("builtIn", false) {
		return nil
	}
	if e.Text("displayName") != old.Text("displayName") {
		return resource.Invalid("properties.displayName", "the group %s is built in: its name is %q", e.ID.Name(), old.Text("displayName"))
	}
	e.Set("type", old.Text("type"))
	e.Set("builtIn", true)
	return nil
}

// deleteGroup takes the group from the products that show themselves to it.
func deleteGroup(s *resource.Session, e *resource.Entity) error {
	if e.Bool("builtIn", false) {
		return resource.Invalid("groupId", "the group %s is built in and cannot be deleted", e.ID.Name())
	}
	scopes, err := scopesBelow(s, e.ID.Scope())
	if err != nil {
		return err
	}
	for _, scope := range scopes {
		for product, err := range s.Collection(scope + "/products") {
			if err != nil {
				return err
			}
			if err := groupsOfProduct.unlink(s, product.ID, e.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// scopesBelow are the places whose resources may refer to one of the scope: a
// workspace itself, and a service with all its workspaces.
func scopesBelow(s *resource.Session, scope resource.ID) ([]resource.ID, error) {
	scopes := []resource.ID{scope}
	if scope.Workspace() != "" {
		return scopes, nil
	}
	for workspace, err := range s.Collection(scope + "/workspaces") {
		if err != nil {
			return nil, err
		}
		scopes = append(scopes, workspace.ID)
	}
	return scopes, nil
}

// groupUsers is the kind of the users of a group.
func groupUsers(filter string) *resource.Node {
	return resource.New(access.GroupUsers, resource.Kind{
		Collection: "users", Title: "GroupUser", NoBody: true, HeadOnly: true, Filter: filter,
		Verbs: resource.List | resource.Put | resource.Delete,
		Hooks: resource.Hooks{
			Indexed: []string{}, Sources: sourcesOfGroup,
			Prepare: func(s *resource.Session, e, _ *resource.Entity) error {
				_, err := s.Get(e.ID.Service().Child("users", e.ID.Name()))
				return err
			},
			Items: func(s *resource.Session, collection resource.ID) ([]*resource.Entity, error) {
				list, err := linked(s, collection, collection.Service()+"/users")
				for _, user := range list {
					user.Body["id"] = string(userSeenFrom(collection, user.ID.Name()))
				}
				return list, err
			},
			Target: func(s *resource.Session, link *resource.Entity) (*resource.Entity, error) {
				if !strings.EqualFold(link.ID.Parent().Collection().Name(), "groups") {
					return link, nil
				}
				user, err := s.Lookup(link.ID.Service().Child("users", link.ID.Name()))
				if err != nil || user == nil {
					return nil, err
				}
				user = seenAt(user, link.ID)
				user.Body["id"] = string(userSeenFrom(link.ID, user.ID.Name()))
				return user, nil
			},
		},
	})
}

// userSeenFrom is the id under which a group answers a user: that of the user in
// the scope of the group.
func userSeenFrom(group resource.ID, name string) resource.ID {
	return group.Scope().Child("users", name)
}
