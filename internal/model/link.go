package model

import (
	"fmt"
	"strings"
)

// Link joins two resources. The management API has two shapes for it: one
// names the other resource in its id ("products/starter/apis/echo"), one in a
// property ("products/starter/apiLinks/x" with an apiId). Holder and Member
// read both. The kind is KindProductAPI, KindProductGroup, KindGroupUser,
// KindGatewayAPI, KindAPITag, KindProductTag or KindOperationTag.
type Link struct {
	ID          ID     `json:"-"`
	APIID       string `json:"apiId,omitempty"`
	GroupID     string `json:"groupId,omitempty"`
	ProductID   string `json:"productId,omitempty"`
	OperationID string `json:"operationId,omitempty"`
	// Rest holds the other properties.
	Rest Rest `json:"-"`
}

// ResourceID returns the link's own id.
func (l *Link) ResourceID() ID { return l.ID }

// Kind returns the kind of the link, which its id decides.
func (l *Link) Kind() Kind { return l.ID.Kind() }

func (l *Link) setID(id ID) { l.ID = id }
func (l *Link) rest() *Rest { return &l.Rest }

// Holder returns the id of the product, group, gateway or tag.
func (l *Link) Holder() ID {
	if l.ID.Collection() == "tags" {
		return NewID("tags", l.ID.Name()).InWorkspace(l.ID.Workspace())
	}
	return l.ID.Parent()
}

// Member returns the id of the API, group or user that the product, group or
// gateway holds, or of what has the tag. It fails where the property that
// names it is absent or not an id.
func (l *Link) Member() (ID, error) {
	collection := l.ID.Collection()
	if collection == "tags" {
		return l.ID.Parent(), nil
	}
	if !strings.HasSuffix(collection, "Links") {
		if collection == "users" {
			return NewID(collection, l.ID.Name()), nil
		}
		return NewID(collection, l.ID.Name()).InWorkspace(l.ID.Workspace()), nil
	}
	property, value, kind := l.target()
	if value == "" {
		return "", fmt.Errorf("%s is missing; a link must name what it links to", property)
	}
	id, err := ParseReference(l.ID, value)
	if err != nil {
		return "", fmt.Errorf("%s: %w", property, err)
	}
	if id.Kind() != kind {
		return "", fmt.Errorf("%s: %q is not the id of a resource of kind %s", property, value, kind)
	}
	return id, nil
}

// target returns the property in which the link names its member, its value,
// and what kind it must be of.
func (l *Link) target() (property, value string, kind Kind) {
	switch l.ID.Collection() {
	case "groupLinks":
		return "groupId", l.GroupID, KindGroup
	case "productLinks":
		return "productId", l.ProductID, KindProduct
	case "operationLinks":
		return "operationId", l.OperationID, KindOperation
	default:
		return "apiId", l.APIID, KindAPI
	}
}
