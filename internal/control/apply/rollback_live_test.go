package apply_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/control/apply"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/control/store"
)

// TestRollback_Sessions takes a service back to a revision: what is configured is
// as it was then, and sessions are as they are. One that has ended stays so.
func TestRollback_Sessions(t *testing.T) {
	s := resourcestest.New(t, nil)
	session := fmt.Sprintf(`{"properties": {"verifier": %q, "expires": %q}}`,
		strings.Repeat("0a", 32), s.Clock.Now().Add(time.Hour).Format(time.RFC3339))
	s.Put("users/ann", `{"properties": {"email": "ann@example.com", "firstName": "Ann", "lastName": "A"}}`)
	s.Put("users/ann/sallyportSessions/ended", session)
	s.Put("groups/testers", `{"properties": {"displayName": "before"}}`)
	call := &resource.Call{Principal: "test", Name: "test", Version: resourcestest.Version, Query: map[string]string{}}
	var then store.Revision
	if err := s.Plane.Read(t.Context(), call, func(s *resource.Session) error { then = s.Reader().Revision(); return nil }); err != nil {
		t.Fatal(err)
	}
	s.Must(http.MethodDelete, "users/ann/sallyportSessions/ended", nil, http.StatusOK)
	s.Put("users/ann/sallyportSessions/newer", session)
	s.Put("groups/testers", `{"properties": {"displayName": "after"}}`)
	if _, err := apply.Rollback(t.Context(), s.Plane, call, resourcestest.Service, apply.RollbackOptions{Revision: then}); err != nil {
		t.Fatal(err)
	}
	if got := resourcestest.At(s.Get("groups/testers"), "properties.displayName"); got != "before" {
		t.Errorf("the group is called %v", got)
	}
	s.Get("users/ann/sallyportSessions/newer")
	s.Must(http.MethodGet, "users/ann/sallyportSessions/ended", nil, http.StatusNotFound)
}
