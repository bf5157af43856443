package azure

import (
	"net/url"
	"strings"
	"testing"
)

// FuzzIdentifier reads identifiers: those that are taken lead to a vault of
// Azure's or to an allowed host, over https, and name a secret that no path can
// leave.
func FuzzIdentifier(f *testing.F) {
	for _, seed := range []string{
		"https://contoso.vault.azure.net/secrets/key", "https://contoso.vault.azure.net/secrets/key/0123", "https://vault.example:8443/secrets/key",
		"https://contoso.vault.azure.net@evil.example/secrets/key", "https://contoso.vault.azure.net/secrets/%2e%2e", "https://[::1]/secrets/key",
	} {
		f.Add(seed)
	}
	r := New(Options{Hosts: []string{"vault.example:8443"}})
	f.Fuzz(func(t *testing.T, identifier string) {
		at, err := r.parse(identifier)
		if err != nil {
			return
		}
		u, err := url.Parse(strings.TrimSpace(identifier))
		if err != nil || u.Scheme != "https" || !strings.EqualFold(u.Host, at.host) || u.User != nil {
			t.Fatalf("%q is taken as %+v", identifier, at)
		}
		if at.host != "vault.example:8443" && (!at.azure || strings.Count(at.host, ".") < 3) {
			t.Errorf("%q leads to %s", identifier, at.host)
		}
		if !isName(at.name) || at.version != "" && !isName(at.version) {
			t.Errorf("%q names %q, %q", identifier, at.name, at.version)
		}
	})
}
