package identity

import (
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// identityProviders is the kind of the providers by which people sign in to the
// developer portal, one of each type.
func identityProviders() *resource.Node {
	return resource.New(access.IdentityProviders, resource.Kind{
		Collection: "identityProviders", Title: "IdentityProvider",
		Names:    []string{"aad", "aadB2C", "facebook", "google", "microsoft", "twitter"},
		Contract: "IdentityProviderContract", Create: "IdentityProviderCreateContract", Update: "IdentityProviderUpdateParameters",
		Unpaged: true,
		Secrets: []resource.Secret{{Path: "properties." + clientSecret}},
		Keep:    []string{"properties." + clientSecret},
		Hooks:   resource.Hooks{Prepare: prepareProvider},
		Actions: []resource.Action{listSecrets(clientSecret)},
	})
}

// prepareProvider sets the type, which the name says.
func prepareProvider(_ *resource.Session, e, _ *resource.Entity) error {
	e.Set("type", e.ID.Name())
	return nil
}
