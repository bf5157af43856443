package portal

import (
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// Wiki is the kind of the wiki of an API or a product.
func Wiki(rule access.Type, filter string) *resource.Node {
	return resource.New(rule, resource.Kind{
		Collection: "wikis", Title: "Wiki", Names: []string{"default"},
		Contract: "WikiContract", Update: "WikiUpdateContract", Filter: filter,
	})
}
