package model

import (
	"strings"
	"testing"
)

func TestParseID(t *testing.T) {
	tests := []struct {
		name, in string
		want     ID
		kind     Kind
		wrong    string
	}{
		{name: "service", in: "/", want: "", kind: KindService},
		{name: "api", in: "/apis/Echo", want: "apis/Echo", kind: KindAPI},
		{name: "revision", in: "apis/echo;rev=2", want: "apis/echo;rev=2", kind: KindAPI},
		{name: "collections are spelled as in the API", in: "APIS/a/Operations/b", want: "apis/a/operations/b", kind: KindOperation},
		{name: "full", in: "/subscriptions/1/resourceGroups/r/providers/Microsoft.ApiManagement/service/s/apiversionsets/v", want: "apiVersionSets/v", kind: KindVersionSet},
		{name: "full service", in: "/subscriptions/1/resourceGroups/r/providers/Microsoft.ApiManagement/service/s", want: "", kind: KindService},
		{name: "workspace", in: "workspaces/w/apis/a/operations/o/policies/policy", want: "workspaces/w/apis/a/operations/o/policies/policy", kind: KindPolicy},
		{name: "link", in: "products/p/groupLinks/l", want: "products/p/groupLinks/l", kind: KindProductGroup},
		{name: "odd", in: "apis/a/operations", wrong: "does not end with a name"},
		{name: "unknown collection", in: "apis/a/nothing/b", wrong: `no collection "nothing"`},
		{name: "bad character", in: "apis/a*b", wrong: "'*', which is not allowed"},
		{name: "dots", in: "apis/..", wrong: `".." is not allowed`},
		{name: "empty name", in: "apis//policies/policy", wrong: "a name is empty"},
		{name: "long name", in: "backends/" + strings.Repeat("x", 81), wrong: "longer than 80 characters"},
		{name: "long id", in: strings.Repeat("apis/", 600), wrong: "longer than 2048 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseID(tt.in)
			if tt.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wrong) {
					t.Fatalf("error %v, want one with %q", err, tt.wrong)
				}
				return
			}
			if err != nil || got != tt.want || got.Kind() != tt.kind {
				t.Fatalf("got %q (%s), %v; want %q (%s)", got, got.Kind(), err, tt.want, tt.kind)
			}
		})
	}
}

func TestIDParts(t *testing.T) {
	id := ID("workspaces/w/apis/Echo;rev=2/operations/get")
	if id.Name() != "get" || id.Collection() != "operations" || id.Parent() != "workspaces/w/apis/Echo;rev=2" {
		t.Errorf("name %q, collection %q, parent %q", id.Name(), id.Collection(), id.Parent())
	}
	for id, want := range map[ID]string{
		"apis/echo": "echo", "workspaces/w/apis/echo": "w:echo", "workspaces/w": "w", "workspaces/w/apis/a/operations/get": "w:get",
	} {
		if got := id.Qualified(); got != want {
			t.Errorf("%s is called %s, want %s", id, got, want)
		}
	}
	if id.Workspace() != "workspaces/w" || ID("apis/x").Workspace() != "" {
		t.Errorf("workspace %q", id.Workspace())
	}
	if api, ok := id.Child("policies", "policy").Ancestor(KindAPI); !ok || api != id.Parent() {
		t.Errorf("ancestor %q, %v", api, ok)
	}
	if !id.Equal("workspaces/W/apis/echo;rev=2/operations/GET") || id.Equal("apis/echo") {
		t.Error("names must be equal in any case of letters")
	}
	if root, revision := SplitRevision("Echo;rev=2"); root != "Echo" || revision != "2" {
		t.Errorf("revision %q of %q", revision, root)
	}
	if !id.Within("workspaces/W") || id.Within("workspaces/w/apis/Echo") {
		t.Error("within is by whole segments")
	}
}

func TestParseScope(t *testing.T) {
	tests := []struct {
		name, id, scope string
		want            SubscriptionScope
		wrong           bool
	}{
		{name: "product", id: "subscriptions/s", scope: "/products/starter", want: SubscriptionScope{ScopeProduct, "products/starter"}},
		{name: "api", id: "subscriptions/s", scope: "/apis/echo", want: SubscriptionScope{ScopeAPI, "apis/echo"}},
		{name: "all APIs", id: "subscriptions/s", scope: "/apis", want: SubscriptionScope{ScopeAllAPIs, ""}},
		{name: "all APIs, full", id: "subscriptions/s", scope: "/subscriptions/1/resourceGroups/r/providers/Microsoft.ApiManagement/service/s/apis", want: SubscriptionScope{ScopeAllAPIs, ""}},
		{name: "all access", id: "subscriptions/master", scope: "/subscriptions/1/resourceGroups/r/providers/Microsoft.ApiManagement/service/s/", want: SubscriptionScope{ScopeAll, ""}},
		{name: "in a workspace", id: "workspaces/w/subscriptions/s", scope: "/products/p", want: SubscriptionScope{ScopeProduct, "workspaces/w/products/p"}},
		{name: "all APIs of a workspace", id: "subscriptions/s", scope: "/workspaces/w/apis", want: SubscriptionScope{ScopeAllAPIs, "workspaces/w"}},
		{name: "product named apis", id: "subscriptions/s", scope: "/products/apis", want: SubscriptionScope{ScopeProduct, "products/apis"}},
		{name: "empty", id: "subscriptions/s", wrong: true},
		{name: "backend", id: "subscriptions/s", scope: "/backends/b", wrong: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := (&Subscription{ID: ID(tt.id), Scope: tt.scope}).ParseScope()
			if (err != nil) != tt.wrong || got != tt.want {
				t.Errorf("got %+v, %v; want %+v", got, err, tt.want)
			}
		})
	}
}

// TestIDsOfNoUTF8 reads names whose length changes when they are lower-cased.
func TestIDsOfNoUTF8(t *testing.T) {
	for _, name := range []string{"\x92;rev=2", "İİİ;REV=2", "\xff\xff\xff\xff;rev=", "K;rev=1"} {
		root, revision := SplitRevision(name)
		if len(root)+len(revision)+len(";rev=") != len(name) {
			t.Errorf("%q is divided into %q and %q", name, root, revision)
		}
	}
	const service = "/subscriptions/\x92\x92İ/providers/Microsoft.ApiManagement/service/x"
	if id, err := ParseID(service + "/apis/echo"); err != nil || id != "apis/echo" {
		t.Errorf("%q, %v", id, err)
	}
	if id, err := ParseID(service); err == nil && id != "" {
		t.Errorf("%q, %v", id, err)
	}
}
