package people_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
	"github.com/sallyport/sallyport/internal/control/store/postgres"
	"github.com/sallyport/sallyport/internal/control/store/postgres/postgrestest"
	"github.com/sallyport/sallyport/internal/control/store/sqlite"
)

var long = flag.Bool("long", false, "measure on SQLite and PostgreSQL too")

// workspacesOf writes workspaces with groups, a subscription in each, and users, of
// whom each is in three of the groups and has one of the subscriptions.
func workspacesOf(tb testing.TB, st store.Store, workspaces, groups, users int) {
	tb.Helper()
	service := resource.ID(resourcestest.Service)
	workspace := func(n int) resource.ID { return service.Child("workspaces", fmt.Sprintf("W%04d", n%workspaces)) }
	write(tb, st, workspaces, func(put putter, i int) {
		put(workspace(i), map[string]any{"displayName": "W"})
		for g := range groups {
			put(workspace(i).Child("groups", fmt.Sprintf("g%d", g)), map[string]any{"displayName": "G", "type": "custom", "builtIn": false})
		}
		put(workspace(i).Child("subscriptions", "s"), map[string]any{
			"displayName": "S", "scope": string(workspace(i)) + "/apis", "ownerId": string(service.Child("users", person(i%users))), "state": "active",
		})
	})
	write(tb, st, users, func(put putter, i int) {
		name := person(i)
		put(service.Child("users", name), map[string]any{
			"email": name + "@example.com", "firstName": "First", "lastName": "Last", "state": "active", "registrationDate": "2026-01-01T00:00:00Z",
		})
		for k := range 3 {
			put(workspace(i*3+k).Child("groups", fmt.Sprintf("g%d", (i+k)%groups)).Child("users", name), nil)
		}
	})
}

func person(n int) string { return fmt.Sprintf("U%05d", n) }

type putter = func(id resource.ID, properties map[string]any)

