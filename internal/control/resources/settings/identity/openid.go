package identity

import (
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// openIDConnectProviders is the kind of the providers that the developer portal
// gets tokens from.
func openIDConnectProviders() *resource.Node {
	return resource.New(access.OpenIDConnectProviders, resource.Kind{
		Collection: "openidConnectProviders", Title: "OpenIdConnectProvider", MaxName: 256,
		Contract: "OpenidConnectProviderContract", Update: "OpenidConnectProviderUpdateContract",
		Filter:  "OpenIDConnectProviderClientListByService",
		Secrets: []resource.Secret{{Path: "properties." + clientSecret}},
		Keep:    []string{"properties." + clientSecret},
		Hooks: resource.Hooks{
			Deleting: func(s *resource.Session, e *resource.Entity) error {
				return refuseUsed(s, e, "OpenID Connect provider", "openid", "openidProviderId")
			},
		},
		Actions: []resource.Action{listSecrets(clientSecret)},
	})
}
