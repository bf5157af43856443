package openid

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
)

// Settings are one provider as the configuration describes it.
type Settings struct {
	// Name is the provider's name in the portal's paths, and Title what visitors
	// read.
	Name, Title string
	// Kind is how identities of the provider are marked in users: Aad, AadB2C,
	// Google, Microsoft, or openid: and the name.
	Kind string
	// ClientID and Secret are those that the provider knows the portal by.
	ClientID, Secret string

	// discovery is the address of the provider's metadata.
	discovery string
	// issuer is what the metadata and the tokens must have; "" where the
	// provider is Entra, whose issuers name a tenant.
	issuer string
	// host is the host of Entra's issuers.
	host string
	// tenants are ids or domain names of the tenants whose users may sign in;
	// none is all that the endpoint signs in.
	tenants []string
}

// wellKnown is where a provider's metadata is, below its issuer.
const wellKnown = "/.well-known/openid-configuration"

// entraHost is where Entra ID is, unless the authority says otherwise.
const entraHost = "login.microsoftonline.com"

// IdentityProvider returns the settings of an identity provider of the service, or false
// where visitors cannot sign in there.
func IdentityProvider(name string, p *client.IdentityProvider, secret string) (Settings, bool) {
	s := Settings{Name: name, ClientID: p.ClientID, Secret: secret}
	switch strings.ToLower(name) {
	case "aad":
		s.Title, s.Kind, s.tenants = "Microsoft Entra ID", "Aad", p.AllowedTenants
		s.entra(p.Authority, entraTenant(p), "")
	case "aadb2c":
		s.Title, s.Kind = "Azure AD B2C", "AadB2C"
		if p.Authority == "" || p.SigninTenant == "" || p.SigninPolicyName == "" {
			return Settings{}, false
		}
		s.entra(p.Authority, p.SigninTenant, "/"+url.PathEscape(p.SigninPolicyName))
	case "microsoft":
		s.Title, s.Kind = "Microsoft", "Microsoft"
		s.entra("", "consumers", "")
	case "google":
		s.Title, s.Kind, s.issuer = "Google", "Google", "https://accounts.google.com"
		s.discovery = s.issuer + wellKnown
	default:
		return Settings{}, false
	}
	return s, s.ClientID != ""
}

// entraTenant is the tenant at whose endpoint visitors sign in.
func entraTenant(p *client.IdentityProvider) string {
	switch {
	case p.SigninTenant != "":
		return p.SigninTenant
	case len(p.AllowedTenants) == 1:
		return p.AllowedTenants[0]
	default:
		return "common"
	}
}

// entra sets where the metadata of a tenant, or of a policy of B2C, is.
func (s *Settings) entra(authority, tenant, policy string) {
	s.host = strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(authority, "https://"), "/"))
	if s.host == "" || s.host == "login.windows.net" { // The old name of the same.
		s.host = entraHost
	}
	s.discovery = "https://" + s.host + "/" + url.PathEscape(tenant) + policy + "/v2.0" + wellKnown
}

// Provider returns the settings of an OpenID Connect provider of the service.
func Provider(name string, p *client.OpenIDProvider, secret string) (Settings, error) {
	issuer, ok := strings.CutSuffix(p.MetadataEndpoint, wellKnown)
	if !ok || p.ClientID == "" {
		return Settings{}, fmt.Errorf("the OpenID Connect provider %s: its metadataEndpoint has to end in %s, and its clientId must not be empty",
			name, wellKnown)
	}
	return Settings{
		Name: name, Title: p.DisplayName, Kind: "openid:" + name, ClientID: p.ClientID, Secret: secret,
		discovery: p.MetadataEndpoint, issuer: issuer,
	}, nil
}

// Generic says that the provider is an OpenID Connect provider of the service and
// not one of its identity providers.
func (s *Settings) Generic() bool { return strings.HasPrefix(s.Kind, "openid:") }
