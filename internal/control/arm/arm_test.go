package arm

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	sub     = "00000000-0000-0000-0000-00000000000a"
	version = "?api-version=2021-04-01"
	service = "/subscriptions/" + sub + "/resourceGroups/Implied/providers/Microsoft.ApiManagement/service/svc"
)

var admin = audit.Entry{Actor: "p0", ActorName: "administrator"}

// names is a Verifier that believes whatever a token says.
type names struct{ *access.Directory }

func (names) Issuer() string { return "test" }

func (n names) Verify(_ context.Context, token string) (access.Principal, error) {
	p, ok := n.Find(token)
	if !ok {
		return access.Principal{}, access.ErrExpired
	}
	return p.Principal(), nil
}

// rig is a Front with an administrator and some others.
type rig struct {
	*Front

	store     store.Store
	directory *access.Directory
}

func newRig(tb testing.TB) *rig {
	tb.Helper()
	r := &rig{store: memory.New()}
	c := clock.NewFake(time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC))
	var err error
	if r.directory, err = access.OpenDirectory(tb.Context(), r.store, c); err != nil {
		tb.Fatal(err)
	}
	if _, err := r.directory.Bootstrap(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	r.Front = New(Options{
		Store: r.store, Directory: r.directory, Authenticator: access.NewAuthenticator(names{r.directory}), Clock: c,
		Log: slog.New(slog.DiscardHandler), Subscriptions: []string{sub}, Locations: []string{"westeurope"},
		Services: func(context.Context) ([]Resource, error) { return []Resource{{service, "westeurope"}}, nil },
	})
	return r
}

// add makes a principal with a role.
func (r *rig) add(t *testing.T, name, role, scope string) access.ServicePrincipal {
	t.Helper()
	p, _, err := r.directory.CreatePrincipal(t.Context(), admin, name)
	if err != nil {
		t.Fatal(err)
	}
	if role == "" {
		return p
	}
	if _, err := r.directory.Assign(t.Context(), admin, "", p.ObjectID, role, scope); err != nil {
		t.Fatal(err)
	}
	return p
}

// call makes a request for somebody, "" for nobody.
func (r *rig) call(t *testing.T, who, method, target, body string) (int, map[string]any) {
	t.Helper()
	request := httptest.NewRequest(method, "https://manage.example"+target, strings.NewReader(body))
	if who != "" {
		request.Header.Set("Authorization", "Bearer "+who)
	}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, request)
	data, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if len(data) > 0 {
		if err := json.Unmarshal(data, &v); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
	}
	if w.Header().Get("X-Ms-Request-Id") == "" || w.Code == http.StatusUnauthorized && !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Bearer authorization_uri=") {
		t.Errorf("headers: %v", w.Header())
	}
	switch v := v.(type) {
	case map[string]any:
		return w.Code, v
	case []any:
		return w.Code, map[string]any{"list": v}
	}
	return w.Code, nil
}

// at follows names and numbers into a value.
func at(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}

func count(body map[string]any) int {
	l, _ := body["value"].([]any)
	return len(l)
}

func TestMetadata(t *testing.T) {
	r := newRig(t)
	for _, v := range []string{"2022-09-01", "2015-01-01"} {
		status, body := r.call(t, "", http.MethodGet, "/metadata/endpoints?api-version="+v, "")
		if status != http.StatusOK || body["resourceManager"] != "https://manage.example/" || body["name"] == "" ||
			at(body, "authentication", "loginEndpoint") != "https://manage.example" || at(body, "authentication", "identityProvider") != "AAD" ||
			at(body, "authentication", "audiences", 0) != audienceARM || at(body, "suffixes", "storage") != "manage.example" || body["graphEndpoint"] == nil {
			t.Errorf("%s: %d %v", v, status, body)
		}
	}
	status, body := r.call(t, "", http.MethodGet, "/Metadata/Endpoints?api-version=2020-06-01", "")
	if status != http.StatusOK || at(body, "list", 0, "resourceManager") != "https://manage.example/" {
		t.Errorf("2020: %d %v", status, body)
	}
}

