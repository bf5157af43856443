package installation

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/access/oidc"
)

var testNames = Names{Subscription: "00000000-0000-0000-0000-000000000000", ResourceGroup: "rg", Service: "s"}

const goodIssuers = `issuers:
  - name: entra
    issuer: https://login.example/tenant/v2.0
    audiences: [api://sallyport, other]
    principalClaim: upn
    groupsClaim: teams
    rolesClaim: app_roles
    ca: ca.pem
    roles:
      reader: {role: reader}
      shop: {role: API Management Service Contributor, scope: apis/shop}
      all: {role: Owner, scope: /}
  - {"name": "ci", "issuer": "https://ci.example", "audiences": ["x"]}
`

func TestParseIssuers(t *testing.T) {
	const reader, contributor, owner = "acdd72a7-3385-48ef-bd42-f606fba81ae7", "312a565d-c81f-4fd8-895a-4e21e48d571c", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
	service := string(testNames.ID())
	want := []External{
		{CA: "ca.pem", Config: oidc.Config{
			Name: "entra", Issuer: "https://login.example/tenant/v2.0", Audiences: []string{"api://sallyport", "other"},
			PrincipalClaim: "upn", GroupsClaim: "teams", RolesClaim: "app_roles",
			Roles: map[string]oidc.RoleAt{"reader": {Role: reader, Scope: service}, "shop": {Role: contributor, Scope: service + "/apis/shop"}, "all": {Role: owner, Scope: "/"}},
		}},
		{Config: oidc.Config{Name: "ci", Issuer: "https://ci.example", Audiences: []string{"x"}}},
	}
	got, err := ParseIssuers([]byte(goodIssuers), testNames)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(External{})); diff != "" {
		t.Errorf("issuers (-want +got):\n%s", diff)
	}
}

func TestParseIssuersRefuses(t *testing.T) {
	const one = "issuers:\n- name: a\n  issuer: https://a.example\n  audiences: [x]\n"
	tests := []struct{ name, text, want string }{
		{"nothing", "", "1: the file is null, not an object"},
		{"no issuer", "issuers: []", `1: there is no issuer`},
		{"a list", "- a", "1: the file is a list, not an object"},
		{"not YAML", "issuers:\n  - [", "3:"},
		{"not JSON", "{\"issuers\":\n [}", "2:"},
		{"unknown key", "issuer:\n- name: a", `1: the file has no "issuer": there are issuers`},
		{"unknown key of an issuer", one + "  audience: x\n", `5: an issuer has no "audience": there are audiences, ca, groupsClaim,`},
		{"unknown key of a role", one + "  roles:\n    x: {rol: Reader}\n", `6: a role has no "rol": there are role, scope`},
		{"twice the same key", one + "  name: b\n", "5:"},
		{"unknown role", one + "  roles:\n    x: {role: Raeder}\n", `6: there is no role "Raeder": there are Owner, Contributor, Reader,`},
		{"scope", one + "  roles:\n    x: {role: Reader, scope: /apis/a}\n", `6: "/apis/a" is not a scope: give /`},
		{"dotted scope", one + "  roles:\n    x: {role: Reader, scope: ../a}\n", `6: "../a" is not a scope`},
		{"roles of a list", one + "  roles: [a]\n", "5: roles is a list"},
		{"no audience", "issuers:\n- name: a\n  issuer: https://a.example\n", "2: it needs an audience"},
		{"empty audience", "issuers:\n- name: a\n  issuer: https://a.example\n  audiences: ['']\n", "4: there has to be a string, and it is empty"},
		{"audience is text", "issuers:\n- name: a\n  issuer: https://a.example\n  audiences: x\n", "4: there has to be a list of strings"},
		{"clear text", "issuers:\n- name: a\n  issuer: http://a.example\n  audiences: [x]\n", `2: "http://a.example" is not an https URL`},
		{"name with a colon", "issuers:\n- name: 'a:b'\n  issuer: https://a.example\n  audiences: [x]\n", "2: its name has to be"},
		{"name is a number", "issuers:\n- name: 7\n", "2: there has to be a string, and it is a number"},
		{"same name", one + "- name: A\n  issuer: https://b.example\n  audiences: [x]\n", `5: the issuer "A" is like the one in line 2`},
		{"same issuer", one + "- name: b\n  issuer: https://a.example\n  audiences: [x]\n", `5: the issuer "b" is like the one in line 2`},
		{"too many", "issuers:\n" + strings.Repeat("- name: a\n", MaxIssuers+1), "2: issuers is not a list of at most 50 issuers"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseIssuers([]byte(test.text), testNames)
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestOpenIssuers(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	file("ca.pem", "no certificate")
	tests := []struct{ name, file, want string }{
		{"none", "", ""},
		{"not there", filepath.Join(dir, "nowhere"), "reading the OpenID Connect issuers (--oidc): open"},
		{"too large", file("large.yaml", strings.Repeat("#", MaxIssuersFile+1)), "has more than 1048576 bytes"},
		{"bad authority", file("ca.yaml", goodIssuers), "ca.yaml:2: " + filepath.Join(dir, "ca.pem") + `, the ca of the issuer "entra", holds no certificate`},
		{"no authority", file("none.yaml", strings.ReplaceAll(goodIssuers, "ca.pem", "none.pem")), `none.yaml:2: reading the authorities of the issuer "entra"`},
		{"good", file("good.yaml", strings.ReplaceAll(goodIssuers, "    ca: ca.pem\n", "")), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := openIssuers(test.file, testNames, clock.System())
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestScope(t *testing.T) {
	service := string(testNames.ID())
	tests := []struct{ name, text, want string }{
		{"service", "", service},
		{"everything", "/", "/"},
		{"relative", "apis/echo", service + "/apis/echo"},
		{"relative, with a slash at the end", "apis/echo/", service + "/apis/echo"},
		{"full", "/Subscriptions/x", "/Subscriptions/x"},
		{"below nothing", "/apis/echo", "refused"},
		{"dotted", "apis/../..", "refused"},
		{"empty segment", "apis//echo", "refused"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := testNames.Scope(test.text)
			if err != nil {
				if test.want != "refused" {
					t.Error(err)
				}
				return
			}
			if got.String() != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// FuzzParseIssuers accepts nothing that could not be opened, and errors begin
// with a line.
func FuzzParseIssuers(f *testing.F) {
	f.Add([]byte(goodIssuers))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := ParseIssuers(data, testNames)
		if err != nil {
			if line, _, ok := strings.Cut(err.Error(), ":"); !ok || strings.Trim(line, "0123456789") != "" || line == "" || line == "0" {
				t.Errorf("the error has no line: %v", err)
			}
			return
		}
		for _, one := range list {
			one.CA = ""
			if _, err := one.open("", clock.System()); err != nil {
				t.Errorf("it is accepted and cannot be opened: %v", err)
			}
		}
	})
}
