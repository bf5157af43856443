package model

import "strings"

// Group is a set of users that sees the same products.
type Group struct {
	ID          ID     `json:"-"`
	DisplayName string `json:"displayName"`
	Description string `json:"description,omitempty"`
	// Type is GroupCustom where it is empty.
	Type GroupType `json:"type,omitempty"`
	// ExternalID is the id of an external group, as in
	// "aad://<tenant>/groups/<object id>".
	ExternalID string `json:"externalId,omitempty"`
	// BuiltIn is true for administrators, developers and guests.
	BuiltIn bool `json:"builtIn,omitempty"`
	// Rest holds the other properties.
	Rest Rest `json:"-"`
}

// GroupType says where a group comes from.
type GroupType string

// The types of groups.
const (
	GroupCustom   GroupType = "custom"
	GroupSystem   GroupType = "system"
	GroupExternal GroupType = "external"
)

// ResourceID returns the group's id.
func (g *Group) ResourceID() ID { return g.ID }

// Kind returns KindGroup.
func (*Group) Kind() Kind { return KindGroup }

func (g *Group) setID(id ID) { g.ID = id }
func (g *Group) rest() *Rest { return &g.Rest }

// BuiltInGroups returns the three groups that every service has, which no
// configuration creates: administrators, developers and guests.
func BuiltInGroups() []*Group {
	system := func(name, description string) *Group {
		return &Group{
			ID:          NewID("groups", strings.ToLower(name)),
			DisplayName: name,
			Description: description,
			Type:        GroupSystem,
			BuiltIn:     true,
		}
	}
	return []*Group{
		system("Administrators", "Administrators is a built-in group whose members manage the service."),
		system("Developers", "Developers is a built-in group of the signed-in users."),
		system("Guests", "Guests is a built-in group of the visitors who have not signed in."),
	}
}

// IsBuiltInGroup reports whether the id names one of the three groups that
// every service has, in the service or in a workspace.
func IsBuiltInGroup(id ID) bool {
	if id.Kind() != KindGroup {
		return false
	}
	switch strings.ToLower(id.Name()) {
	case "administrators", "developers", "guests":
		return true
	default:
		return false
	}
}