func TestSubscriptions(t *testing.T) {
	r := newRig(t)
	r.add(t, "api", "API Management Service Contributor", service+"/apis/echo")
	r.add(t, "stranger", "Owner", "/subscriptions/other")
	r.add(t, "nobody", "", "")
	for who, want := range map[string]int{"administrator": 1, "api": 1, "stranger": 0, "nobody": 0} {
		status, body := r.call(t, who, http.MethodGet, "/subscriptions?api-version=2019-11-01", "")
		if status != http.StatusOK || count(body) != want {
			t.Errorf("%s: %d %v", who, status, body)
		}
	}
	status, body := r.call(t, "api", http.MethodGet, "/Subscriptions/"+sub+version, "")
	if status != http.StatusOK || body["subscriptionId"] != sub || body["tenantId"] != r.directory.Tenant() || body["state"] != "Enabled" {
		t.Errorf("%d %v", status, body)
	}
	if status, body := r.call(t, "nobody", http.MethodGet, "/subscriptions/"+sub+version, ""); status != http.StatusNotFound || at(body, "error", "code") != "SubscriptionNotFound" {
		t.Errorf("%d %v", status, body)
	}
	if status, body := r.call(t, "api", http.MethodGet, "/tenants"+version, ""); status != http.StatusOK || at(body, "value", 0, "tenantId") != r.directory.Tenant() {
		t.Errorf("%d %v", status, body)
	}
	if status, body := r.call(t, "api", http.MethodGet, "/subscriptions/"+sub+"/locations"+version, ""); status != http.StatusOK || at(body, "value", 0, "name") != "westeurope" {
		t.Errorf("%d %v", status, body)
	}
}

func TestProviders(t *testing.T) {
	r := newRig(t)
	path := "/subscriptions/" + sub + "/providers"
	if status, body := r.call(t, "administrator", http.MethodGet, path+version, ""); status != http.StatusOK || count(body) != 3 {
		t.Errorf("%d %v", status, body)
	}
	for method, target := range map[string]string{http.MethodGet: path + "/microsoft.apimanagement", http.MethodPost: path + "/Microsoft.ApiManagement/register"} {
		status, body := r.call(t, "administrator", method, target+version, "")
		if status != http.StatusOK || body["registrationState"] != "Registered" || at(body, "resourceTypes", 0, "resourceType") != "service" {
			t.Errorf("%s: %d %v", target, status, body)
		}
	}
	if status, body := r.call(t, "administrator", http.MethodGet, path+"/Microsoft.Compute"+version, ""); status != http.StatusNotFound {
		t.Errorf("%d %v", status, body)
	}
}

