package apply

import (
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/model"
)

// Distinct leaves out of the resources of a service what a folder says once: a
// link that is there by name ("products/p/apis/a") and with a property
// ("products/p/apiLinks/x") is the same link, and a folder has one file for it.
// It keeps the form that folders of API Management's own tools have: by name for
// APIs, operations and products, with a property for groups of products.
func Distinct(resources []model.Resource) []model.Resource {
	there := make(map[model.Key]bool, len(resources))
	for _, r := range resources {
		there[r.ResourceID().Key()] = true
	}
	gone := map[model.Key]bool{}
	for _, r := range resources {
		l, ok := r.(*model.Link)
		if !ok {
			continue
		}
		switch other := byName(l); {
		case other == "" || !there[other.Key()]:
		case l.ID.Collection() == "groupLinks":
			gone[other.Key()] = true
		default:
			gone[l.ID.Key()] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(resources), func(r model.Resource) bool { return gone[r.ResourceID().Key()] })
}

// byName is the link by name that says the same as one with a property, "" for
// links that are by name already.
func byName(l *model.Link) model.ID {
	links := l.ID.Collection()
	member, err := l.Member()
	if err != nil || !strings.HasSuffix(links, "Links") {
		return ""
	}
	holder := l.ID.Parent()
	if holder.Collection() == "tags" {
		return member.Child("tags", holder.Name())
	}
	return holder.Child(strings.TrimSuffix(links, "Links")+"s", member.Name())
}
