package people_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

// many puts users and subscriptions beside each other, each with what lists
// filter by.
func many(tb testing.TB, s *resourcestest.Server, n int) {
	tb.Helper()
	service := resource.ID(resourcestest.Service)
	err := s.Write(func(session *resource.Session) error {
		for i := range 5 {
			if err := session.Store(service.Child("products", fmt.Sprintf("p%d", i)), resource.Object(map[string]any{"displayName": "P"})); err != nil {
				return err
			}
		}
		for i := range n {
			name := fmt.Sprintf("U%05d", i)
			user := service.Child("users", name)
			err := session.Store(user, resource.Object(map[string]any{
				"email": fmt.Sprintf("Person%d@example.com", i), "firstName": fmt.Sprintf("First%d", i%7), "lastName": "Last",
				"state": []string{"active", "pending", "blocked"}[i%3], "registrationDate": fmt.Sprintf("2026-01-%02dT00:00:00Z", i%28+1),
			}))
			if err != nil {
				return err
			}
			if i%2 == 0 {
				if err := session.Store(service.Child("groups", "developers").Child("users", name), map[string]any{}); err != nil {
					return err
				}
			}
			err = session.Store(service.Child("subscriptions", fmt.Sprintf("s%05d", i)), resource.Object(map[string]any{
				"displayName": fmt.Sprintf("Subscription %d", i), "scope": string(service) + fmt.Sprintf("/products/p%d", i%5),
				"ownerId": string(user.Collection()) + fmt.Sprintf("/u%05d", i/10), "state": []string{"active", "submitted"}[i%2],
			}))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// asked are lists that indexes answer.
func asked() []string {
	filter := func(path, text string) string { return path + "?$top=7&$skip=3&$filter=" + url.QueryEscape(text) }
	return []string{
		filter("users", "contains(email,'PERSON11') or firstName eq 'first3'"), filter("users", "state eq 'blocked'"),
		filter("users", "registrationDate ge datetime'2026-01-20T00:00:00Z' and not startswith(name,'u0001')"),
		filter("users", "note eq null"), filter("users", "contains(email,'nobody')"),
		filter("subscriptions", "endswith(scope,'/products/p3') and state eq 'submitted'"), filter("subscriptions", "productId eq 'p2'"),
		filter("subscriptions", "ownerId eq 'users/u00012'"), filter("subscriptions", "userId eq 'u00012' or contains(displayName,'77')"),
		"users/u00007/subscriptions", filter("users/U00007/subscriptions", "contains(displayName,'5')"), "users/U00591/subscriptions",
		"groups/developers/users?$top=5", "groups/developers/users?$top=5&$skip=297", filter("groups/developers/users", "contains(lastName,'last') and firstName ne 'First2'"),
	}
}

// TestSearch answers lists through indexes as without them, before and after
// changes.
func TestSearch(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Plane.Environment().Indexes = resource.NewIndexes()
	many(t, s, 600)
	plain := s.Plane.Environment()
	compare := func(when string) {
		t.Helper()
		indexes := plain.Indexes
		for _, path := range asked() {
			status, _, with := s.Do(http.MethodGet, path, nil)
			plain.Indexes = nil
			_, _, without := s.Do(http.MethodGet, path, nil)
			plain.Indexes = indexes
			if diff := cmp.Diff(without, with); status != http.StatusOK || diff != "" {
				t.Errorf("%s: %s: %d: %s", when, path, status, diff)
			}
		}
	}
	compare("at first")
	s.Put("users/U00003", `{"properties": {"email": "person1100@example.com", "firstName": "First3", "lastName": "New", "state": "blocked"}}`)
	s.Put("users/aaa", `{"properties": {"email": "nobody@example.com", "firstName": "First3", "lastName": "Last"}}`)
	s.Put("users/zzz", `{"properties": {"email": "person115@example.org", "firstName": "First3", "lastName": "Last"}}`)
	s.Must(http.MethodDelete, "users/U00004?deleteSubscriptions=true", nil, http.StatusOK, http.StatusAccepted)
	s.Must(http.MethodDelete, "subscriptions/s00077", nil, http.StatusOK)
	s.Must(http.MethodDelete, "groups/developers/users/U00008", nil, http.StatusOK)
	s.Must(http.MethodPatch, "subscriptions/s00078", `{"properties": {"displayName": "Now 77"}}`, http.StatusOK)
	compare("after changes")
	if status, _, _ := s.Do(http.MethodGet, "users?$filter=nothing", nil); status != http.StatusBadRequest {
		t.Errorf("a filter that cannot be read is answered with %d", status)
	}
}

// TestSearch_Workspaces finds subscriptions of a user in workspaces too.
func TestSearch_Workspaces(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Plane.Environment().Indexes = resource.NewIndexes()
	many(t, s, 600)
	s.Put("workspaces/w", `{"properties": {"displayName": "W"}}`)
	s.Put("workspaces/w/subscriptions/theirs", `{"properties": {"displayName": "Theirs", "scope": "/apis", "ownerId": "/users/u00007", "state": "active"}}`)
	if got := s.Names("users/u00007/subscriptions"); len(got) != 11 || got[10] != "theirs" {
		t.Errorf("the user has %v", got)
	}
}

// TestNames lists what is asked for by name.
func TestNames(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Plane.Environment().Indexes = resource.NewIndexes()
	many(t, s, 20)
	if diff := cmp.Diff([]string{"U00003", "U00001"}, s.Names("users?sallyportNames=u00003,U00001,nobody,,a/b")); diff != "" {
		t.Error(diff)
	}
}
