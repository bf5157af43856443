package apply_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/sallyport/sallyport/internal/control/apply"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

// credentialsOf are the keys that sign tokens of gateways and of users: nobody may
// make an old one good again without asking for it.
func credentialsOf(s *resourcestest.Server) map[string]string {
	got := map[string]string{}
	for _, path := range []string{"gateways/edge/listKeys", "gateways/managed/listKeys", "tenant/access/listSecrets"} {
		body := s.Must(http.MethodPost, path, nil, http.StatusOK)
		for _, name := range []string{"primary", "secondary", "primaryKey", "secondaryKey"} {
			if key, ok := body[name].(string); ok {
				got[path+" "+name] = key
			}
		}
	}
	return got
}

// TestRollback_Credentials takes a service back behind the moment at which
// keys were made anew and a password was changed, because they had leaked: what
// leaked then stays useless, unless it is asked for.
func TestRollback_Credentials(t *testing.T) {
	for _, revive := range []bool{false, true} {
		t.Run(fmt.Sprint("revive ", revive), func(t *testing.T) {
			s := resourcestest.New(t, nil)
			s.Put("gateways/edge", `{"properties": {"locationData": {"name": "here"}}}`)
			s.Must(http.MethodPatch, "users/1", `{"properties": {"password": "the password that leaked"}}`, http.StatusOK)
			old := credentialsOf(s)
			then := revision(t, s)
			for _, gateway := range []string{"edge", "managed"} {
				for _, key := range []string{"primary", "secondary"} {
					s.Must(http.MethodPost, "gateways/"+gateway+"/regenerateKey", `{"keyType":"`+key+`"}`, http.StatusNoContent)
				}
			}
			s.Must(http.MethodPost, "tenant/access/regeneratePrimaryKey", nil, http.StatusNoContent)
			s.Must(http.MethodPost, "tenant/access/regenerateSecondaryKey", nil, http.StatusNoContent)
			s.Must(http.MethodPatch, "users/1", `{"properties": {"password": "the password since then"}}`, http.StatusOK)
			s.Put("gateways/edge", `{"properties": {"locationData": {"name": "there"}}}`)

			plan, err := apply.Rollback(t.Context(), s.Plane, caller(), serviceID, apply.RollbackOptions{Revision: then, Revive: revive})
			if err != nil {
				t.Fatal(err)
			}
			if got := resourcestest.At(s.Get("gateways/edge"), "properties.locationData.name"); got != "here" {
				t.Errorf("the gateway is %v", got)
			}
			now := credentialsOf(s)
			for name, key := range old {
				managed := name[:len("gateways/m")] == "gateways/m"
				if want := revive && !managed; (now[name] == key) != want {
					t.Errorf("the old %s is good again: %t", name, now[name] == key)
				}
			}
			email := resourcestest.At(s.Get("users/1"), "properties.email")
			signIn := func(password string) int {
				status, _, _ := s.Do(http.MethodPost, "sallyportSignIn", map[string]any{"email": email, "password": password})
				return status
			}
			if got := signIn("the password that leaked") == http.StatusOK; got != revive {
				t.Errorf("the administrator's old password works: %t", got)
			}
			left := leftOf(plan)
			for _, id := range []string{"gateways/edge", "tenant/access", "users/1"} {
				if (left[id] == "") != revive {
					t.Errorf("the plan says of %s: %q", id, left[id])
				}
			}
		})
	}
}

// TestRollback_Access takes back what visitors did as well, and leaves
// who was blocked or put out of a group since: that takes --revive.
func TestRollback_Access(t *testing.T) {
	for _, o := range []apply.RollbackOptions{{Visitors: true}, {Visitors: true, Revive: true}} {
		t.Run(fmt.Sprint("revive ", o.Revive), func(t *testing.T) {
			s := portalInUse(t)
			s.Put("groups/administrators/users/bob", "")
			s.Must(http.MethodPatch, "users/ann", `{"properties": {"password": "the password that leaked"}}`, http.StatusOK)
			o.Revision = revision(t, s)
			s.Must(http.MethodPatch, "users/ann", `{"properties": {"password": "the password since then", "state": "blocked"}}`, http.StatusOK)
			s.Must(http.MethodDelete, "groups/administrators/users/bob", nil, http.StatusOK)
			s.Must(http.MethodDelete, "groups/testers/users/ann", nil, http.StatusOK)
			s.Must(http.MethodDelete, "groups/testers", nil, http.StatusOK)
			if _, err := apply.Rollback(t.Context(), s.Plane, caller(), serviceID, o); err != nil {
				t.Fatal(err)
			}
			if got := resourcestest.At(s.Get("users/ann"), "properties.state") == "active"; got != o.Revive {
				t.Errorf("who was blocked may sign in again: %t", got)
			}
			if got := slices.Contains(s.Names("groups/administrators/users"), "bob"); got != o.Revive {
				t.Errorf("who was an administrator is one again: %t", got)
			}
			if got := slices.Contains(s.Names("groups/testers/users"), "ann"); got != o.Revive {
				t.Errorf("who left a group before it was deleted is in it again: %t", got)
			}
		})
	}
}

// TestRollback_MembersWhoLeft brings a group back with those who were in it to its
// end, and without who had left it before.
func TestRollback_MembersWhoLeft(t *testing.T) {
	s := portalInUse(t)
	s.Put("groups/testers/users/bob", "")
	then := revision(t, s)
	s.Must(http.MethodDelete, "groups/testers/users/ann", nil, http.StatusOK)
	s.Must(http.MethodDelete, "groups/testers", nil, http.StatusOK)
	if _, err := apply.Rollback(t.Context(), s.Plane, caller(), serviceID, apply.RollbackOptions{Revision: then}); err != nil {
		t.Fatal(err)
	}
	if got := s.Names("groups/testers/users"); !slices.Equal(got, []string{"bob"}) {
		t.Errorf("the group has %v", got)
	}
}

// TestRollback_DeletedGateway brings a gateway back with keys that no token of
// before was made with.
func TestRollback_DeletedGateway(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("gateways/edge", `{"properties": {"locationData": {"name": "here"}}}`)
	old := credentialsOf(s)
	then := revision(t, s)
	s.Must(http.MethodDelete, "gateways/edge", nil, http.StatusOK)
	plan, err := apply.Rollback(t.Context(), s.Plane, caller(), serviceID, apply.RollbackOptions{Revision: then})
	if err != nil {
		t.Fatal(err)
	}
	now := credentialsOf(s)
	for _, name := range []string{"primary", "secondary"} {
		if key := now["gateways/edge/listKeys "+name]; key == "" || key == old["gateways/edge/listKeys "+name] {
			t.Errorf("the gateway has the %s key %q", name, key)
		}
	}
	if leftOf(plan)["gateways/edge"] == "" {
		t.Error("the plan does not tell of the new keys")
	}
}