func TestResourceGroups(t *testing.T) {
	r := newRig(t)
	groups := "/subscriptions/" + sub + "/resourceGroups"
	do := func(method, name, body string) (int, map[string]any) {
		return r.call(t, "administrator", method, groups+"/"+name+version, body)
	}
	steps := []struct {
		name, method, group, body string
		status                    int
		path                      []any
		want                      any
	}{
		{"none", http.MethodGet, "G1", "", 404, []any{"error", "code"}, "ResourceGroupNotFound"},
		{"no HEAD", http.MethodHead, "G1", "", 404, nil, nil},
		{"make", http.MethodPut, "G1", `{"location":"westeurope","tags":{"a":"b"}}`, 201, []any{"properties", "provisioningState"}, "Succeeded"},
		{"read in another case", http.MethodGet, "g1", "", 200, []any{"name"}, "G1"},
		{"HEAD", http.MethodHead, "g1", "", 204, nil, nil},
		{"make again", http.MethodPut, "g1", `{"location":"WestEurope"}`, 200, []any{"id"}, groups + "/G1"},
		{"tags are gone", http.MethodGet, "G1", "", 200, []any{"tags"}, nil},
		{"patch", http.MethodPatch, "G1", `{"tags":{"c":"d"}}`, 200, []any{"tags", "c"}, "d"},
		{"elsewhere", http.MethodPut, "G1", `{"location":"eastus"}`, 409, []any{"error", "code"}, "InvalidResourceGroupLocation"},
		{"no location", http.MethodPut, "G2", `{}`, 400, []any{"error", "code"}, "LocationRequired"},
		{"not JSON", http.MethodPut, "G2", `{"location":1}`, 400, []any{"error", "code"}, "InvalidRequestContent"},
		{"too long", http.MethodPut, "G2", `{"location":"` + strings.Repeat("x", maxBody) + `"}`, 413, []any{"error", "code"}, "RequestEntityTooLarge"},
		{"bad name", http.MethodPut, "a%20b", `{"location":"x"}`, 400, []any{"error", "code"}, "InvalidResourceGroup"},
		{"name ends with a dot", http.MethodPut, "a.", `{"location":"x"}`, 400, []any{"error", "code"}, "InvalidResourceGroup"},
		{"name that is not text", http.MethodGet, "a%ff", "", 404, []any{"error", "code"}, "ResourceGroupNotFound"},
		{"many tags", http.MethodPut, "G2", `{"location":"x","tags":{` + tags(maxTags+1) + `}}`, 400, []any{"error", "code"}, "InvalidTag"},
		{"of a service", http.MethodGet, "implied", "", 200, []any{"name"}, "Implied"},
		{"of a service, removed", http.MethodDelete, "implied", "", 409, []any{"error", "code"}, "Conflict"},
		{"remove", http.MethodDelete, "g1", "", 200, nil, nil},
		{"remove again", http.MethodDelete, "g1", "", 404, []any{"error", "code"}, "ResourceGroupNotFound"},
		{"POST", http.MethodPost, "g1", "", 405, []any{"error", "code"}, "MethodNotAllowed"},
	}
	for _, s := range steps {
		status, body := do(s.method, s.group, s.body)
		if status != s.status || s.path != nil && at(body, s.path...) != s.want {
			t.Errorf("%s: %d %v", s.name, status, body)
		}
	}
	_, _ = do(http.MethodPut, "IMPLIED", `{"location":"westeurope"}`)
	_, _ = do(http.MethodPut, "zz", `{"location":"westeurope"}`)
	r.add(t, "zz only", "Reader", groups+"/ZZ")
	for who, want := range map[string]int{"administrator": 2, "zz only": 1} {
		if status, body := r.call(t, who, http.MethodGet, groups+version, ""); status != http.StatusOK || count(body) != want {
			t.Errorf("%s sees %d %v", who, status, body)
		}
	}
	if status, body := r.call(t, "administrator", http.MethodGet, groups+"/implied/resources"+version, ""); status != http.StatusOK || at(body, "value", 0, "id") != service {
		t.Errorf("resources: %d %v", status, body)
	}
	for who, want := range map[string]int{"administrator": 1, "zz only": 0} {
		if status, body := r.call(t, who, http.MethodGet, "/subscriptions/"+sub+"/resources"+version, ""); status != http.StatusOK || count(body) != want {
			t.Errorf("resources for %s: %d %v", who, status, body)
		}
	}
}

func tags(n int) string {
	var all []string
	for i := range n {
		all = append(all, `"t`+strings.Repeat("x", i)+`":"v"`)
	}
	return strings.Join(all, ",")
}