// write writes n things, some hundred in each update.
func write(tb testing.TB, st store.Store, n int, each func(put putter, i int)) {
	tb.Helper()
	const batch = 500
	for from := 0; from < n; from += batch {
		_, err := st.Update(context.Background(), func(tx store.Tx) error {
			var failed error
			put := func(id resource.ID, properties map[string]any) {
				body := map[string]any{}
				if properties != nil {
					body["properties"] = properties
				}
				value, err := json.Marshal(body)
				if err == nil {
					err = tx.Put(id.Key(), string(id), value)
				}
				if err != nil {
					failed = err
				}
			}
			for i := from; i < min(n, from+batch); i++ {
				each(put, i)
			}
			if failed != nil {
				return failed
			}
			_, err := tx.Audit([]byte(`{}`))
			return err
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
}

// TestGroupsOfWorkspaces answers the groups and the subscriptions that users have
// in workspaces as without indexes, before and after changes.
func TestGroupsOfWorkspaces(t *testing.T) {
	st := memory.New()
	s := resourcestest.NewWith(t, resourcestest.Options{Store: st})
	workspacesOf(t, st, 30, 3, 40)
	env := s.Plane.Environment()
	indexes := resource.NewIndexes()
	compare := func(when string) {
		t.Helper()
		for _, user := range []string{"U00000", "u00007", "U00013", "U00039", "new"} {
			for _, list := range []string{"/groups?sallyportWorkspaces=true", "/groups", "/subscriptions"} {
				env.Indexes = nil
				_, _, without := s.Do(http.MethodGet, "users/"+user+list, nil)
				env.Indexes = indexes
				_, _, with := s.Do(http.MethodGet, "users/"+user+list, nil)
				if diff := cmp.Diff(without, with); diff != "" {
					t.Errorf("%s: %s%s: %s", when, user, list, diff)
				}
			}
		}
	}
	compare("at first")
	if got := len(s.Names("users/U00007/groups?sallyportWorkspaces=true")); got != 3 {
		t.Errorf("the user is in %d groups", got)
	}
	steps := []struct{ name, method, path, body string }{
		{"a workspace with a name that begins another's", http.MethodPut, "workspaces/W0021-b", `{"properties": {"displayName": "B"}}`},
		{"a group in it", http.MethodPut, "workspaces/W0021-b/groups/g1", `{"properties": {"displayName": "G"}}`},
		{"who joins it", http.MethodPut, "workspaces/W0021-b/groups/g1/users/U00007", ``},
		{"who leaves a group", http.MethodDelete, "workspaces/W0021/groups/g1/users/U00007", ``},
		{"a group that goes", http.MethodDelete, "workspaces/W0022/groups/g2", ``},
		{"a user that comes", http.MethodPut, "users/new", `{"properties": {"email": "n@example.com", "firstName": "N", "lastName": "N"}}`},
		{"who joins", http.MethodPut, "workspaces/W0000/groups/g0/users/new", ``},
		{"a subscription with another owner", http.MethodPatch, "workspaces/W0007/subscriptions/s", `{"properties": {"ownerId": "/users/new"}}`},
		{"a subscription without an owner", http.MethodPatch, "workspaces/W0013/subscriptions/s", `{"properties": {"ownerId": null}}`},
		{"a workspace that goes", http.MethodDelete, "workspaces/W0000", ``},
		{"a user that goes", http.MethodDelete, "users/U00013?deleteSubscriptions=true", ``},
	}
	for _, step := range steps {
		var body any
		if step.body != "" {
			body = step.body
		}
		s.Must(step.method, step.path, body, http.StatusOK, http.StatusCreated, http.StatusNoContent, http.StatusAccepted)
		compare(step.name)
	}
}

// TestGroupsOfWorkspaces_TooFar makes an index anew that is too far behind, and
// does without one in what writes.
func TestGroupsOfWorkspaces_TooFar(t *testing.T) {
	st := memory.New()
	s := resourcestest.NewWith(t, resourcestest.Options{Store: st})
	workspacesOf(t, st, 30, 3, 40)
	s.Plane.Environment().Indexes = resource.NewIndexes()
	groups := func() int { return len(s.Names("users/U00007/groups?sallyportWorkspaces=true")) }
	before := groups()
	service := resource.ID(resourcestest.Service)
	for i := range 5_001 {
		_, err := st.Update(t.Context(), func(tx store.Tx) error {
			id := service.Child("users", "busy").Child("sallyportSessions", fmt.Sprint(i%50))
			if err := tx.Put(id.Key(), string(id), fmt.Appendf(nil, `{"properties": {"n": %d}}`, i)); err != nil {
				return err
			}
			_, err := tx.Audit([]byte(`{}`))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	s.Must(http.MethodDelete, "workspaces/W0021/groups/g1/users/U00007", nil, http.StatusOK)
	if after := groups(); after != before-1 {
		t.Errorf("the user is in %d groups, and was in %d before leaving one", after, before)
	}
}

// BenchmarkGroupsOfWorkspaces reads the groups of users, as a portal does for each
// session that it reads.
func BenchmarkGroupsOfWorkspaces(b *testing.B) {
	stores := map[string]func(tb testing.TB) (store.Store, error){"memory": func(testing.TB) (store.Store, error) { return memory.New(), nil }}
	if *long {
		stores["sqlite"] = func(tb testing.TB) (store.Store, error) {
			tb.Helper()
			return sqlite.Open(context.Background(), tb.TempDir())
		}
		stores["postgres"] = func(tb testing.TB) (store.Store, error) {
			tb.Helper()
			return postgres.Open(context.Background(), postgres.Options{URL: postgrestest.Database(tb)})
		}
	}
	for name, open := range stores {
		st, err := open(b)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = st.Close() }) //nolint:errcheck // Nothing is kept.
		s := resourcestest.NewWith(b, resourcestest.Options{Store: st})
		workspacesOf(b, st, 1000, 10, 10_000)
		for _, way := range []struct {
			name    string
			indexes *resource.Indexes
		}{{"searched", nil}, {"indexed", resource.NewIndexes()}} {
			s.Plane.Environment().Indexes = way.indexes
			for _, list := range []string{"groups?sallyportWorkspaces=true", "subscriptions"} {
				began := time.Now()
				s.Names("users/" + person(0) + "/" + list)
				first := time.Since(began)
				b.Run(name+"/"+way.name+"/"+list[:6], func(b *testing.B) {
					b.ReportAllocs()
					for i := 0; b.Loop(); i++ {
						if got := s.Names("users/" + person(i%10_000) + "/" + list); list[0] == 'g' && len(got) != 3 {
							b.Fatalf("the user is in %d groups", len(got))
						}
					}
					b.ReportMetric(float64(first.Milliseconds()), "ms-first")
				})
			}
		}
	}
}
