package apis

import (
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/policies"
)

// resolvers is the kind of the resolvers of a GraphQL API.
func resolvers() *resource.Node {
	return resource.New(access.APIResolvers, resource.Kind{
		Collection: "resolvers", Title: "Resolver", MaxName: maxShortName,
		Contract: "ResolverContract", Update: "ResolverUpdateContract", Filter: "GraphQLAPIResolverClientListByAPI",
		Hooks: resource.Hooks{
			Prepare: func(_ *resource.Session, e, _ *resource.Entity) error {
				e.SetDefault("displayName", e.ID.Name())
				return nil
			},
		},
		Children: []*resource.Node{policies.Node(access.APIResolverPolicies)},
	})
}
