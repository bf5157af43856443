package identity

import (
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// authorizationProviders is the kind of the providers of the credential manager,
// which holds tokens for backends. No gateway of this installation asks for
// tokens there: providers, connections and who may use them are kept, and a
// connection that needs somebody's consent stays without.
func authorizationProviders() *resource.Node {
	return resource.New(access.AuthorizationProviders, resource.Kind{
		Collection: "authorizationProviders", Title: "AuthorizationProvider", MaxName: 256,
		Contract: "AuthorizationProviderContract", Verbs: resource.NoPatch,
		Filter: "AuthorizationProviderClientListByService",
		Secrets: []resource.Secret{
			{Path: "properties.oauth2.grantTypes.*." + clientSecret},
		},
		Hooks:    resource.Hooks{Prepare: prepareAuthorizationProvider},
		Children: []*resource.Node{authorizations()},
	})
}

// prepareAuthorizationProvider completes the settings of each grant type, and
// keeps the secrets of a provider that is written back as it was read.
func prepareAuthorizationProvider(_ *resource.Session, e, old *resource.Entity) error {
	entra := strings.EqualFold(e.Text("identityProvider"), "aad")
	was := map[string]any{}
	if old != nil {
		was = grantTypes(old)
	}
	for name, value := range grantTypes(e) {
		now, ok := value.(map[string]any)
		if !ok {
			continue
		}
		then, _ := was[name].(map[string]any)
		if _, given := now[clientSecret]; !given && then[clientSecret] != nil {
			now[clientSecret] = then[clientSecret]
		}
		if entra {
			setDefault(now, "loginUri", "https://login.windows.net")
			setDefault(now, "tenantId", "common")
		}
	}
	return nil
}

// grantTypes are the settings of a provider by grant type.
func grantTypes(e *resource.Entity) map[string]any {
	types, _ := resource.At(e.Body, "properties.oauth2.grantTypes")
	object, _ := types.(map[string]any)
	return object
}

func setDefault(object map[string]any, name, value string) {
	if _, given := object[name]; !given {
		object[name] = value
	}
}

// authorizations is the kind of the connections of a provider.
func authorizations() *resource.Node {
	return resource.New(access.Authorizations, resource.Kind{
		Collection: "authorizations", Title: "Authorization", MaxName: 256,
		Contract: "AuthorizationContract", Verbs: resource.NoPatch,
		Filter:  "AuthorizationClientListByAuthorizationProvider",
		Secrets: []resource.Secret{{Path: "properties.parameters." + clientSecret}},
		Keep:    []string{"properties.parameters." + clientSecret},
		Hooks:   resource.Hooks{Prepare: prepareAuthorization},
		Actions: []resource.Action{
			{Path: "getLoginLinks", Permission: access.GetLoginLinks, Body: "AuthorizationLoginRequestContract", Run: loginLinks},
			{
				Path: "confirmConsentCode", Permission: access.ConfirmConsentCode,
				Body: "AuthorizationConfirmConsentCodeRequestContract", Run: confirm,
			},
		},
		Children: []*resource.Node{accessPolicies()},
	})
}

// prepareAuthorization sets the state: credentials of its own connect it, and
// without them somebody has to sign in.
func prepareAuthorization(_ *resource.Session, e, _ *resource.Entity) error {
	e.SetDefault("authorizationType", "OAuth2")
	e.SetDefault("oauth2grantType", "AuthorizationCode")
	if secret, ok := resource.At(e.Body, "properties.parameters."+clientSecret); ok && secret != "" {
		e.Set("status", "Connected")
		e.Unset("error")
		return nil
	}
	e.Set("status", "Error")
	e.Set("error", map[string]any{
		"code": "Unauthenticated", "message": "This connection is not authenticated.",
	})
	return nil
}

// loginLinks answers the address at which somebody would sign in: the provider's
// redirect URL.
func loginLinks(s *resource.Session, e *resource.Entity, _ resource.Input) (resource.Result, error) {
	provider, err := s.Get(e.ID.Parent())
	if err != nil {
		return resource.Result{}, err
	}
	redirect, _ := resource.At(provider.Body, "properties.oauth2.redirectUrl")
	link, _ := redirect.(string)
	if link == "" {
		link = s.GatewayURL(e.ID.Service().Name())
	}
	if !slices.ContainsFunc([]string{"https://", "http://"}, func(scheme string) bool { return strings.HasPrefix(link, scheme) }) {
		return resource.Result{}, resource.Invalid("properties.oauth2.redirectUrl", "%q is not a URL", link)
	}
	return resource.Result{Body: map[string]any{"loginLink": strings.TrimSuffix(link, "/") + "/login"}}, nil
}

// confirm accepts a code that somebody got by signing in, and has no use for it.
func confirm(_ *resource.Session, _ *resource.Entity, in resource.Input) (resource.Result, error) {
	if code, _ := in.Body["consentCode"].(string); code == "" {
		return resource.Result{}, resource.Invalid("consentCode", "the code is missing")
	}
	return resource.Result{Status: 200}, nil
}

// accessPolicies is the kind of who may use a connection.
func accessPolicies() *resource.Node {
	return resource.New(access.AuthorizationAccessPolicies, resource.Kind{
		Collection: "accessPolicies", Title: "AuthorizationAccessPolicy", MaxName: 256,
		Contract: "AuthorizationAccessPolicyContract", Verbs: resource.NoPatch,
		Filter: "AuthorizationAccessPolicyClientListByAuthorization",
	})
}
