// Package identity holds the kinds of resources by which people and gateways
// sign in elsewhere: authorization servers, OpenID Connect providers, identity
// providers, and the providers of the credential manager with their
// connections.
package identity

import (
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// Kinds are the kinds, all of which stand below a service.
func Kinds() []*resource.Node {
	return []*resource.Node{
		authorizationServers(), openIDConnectProviders(), identityProviders(), authorizationProviders(),
	}
}

// listSecrets is the action that answers the secrets of a resource: the fields,
// of those that are there.
func listSecrets(fields ...string) resource.Action {
	return resource.Action{
		Path: "listSecrets", Permission: access.ListSecrets,
		Run: func(s *resource.Session, e *resource.Entity, _ resource.Input) (resource.Result, error) {
			body := map[string]any{}
			for _, field := range fields {
				value, err := s.Reveal(e, field)
				if err != nil {
					return resource.Result{}, err
				}
				if value != "" {
					body[field] = value
				}
			}
			return resource.Result{Body: body, ETag: e.ETag()}, nil
		},
	}
}

// clientSecret is the secret that most kinds have.
const clientSecret = "clientSecret"
