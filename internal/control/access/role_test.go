package access

import (
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/control/store/memory"
)

func TestMatches(t *testing.T) {
	tests := []struct {
		pattern, permission string
		want                bool
	}{
		{"*", "a/b/read", true},
		{"*/read", "a/b/read", true},
		{"*/read", "a/b/write", false},
		{"a/*", "a/b/c/read", true},
		{"a/*", "ab/read", false},
		{"a/b/*/read", "a/b/read", false},
		{"a/b/*/read", "a/b/c/read", true},
		{"a/b/*/read", "a/b/c/d/read", true},
		{"a/*/c/*", "a/b/c/read", true},
		{"a/*/c/*", "a/b/d/read", false},
		{"a/read", "a/read", true},
		{"a/read", "a/reads", false},
		{"a*a", "a", false},
		{"", "a", false},
	}
	for _, tt := range tests {
		if got := matches(tt.pattern, tt.permission); got != tt.want {
			t.Errorf("%q matches %q: %v", tt.pattern, tt.permission, got)
		}
	}
}

func TestScopes(t *testing.T) {
	tests := []struct {
		scope, resource string
		want            bool
	}{
		{"/", "/subscriptions/s", true},
		{"/", "/", true},
		{"/subscriptions/S1", service1, true},
		{"/SUBSCRIPTIONS/s1/", strings.ToUpper(service1), true},
		{"/subscriptions/s1", "/subscriptions/s10", false},
		{"/subscriptions/s1", "/subscriptions", false},
		{"/subscriptions/s1", "subscriptions/s1", false},
		{"/subscriptions/s1", "", false},
		{group1, service1 + "/apis/x", true},
		{service1 + "/apis/x", service1 + "/apis/x", true},
		{service1 + "/apis/x", service1 + "/apis/x/operations/get", true},
		{service1 + "/apis/x", service1 + "/apis/x;rev=2", true},
		{service1 + "/apis/x", service1 + "/apis/X;REV=2/operations/get", true},
		{service1 + "/apis/x", service1 + "/apis/xy", false},
		{service1 + "/apis/x", service1 + "/apis/x;other", false},
		{service1 + "/apis/x", service1 + "/apis", false},
		{service1 + "/apis/x;rev=2", service1 + "/apis/x", false},
		{service1 + "/apis/x;rev=2", service1 + "/apis/x;rev=2", true},
		{service1 + "/apis/x;rev=2", service1 + "/apis/x;rev=2;rev=3", false},
		{service1 + "/products/x", service1 + "/products/x;rev=2", false},
	}
	for _, tt := range tests {
		scope, err := ParseScope(tt.scope)
		if err != nil {
			t.Errorf("%s: %v", tt.scope, err)
		}
		if got := scope.contains(tt.resource); got != tt.want {
			t.Errorf("%s contains %s: %v", tt.scope, tt.resource, got)
		}
	}
	if (Scope{}).contains("/") {
		t.Error("the zero Scope contains something")
	}
}

// secrets are all permissions with which something secret is read or made.
func secrets() []Permission {
	return []Permission{
		Subscriptions.Action(ListSecrets), Subscriptions.InWorkspace().Action(ListSecrets),
		NamedValues.Action(ListValue), NamedValues.InWorkspace().Action(ListValue),
		Gateways.Action(ListKeys), Gateways.Action(GenerateToken), Gateways.Action(ListDebugCredentials),
		IdentityProviders.Action(ListSecrets), OpenIDConnectProviders.Action(ListSecrets), AuthorizationServers.Action(ListSecrets),
		PortalSettings.Action(ListSecrets), Tenant.Action(ListSecrets), Users.Action(UserToken), Users.Action(GenerateSSOURL),
		Users.Action(OneTimeTokens), Portal.Action(PortalKey), Portal.Action(SignIn), Portal.Action(Redeem), Portal.Action(RedeemSignOn),
		Mail.Action(ListSecrets),
		Services.Action(GetSSOToken), Services.Action(Backup), ServicePrincipals.Action(CreateToken),
	}
}

func TestReadersReadNoSecrets(t *testing.T) {
	for _, name := range []string{"Reader", "API Management Service Reader Role", "API Management Workspace Reader", "API Management Service Workspace API Developer"} {
		role, ok := FindRole(name)
		if !ok {
			t.Fatalf("there is no role %s", name)
		}
		for p := range Permissions() {
			if role.allows(p) && !strings.HasSuffix(p.folded, "/read") && !strings.Contains(p.folded, "links/") {
				t.Errorf("%s may %s", name, p)
			}
		}
		for _, p := range secrets() {
			if !p.Valid() || role.allows(p) {
				t.Errorf("%s may %q", name, p)
			}
		}
	}
}

// TestReadersReadNoSecrets_NegativeControl reads secrets with GET, as it would
// be if they were part of the resources: every reader may.
func TestReadersReadNoSecrets_NegativeControl(t *testing.T) {
	role, _ := FindRole("Reader")
	if !role.allows(NamedValues.Read()) {
		t.Error("the control shows nothing")
	}
}

