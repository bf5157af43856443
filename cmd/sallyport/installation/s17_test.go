package installation

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources"
	"github.com/sallyport/sallyport/internal/control/rest"
	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/policies"
	"github.com/sallyport/sallyport/internal/snapshot"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// opened is an installation over a store in memory, with its API.
func opened(t *testing.T) (*Installation, *Management) {
	t.Helper()
	compiler, err := expr.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	in, err := Open(t.Context(), Options{
		Data: t.TempDir(), Store: "memory:", Clock: clock.System(), Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Names:    Names{Subscription: subscription, ResourceGroup: "rg1", Service: "apimService1", Location: "westus"},
		Settings: &snapshot.Settings{Policies: policies.WithUnserved(), Expressions: compiler, MixedText: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := in.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := in.First(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	m, err := in.OpenManagement(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return in, m
}

const subscription = "00000000-0000-0000-0000-000000000000"

// token makes a principal with a role at a scope, and a token of it. Without a
// role the principal has none.
func token(t *testing.T, m *Management, name, role, scope string) string {
	t.Helper()
	by := audit.Entry{Actor: "test", ActorName: "test"}
	p, credential, err := m.Directory.CreatePrincipal(t.Context(), by, name)
	if err != nil {
		t.Fatal(err)
	}
	if role != "" {
		if _, err := m.Directory.Assign(t.Context(), by, access.NewID(), p.ObjectID, role, scope); err != nil {
			t.Fatal(err)
		}
	}
	made, _, err := m.Issuer.CreateToken(t.Context(), by, credential.ClientID, "test", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

type published struct{ method, path string }

// publishedOperations are those of the API, with names in the place of
// parameters; secrets says that one reveals secrets.
func publishedOperations(t *testing.T, service string) []published {
	t.Helper()
	name := filepath.Join("..", "..", "..", "internal", "control", "resources", "testdata", "operations-2024-05-01.txt")
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var all []published
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) != 4 || fields[0] == "#" {
			continue
		}
		all = append(all, published{fields[0], spell(fields[1], service)})
	}
	return append(all, additions(t, service)...)
}

// additions are the operations that the API has beside the published ones, from
// the table of routes: everything whose name begins with sallyport.
func additions(t *testing.T, service string) []published {
	t.Helper()
	registry, err := resources.Registry()
	if err != nil {
		t.Fatal(err)
	}
	ours := func(name string) bool { return strings.HasPrefix(name, "sallyport") }
	var all []published
	for chain := range registry.Kinds() {
		node, path, collection, internal := chain[len(chain)-1], service, "", false
		for _, n := range chain[1:] {
			name := "x"
			if n.Names != nil {
				name = n.Names[0]
			}
			collection = path + "/" + n.Collection
			path = collection + "/" + name
			internal = internal || n.Internal
		}
		if chain[0].Collection != "service" || internal {
			continue
		}
		if ours(node.Collection) {
			for method, verb := range map[string]resource.Verbs{
				"GET": resource.Get, "HEAD": resource.Get, "PUT": resource.Put, "PATCH": resource.Patch, "DELETE": resource.Delete,
			} {
				if node.Verbs.Has(verb) {
					all = append(all, published{method, path})
				}
			}
			if node.Verbs.Has(resource.List) {
				all = append(all, published{"GET", collection})
			}
		}
		for _, a := range node.Actions {
			if ours(a.Path) || ours(node.Collection) {
				all = append(all, published{"POST", path + "/" + a.Path})
			}
		}
	}
	for _, r := range registry.Routes() {
		if _, name, _ := strings.Cut(r.Path, "/service/{service}/"); ours(name) {
			all = append(all, published{r.Method, service + "/" + name})
		}
	}
	if len(all) < fewestAdditions {
		t.Fatalf("%d additions are in the table of routes: the matrix would not cover them", len(all))
	}
	return all
}

// fewestAdditions is how many operations the table of routes had beside the
// published ones when this was written.
const fewestAdditions = 20

// spell puts names that each collection allows in the place of parameters.
func spell(path, service string) string {
	path = strings.Replace(path, "~", service, 1)
	names := strings.NewReplacer("{subscriptionId}", subscription, "{resourceGroupName}", "rg1", "{location}", "westus", "{policyId}", "policy",
		"{settingsType}", "public", "{accessName}", "access", "{configurationName}", "configuration", "{identityProviderName}", "google",
		"{templateName}", "newIssueNotificationMessage", "{notificationName}", "RequestPublisherNotificationMessage", "{portalConfigId}", "default")
	path = names.Replace(path)
	for {
		begin := strings.IndexByte(path, '{')
		if begin < 0 {
			return path
		}
		path = path[:begin] + "x" + path[strings.IndexByte(path, '}')+1:]
	}
}

// send sends one operation and returns the status.
func send(t *testing.T, h http.Handler, op published, token string) int {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), op.method, op.path+"?api-version=2024-05-01", strings.NewReader(`{"properties":{}}`))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

// matrix sends every operation as each of those who may not, and counts the
// answers that are not the refusal.
func matrix(t *testing.T, h http.Handler, m *Management, report func(format string, args ...any)) (sent, unexpected int) {
	t.Helper()
	const own = "/subscriptions/" + subscription + "/resourceGroups/rg1/providers/Microsoft.ApiManagement/service/apimService1"
	const foreign = "/subscriptions/" + subscription + "/resourceGroups/rg1/providers/Microsoft.ApiManagement/service/other"
	never := func(published) bool { return true }
	writes := func(op published) bool { return op.method != http.MethodGet && op.method != http.MethodHead }
	outside := func(op published) bool { return strings.HasPrefix(op.path, own) }
	callers := []struct {
		name, role, scope string
		refused           func(published) bool
		status            int
	}{
		{"nobody", "-", "", never, http.StatusUnauthorized},
		{"no role", "", "", never, http.StatusForbidden},
		{"reader", "Reader", own, writes, http.StatusForbidden},
		{"service reader", "API Management Service Reader Role", own, writes, http.StatusForbidden},
		{"owner of another service", "Owner", foreign, outside, http.StatusForbidden},
		{"owner of one API", "Owner", own + "/apis/mine", outside, http.StatusForbidden},
		{"contributor of a service with a longer name", "Contributor", own + "x", outside, http.StatusForbidden},
		{"owner of another subscription", "Owner", "/subscriptions/11111111-1111-1111-1111-111111111111", never, http.StatusForbidden},
	}
	for _, c := range callers {
		held := ""
		if c.role != "-" {
			held = token(t, m, c.name, c.role, c.scope)
		}
		for _, op := range publishedOperations(t, own) {
			if !c.refused(op) {
				continue
			}
			sent++
			if status := send(t, h, op, held); status != c.status {
				unexpected++
				report("%s: %s %s answers %d, not %d", c.name, op.method, op.path, status, c.status)
			}
		}
	}
	return sent, unexpected
}

// TestS17_Matrix calls every operation of the API as callers who may not.
func TestS17_Matrix(t *testing.T) {
	_, m := opened(t)
	sent, unexpected := matrix(t, m, m, t.Errorf)
	fmt.Printf("S17: %d calls by those who may not, %d not refused (0)\n", sent, unexpected)
}

// careless is a guard that knows who calls and lets everybody do everything.
type careless struct{ guard }

// Allow says yes.
func (careless) Allow(context.Context, rest.Principal, access.Permission, string) (bool, error) {
	return true, nil
}

// TestS17_Matrix_NegativeControl takes the check of permissions away.
func TestS17_Matrix_NegativeControl(t *testing.T) {
	in, m := opened(t)
	open := rest.New(rest.Options{Plane: in.Plane, Guard: careless{guard{access.NewAuthenticator(m.Issuer), m.Directory}}, Log: slog.New(slog.DiscardHandler)})
	if _, unexpected := matrix(t, open, m, func(string, ...any) {}); unexpected == 0 {
		t.Error("without the check every call was refused all the same")
	}
}