func TestChangesAreAudited(t *testing.T) {
	r := newRig(t)
	path := "/subscriptions/" + sub + "/resourceGroups/g" + version
	_, _ = r.call(t, "administrator", http.MethodPut, path, `{"location":"x"}`)
	_, _ = r.call(t, "administrator", http.MethodDelete, path, "")
	err := r.store.View(t.Context(), func(s store.Reader) error {
		log, err := audit.Read(s, -2, 2)
		p, _ := r.directory.Find("administrator")
		if err != nil || log[0].Action != access.ResourceGroups.Write().String() || log[1].Action != access.ResourceGroups.Delete().String() ||
			log[1].Actor != p.ObjectID || log[1].Before == nil || log[0].After == nil || log[0].Correlation == "" || log[0].Source != "192.0.2.1" {
			t.Errorf("%+v, %v", log, err)
		}
		_, err = audit.Verify(t.Context(), s)
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestNobodyGetsInWithoutARole(t *testing.T) {
	r := newRig(t)
	r.add(t, "nobody", "", "")
	r.add(t, "reader", "Reader", "/")
	replace := strings.NewReplacer("{subscription}", sub, "{group}", "g", "{namespace}", "Microsoft.ApiManagement", "{scope}", "subscriptions/"+sub, "{name}", access.NewID())
	for _, each := range routes {
		target := "/" + replace.Replace(each.pattern) + version
		if !Owns(strings.TrimSuffix(target, version)) {
			t.Errorf("%s is not owned", target)
		}
		if each.need.public {
			continue
		}
		if status, _ := r.call(t, "", each.method, target, "{}"); status != http.StatusUnauthorized {
			t.Errorf("%s %s: %d without a token", each.method, each.pattern, status)
		}
		if status, _ := r.call(t, "unknown", each.method, target, "{}"); status != http.StatusUnauthorized {
			t.Errorf("%s %s: %d with a wrong token", each.method, each.pattern, status)
		}
		status, _ := r.call(t, "nobody", each.method, target, "{}")
		if !each.need.signedIn && status != http.StatusForbidden {
			t.Errorf("%s %s: %d without a role", each.method, each.pattern, status)
		}
		if !each.need.signedIn && !each.need.permission.Valid() {
			t.Errorf("%s %s needs nothing", each.method, each.pattern)
		}
		if each.method != http.MethodGet && each.method != http.MethodHead {
			if status, _ := r.call(t, "reader", each.method, target, "{}"); status != http.StatusForbidden {
				t.Errorf("%s %s: %d for a reader", each.method, each.pattern, status)
			}
		}
	}
}

func TestOwnsNothingElse(t *testing.T) {
	for _, path := range []string{
		"", "/", "/subscriptions/x/providers/Microsoft.ApiManagement/service", service, service + "/apis/a",
		"/subscriptions/x/resourceGroups/g/providers/Microsoft.ApiManagement/service/s", "/providers/Microsoft.ApiManagement/operations",
		"/subscriptions//resourceGroups/g", "/subscriptions/a%2fb", "/" + strings.Repeat("x", maxPath),
	} {
		if Owns(path) {
			t.Errorf("%s is owned", path)
		}
	}
}

func TestRequestsAreChecked(t *testing.T) {
	r := newRig(t)
	tests := map[string]struct {
		target string
		status int
		code   string
	}{
		"no version":          {"/subscriptions", 400, "MissingApiVersionParameter"},
		"empty version":       {"/subscriptions?api-version=", 400, "MissingApiVersionParameter"},
		"version in capitals": {"/subscriptions?Api-Version=2020-01-01", 200, ""},
		"bad subscription":    {"/subscriptions/a%20b" + version, 400, "InvalidSubscriptionId"},
		"long subscription":   {"/subscriptions/" + strings.Repeat("x", 65) + version, 400, "InvalidSubscriptionId"},
		"encoded slash":       {"/subscriptions/a%2fb" + version, 400, "ValidationError"},
		"nothing there":       {"/x/y/z" + version, 404, "ResourceNotFound"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			status, body := r.call(t, "administrator", http.MethodGet, tt.target, "")
			if status != tt.status || tt.code != "" && (at(body, "error", "code") != tt.code || at(body, "error", "message") == "" || at(body, "error", "target") == "") {
				t.Errorf("%d %v", status, body)
			}
		})
	}
}

func TestRoles(t *testing.T) {
	r := newRig(t)
	scope := "/subscriptions/" + sub
	p := r.add(t, "ci", "", "")
	r.add(t, "granter", "User Access Administrator", scope)
	definitions := scope + "/providers/Microsoft.Authorization/roleDefinitions"
	status, body := r.call(t, "granter", http.MethodGet, definitions+version+"&$filter="+url.QueryEscape("roleName eq 'reader'"), "")
	if status != http.StatusOK || count(body) != 1 || at(body, "value", 0, "properties", "roleName") != "Reader" {
		t.Fatalf("%d %v", status, body)
	}
	role := at(body, "value", 0, "id").(string)
	if status, body := r.call(t, "granter", http.MethodGet, scope+role+version, ""); status != http.StatusOK || at(body, "properties", "permissions", 0, "actions", 0) != "*/read" {
		t.Errorf("%d %v", status, body)
	}
	assignments := "/providers/Microsoft.Authorization/roleAssignments"
	name := access.NewID()
	give := func(who, scope, name, role, principal string) (int, map[string]any) {
		sent, _ := json.Marshal(map[string]any{"properties": map[string]any{"roleDefinitionId": role, "principalId": principal}})
		return r.call(t, who, http.MethodPut, scope+assignments+"/"+name+version, string(sent))
	}
	steps := []struct {
		name   string
		run    func() (int, map[string]any)
		status int
	}{
		{"above one's own scope", func() (int, map[string]any) { return give("granter", "", access.NewID(), role, p.ObjectID) }, 403},
		{"beside it", func() (int, map[string]any) { return give("granter", scope+"1", access.NewID(), role, p.ObjectID) }, 403},
		{"out of it", func() (int, map[string]any) { return give("granter", scope+"/..", access.NewID(), role, p.ObjectID) }, 400},
		{"no role", func() (int, map[string]any) { return give("granter", scope, access.NewID(), "x", p.ObjectID) }, 400},
		{"no GUID", func() (int, map[string]any) { return give("granter", scope, "x", role, p.ObjectID) }, 400},
		{"no principal", func() (int, map[string]any) { return give("granter", scope, access.NewID(), role, "") }, 400},
		{"give", func() (int, map[string]any) { return give("granter", scope, name, role, p.ObjectID) }, 201},
		{"again", func() (int, map[string]any) { return give("granter", scope, name, role, p.ObjectID) }, 201},
		{"the same under another name", func() (int, map[string]any) { return give("granter", scope, access.NewID(), role, p.ObjectID) }, 409},
		{"another under the same name", func() (int, map[string]any) {
			return give("granter", scope+"/resourceGroups/g", name, role, p.ObjectID)
		}, 409},
		{"read", func() (int, map[string]any) {
			return r.call(t, "ci", http.MethodGet, scope+assignments+"/"+name+version, "")
		}, 200},
		{"read elsewhere", func() (int, map[string]any) {
			return r.call(t, "ci", http.MethodGet, scope+"/resourceGroups/g"+assignments+"/"+name+version, "")
		}, 404},
		{"take back", func() (int, map[string]any) {
			return r.call(t, "granter", http.MethodDelete, scope+assignments+"/"+name+version, "")
		}, 200},
		{"take back again", func() (int, map[string]any) {
			return r.call(t, "granter", http.MethodDelete, scope+assignments+"/"+name+version, "")
		}, 204},
		{"read after", func() (int, map[string]any) {
			return r.call(t, "ci", http.MethodGet, scope+assignments+version, "")
		}, 403},
	}
	for _, s := range steps {
		if status, body := s.run(); status != s.status {
			t.Errorf("%s: %d %v, want %d", s.name, status, body, s.status)
		}
	}
	status, body = r.call(t, "administrator", http.MethodGet, scope+assignments+version, "")
	if status != http.StatusOK || count(body) != 2 {
		t.Errorf("at and around the scope: %d %v", status, body)
	}
	owner, _ := r.directory.Find("administrator")
	status, body = r.call(t, "administrator", http.MethodGet, assignments+version+"&$filter="+url.QueryEscape("atScope() and principalId eq '"+owner.ObjectID+"'"), "")
	if status != http.StatusOK || count(body) != 1 {
		t.Fatalf("with a filter: %d %v", status, body)
	}
	last := at(body, "value", 0, "id").(string)
	if status, body := r.call(t, "administrator", http.MethodDelete, last+version, ""); status != http.StatusConflict {
		t.Errorf("the last owner: %d %v", status, body)
	}
}