func TestRoles(t *testing.T) {
	workspace := service1 + "/workspaces/w"
	tests := []struct {
		role, scope string
		permission  Permission
		resource    string
		want        bool
	}{
		{"Owner", "/", RoleAssignments.Write(), "/", true},
		{"Contributor", "/", APIs.Write(), service1 + "/apis/x", true},
		{"Contributor", "/", RoleAssignments.Write(), "/", false},
		{"Contributor", "/", ServicePrincipals.Action(CreateToken), "/", false},
		{"Contributor", "/", ManagementEncryption.Action("rotate"), "/", false},
		{"Contributor", "/", RoleAssignments.Read(), "/", true},
		{"User Access Administrator", "/", RoleAssignments.Write(), service1, true},
		{"User Access Administrator", "/", APIs.Write(), service1 + "/apis/x", false},
		{"Reader", group1, APIs.Read(), service1 + "/apis/x", true},
		{"Reader", group1, APIs.Read(), "/subscriptions/s2/resourceGroups/g", false},
		{"API Management Service Contributor", service1, Subscriptions.Action(ListSecrets), service1 + "/subscriptions/x", true},
		{"API Management Service Contributor", service1, ResourceGroups.Write(), group1, false},
		{"API Management Service Operator Role", service1, Services.Write(), service1, true},
		{"API Management Service Operator Role", service1, Services.Action(Backup), service1, true},
		{"API Management Service Operator Role", service1, APIs.Write(), service1 + "/apis/x", false},
		{"API Management Service Operator Role", service1, APIs.Read(), service1 + "/apis/x", true},
		{"API Management Service Reader Role", service1, Services.Read(), service1, true},
		{"API Management Service Reader Role", service1, APIs.Write(), service1 + "/apis/x", false},
		// One API: the role of the service, at the scope of the API.
		{"API Management Service Contributor", service1 + "/apis/x", APIOperations.Write(), service1 + "/apis/x/operations/o", true},
		{"API Management Service Contributor", service1 + "/apis/x", APIs.Write(), service1 + "/apis/y", false},
		{"API Management Workspace Contributor", workspace, Workspaces.Write(), workspace, true},
		{"API Management Workspace Contributor", workspace, APIs.InWorkspace().Write(), workspace + "/apis/x", true},
		{"API Management Workspace Contributor", workspace, APIs.Write(), workspace + "/apis/x", false},
		{"API Management Workspace Contributor", workspace, APIs.InWorkspace().Write(), service1 + "/workspaces/v/apis/x", false},
		{"API Management Workspace Reader", workspace, APIs.InWorkspace().Read(), workspace + "/apis/x", true},
		{"API Management Workspace Reader", workspace, APIs.InWorkspace().Write(), workspace + "/apis/x", false},
		{"API Management Workspace API Developer", workspace, APIPolicies.InWorkspace().Write(), workspace + "/apis/x/policies/policy", true},
		{"API Management Workspace API Developer", workspace, Subscriptions.InWorkspace().Write(), workspace + "/subscriptions/x", false},
		{"API Management Workspace API Product Manager", workspace, Subscriptions.InWorkspace().Write(), workspace + "/subscriptions/x", true},
		{"API Management Workspace API Product Manager", workspace, APIs.InWorkspace().Write(), workspace + "/apis/x", false},
		{"API Management Service Workspace API Developer", service1, ProductAPILinks.Write(), service1 + "/products/p/apiLinks/l", true},
		{"API Management Service Workspace API Developer", service1, Products.Write(), service1 + "/products/p", false},
		{"API Management Service Workspace API Product Manager", service1, GroupUsers.Write(), service1 + "/groups/g/users/u", true},
		{"Owner", "/", Permission{}, "/", false},
	}
	for _, tt := range tests {
		d := open(t, memory.New())
		p := Principal{ID: "P1"}
		if _, err := d.Assign(t.Context(), admin, "", "p1", tt.role, tt.scope); err != nil {
			t.Fatal(err)
		}
		if got := d.Allow(p, tt.permission, tt.resource); got != tt.want {
			t.Errorf("%s at %s, %s of %s: %v", tt.role, tt.scope, tt.permission, tt.resource, got)
		}
		if d.Allow(Principal{ID: "p2"}, tt.permission, tt.resource) {
			t.Errorf("somebody else may %s", tt.permission)
		}
		if got := d.Allow(Principal{ID: "p2", Groups: []string{"x", "p1"}}, tt.permission, tt.resource); got != tt.want {
			t.Errorf("a member of the group may %s: %v", tt.permission, got)
		}
	}
}

func TestReaches(t *testing.T) {
	d := open(t, memory.New())
	if _, err := d.Assign(t.Context(), admin, "", "p1", "Reader", service1); err != nil {
		t.Fatal(err)
	}
	for scope, want := range map[string]bool{"/subscriptions/s1": true, group1: true, service1 + "/apis/x": true, "/subscriptions/s2": false, "not a scope": false} {
		if got := d.Reaches(Principal{ID: "p1"}, scope); got != want {
			t.Errorf("%s: %v", scope, got)
		}
	}
}

func TestFindRole(t *testing.T) {
	for _, r := range Roles() {
		for _, name := range []string{r.ID, strings.ToUpper(r.Name), "/providers/Microsoft.Authorization/roleDefinitions/" + r.ID} {
			if got, ok := FindRole(name); !ok || got.ID != r.ID {
				t.Errorf("%s: %v, %v", name, got, ok)
			}
		}
		if !IsID(r.ID) || r.Description == "" {
			t.Errorf("%s: %s", r.Name, r.ID)
		}
	}
}

func BenchmarkAllow(b *testing.B) {
	d := &Directory{}
	role, _ := FindRole("API Management Service Contributor")
	scope, _ := ParseScope(service1)
	d.state.Store(&directoryState{assignments: map[string][]Grant{"p1": {{Role: role, Scope: scope}}}})
	p, permission, id := Principal{ID: "p1"}, APIs.Write(), service1+"/apis/echo"
	b.ReportAllocs()
	for b.Loop() {
		if !d.Allow(p, permission, id) {
			b.Fatal("not allowed")
		}
	}
}
