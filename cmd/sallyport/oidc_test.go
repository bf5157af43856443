package main

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// issuersFile writes a file for --oidc that names the provider, with the lines
// that are added.
func issuersFile(t *testing.T, p *identityProvider, more string) string {
	t.Helper()
	p.issuer = p.URL
	name := filepath.Join(t.TempDir(), "issuers.yaml")
	write(t, name, "issuers:\n  - name: corp\n    issuer: "+p.URL+"\n    audiences: [api://sallyport]\n"+
		"    roles:\n      shop-reader: {role: Reader}\n      shop-admin: {role: Contributor, scope: apis/shop}\n"+more)
	return name
}

// in is the same server for a subtest.
func (m *managed) in(t *testing.T) *managed {
	t.Helper()
	of := *m
	of.t = t
	return &of
}

// as calls the management API with a token.
func (m *managed) as(token, method, path, body string, status int) string {
	m.t.Helper()
	caller := *m
	caller.token = token
	return caller.api(method, path, body, status)
}

// claimsOf are good claims of a user, with changes.
func claimsOf(p *identityProvider, user string, changes map[string]any) map[string]any {
	claims := map[string]any{"iss": p.URL, "aud": "api://sallyport", "sub": user, "exp": time.Now().Add(time.Hour).Unix()}
	maps.Copy(claims, changes)
	return claims
}

const shopTag = `{"properties":{"displayName":"t"}}`

// TestExternalIssuer lets a provider's users call the API of a running serve: by
// role claim, by assignment to the user and to a group, and no longer once the
// assignment is gone.
func TestExternalIssuer(t *testing.T) {
	p := newIdentityProvider(t)
	m := startManaged(t, "--oidc", issuersFile(t, p, "    ca: "+p.authorities(t)+"\n"))
	m.api("PUT", "apis/shop", `{"properties":{"displayName":"Shop","path":"shop","protocols":["http"]}}`, 201)
	token := func(user string, changes map[string]any) string { return p.token(t, claimsOf(p, user, changes)) }

	t.Run("by role claim", func(t *testing.T) {
		m := m.in(t)
		reader := token("rita", map[string]any{"roles": []string{"shop-reader", "unknown"}})
		m.as(reader, "GET", "apis/shop", "", 200)
		m.as(reader, "PUT", "tags/t", shopTag, 403)
		admin := token("ada", map[string]any{"roles": []string{"shop-admin"}})
		m.as(admin, "PATCH", "apis/shop", `{"properties":{"description":"hers"}}`, 200)
		m.as(admin, "PUT", "tags/t", shopTag, 403)
	})
	t.Run("by assignment", func(t *testing.T) {
		m := m.in(t)
		alice := token("alice", nil)
		if got := m.as(alice, "GET", "apis/shop", "", 403); !strings.Contains(got, "corp:alice") {
			t.Errorf("the refusal does not say whom a role can be assigned to: %s", got)
		}
		const assignment = "providers/Microsoft.Authorization/roleAssignments/11111111-2222-4333-8444-555555555555"
		m.api("PUT", assignment, `{"properties":{"roleDefinitionId":"b24988ac-6180-42a0-ab88-20f7382dd24c","principalId":"corp:alice"}}`, 201)
		m.as(alice, "PUT", "tags/t", shopTag, 201)
		m.api("DELETE", assignment, "", 200)
		m.as(alice, "PUT", "tags/t", shopTag, 403)
	})
	t.Run("by assignment of a command", func(t *testing.T) {
		m := m.in(t)
		m.command("role", "assign", "corp:operators", "Reader")
		// A token that is not known yet makes the server read the directory.
		m.token = strings.TrimSpace(m.command("token", "create"))
		m.api("GET", "apis/shop", "", 200)
		m.as(token("bob", map[string]any{"groups": []string{"operators"}}), "GET", "apis/shop", "", 200)
		m.as(token("operators", nil), "GET", "apis/shop", "", 200)
		m.as(token("bob", nil), "GET", "apis/shop", "", 403)
	})
	t.Run("refused", func(t *testing.T) {
		m := m.in(t)
		roles := map[string]any{"roles": []string{"shop-reader"}}
		stranger := newIdentityProvider(t)
		bad := map[string]string{
			"wrong audience": token("rita", map[string]any{"roles": roles["roles"], "aud": "api://other"}),
			"wrong issuer":   token("rita", map[string]any{"roles": roles["roles"], "iss": "https://elsewhere.example"}),
			"expired":        token("rita", map[string]any{"roles": roles["roles"], "exp": time.Now().Add(-time.Hour).Unix()}),
			"wrong key":      stranger.token(t, claimsOf(p, "rita", roles)),
		}
		for name, token := range bad {
			if got := m.as(token, "GET", "apis/shop", "", 401); !strings.Contains(got, "AuthenticationToken") {
				t.Errorf("%s: %s", name, got)
			}
		}
	})
}

// TestExternalIssuer_NegativeControl shows that what is accepted is accepted
// because of --oidc and of the provider's certificate.
func TestExternalIssuer_NegativeControl(t *testing.T) {
	p := newIdentityProvider(t)
	untrusted := issuersFile(t, p, "")
	token := p.token(t, claimsOf(p, "rita", map[string]any{"roles": []string{"shop-reader"}}))
	t.Run("no issuer", func(t *testing.T) { startManaged(t).as(token, "GET", "apis", "", 401) })
	t.Run("unknown authority", func(t *testing.T) { startManaged(t, "--oidc", untrusted).as(token, "GET", "apis", "", 503) })
}

// TestIssuersFileIsRefused ends the start with the line that is wrong.
func TestIssuersFileIsRefused(t *testing.T) {
	p := newIdentityProvider(t)
	file := issuersFile(t, p, "    audience: x\n")
	var log bytes.Buffer
	args := []string{"serve", "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--admin", "", "--management", "127.0.0.1:0", "--echo", "127.0.0.1:0", "--oidc", file}
	if code := run(t.Context(), args, io.Discard, &log); code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	if want := file + `:8: an issuer has no "audience": there are audiences, ca,`; !strings.Contains(log.String(), want) {
		t.Errorf("it does not say %q:\n%s", want, &log)
	}
	http.DefaultClient.CloseIdleConnections()
}
