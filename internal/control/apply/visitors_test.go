package apply_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/control/apply"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/model"
)

// Keys of the older state, and the subscriptions that have them.
const (
	annsKey   = "11111111111111111111111111111111"
	bobsKey   = "22222222222222222222222222222222"
	sharedKey = "33333333333333333333333333333333"
	goneKey   = "44444444444444444444444444444444"
	endedKey  = "55555555555555555555555555555555"
)

// portalInUse makes a service with visitors, as it was when it was exported.
func portalInUse(t *testing.T) *resourcestest.Server {
	t.Helper()
	s := resourcestest.New(t, nil)
	run(t, s, quickstart(t), apply.Options{})
	for _, name := range []string{"ann", "bob"} {
		s.Put("users/"+name, fmt.Sprintf(`{"properties": {"email": "%s@example.com", "firstName": %q, "lastName": "X"}}`, name, name))
	}
	s.Put("groups/testers", `{"properties": {"displayName": "Testers"}}`)
	s.Put("groups/testers/users/ann", "")
	subscribe := func(name, owner, key string) {
		s.Put("subscriptions/"+name, fmt.Sprintf(
			`{"properties": {"displayName": %q, "ownerId": %q, "scope": "/products/starter", "state": "active", "primaryKey": %q}}`, name, owner, key))
	}
	subscribe("anns", "/users/ann", annsKey)
	subscribe("bobs", "/users/bob", bobsKey)
	subscribe("shared", "", sharedKey)
	subscribe("gone", "/users/1", goneKey)
	subscribe("ended", "", endedKey)
	return s
}

// sinceThen is what visitors and administrators did after the export.
func sinceThen(t *testing.T, s *resourcestest.Server) {
	t.Helper()
	do := func(method, path, body string) {
		t.Helper()
		if status, _, answer := s.Do(method, path, body, "If-Match", "*"); status >= http.StatusBadRequest {
			t.Fatalf("%s %s: %d %v", method, path, status, answer)
		}
	}
	do(http.MethodPatch, "subscriptions/anns", `{"properties": {"state": "cancelled"}}`)
	do(http.MethodDelete, "groups/testers/users/ann", "")
	do(http.MethodPatch, "users/ann", `{"properties": {"firstName": "Annabel"}}`)
	do(http.MethodDelete, "users/bob?deleteSubscriptions=true", "")
	do(http.MethodPost, "subscriptions/shared/regeneratePrimaryKey", "")
	do(http.MethodDelete, "subscriptions/gone", "")
	do(http.MethodPatch, "subscriptions/ended", `{"properties": {"state": "cancelled"}}`)
	s.Put("users/eve", `{"properties": {"email": "eve@example.com", "firstName": "Eve", "lastName": "X"}}`)
	s.Put("groups/testers/users/eve", "")
	s.Put("subscriptions/eves", `{"properties": {"displayName": "eves", "ownerId": "/users/eve", "scope": "/products/starter", "state": "active"}}`)
}

// everything is the whole of the service, and working the keys with which APIs
// can be called.
func everything(t *testing.T, s *resourcestest.Server) (all map[string]model.Resource, working map[string]bool) {
	t.Helper()
	all, working = map[string]model.Resource{}, map[string]bool{}
	for _, r := range exported(t, s) {
		all[string(r.ResourceID())] = r
		if subscription, ok := r.(*model.Subscription); ok && subscription.State == model.SubscriptionActive {
			for _, k := range subscription.Keys() {
				working[k.Key] = k.Key != ""
			}
		}
	}
	return all, working
}

// visitorsOf are the ids of what visitors made, with their states.
func visitorsOf(t *testing.T, s *resourcestest.Server) string {
	t.Helper()
	var list []string
	for _, r := range exported(t, s) {
		switch r := r.(type) {
		case *model.User:
			list = append(list, string(r.ID)+"="+r.FirstName)
		case *model.Subscription:
			if r.OwnerID != "" {
				list = append(list, string(r.ID)+"="+string(r.State))
			}
		case *model.Link:
			if r.Kind() == model.KindGroupUser {
				list = append(list, string(r.ID))
			}
		}
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// leftOf are the ids that a plan leaves.
func leftOf(p *apply.Plan) map[string]string {
	left := map[string]string{}
	for _, l := range p.Left {
		left[l.ID] = l.Reason
	}
	return left
}

// oldKeys are the keys of the export that must work no more.
var oldKeys = []string{annsKey, bobsKey, sharedKey, goneKey, endedKey}

// TestS18_OlderExports applies an export with everything in it, of before
// visitors cancelled, renewed and deleted: no key of then works again, and what
// visitors did since is as they did it; whether or not it is pruned, and whether
// or not visitors are asked for. Asked to win, the export does.
func TestS18_OlderExports(t *testing.T) {
	cases := []struct {
		name  string
		o     apply.Options
		wins  []string // The old keys that work again.
		wants string   // A part of what visitors have then; "" is what they had.
	}{
		{name: "as it is"},
		{name: "pruned", o: apply.Options{Prune: true}},
		{name: "with visitors", o: apply.Options{Visitors: true}},
		{name: "with visitors, pruned", o: apply.Options{Visitors: true, Prune: true}},
		{name: "revived", o: apply.Options{Revive: true}, wins: []string{sharedKey, goneKey, endedKey}, wants: "subscriptions/gone=active"},
		{name: "revived with visitors", o: apply.Options{Visitors: true, Revive: true, Prune: true}, wins: oldKeys, wants: "users/bob=bob"},
	}
	held := 0
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := portalInUse(t)
			older := exported(t, s)
			sinceThen(t, s)
			before := visitorsOf(t, s)
			plan := run(t, s, older, c.o)
			_, working := everything(t, s)
			for _, key := range oldKeys {
				if want := slices.Contains(c.wins, key); working[key] != want {
					t.Errorf("the old key %s works: %v", key, working[key])
				} else if !want {
					held++
				}
			}
			after := visitorsOf(t, s)
			if c.wants == "" && after != before {
				t.Errorf("visitors have\n%s\nand had\n%s", after, before)
			}
			if !strings.Contains(after, c.wants) || !strings.Contains(after, "subscriptions/eves=active") {
				t.Errorf("visitors have\n%s", after)
			}
			left := leftOf(plan)
			for _, id := range []string{"users/ann", "users/bob", "groups/testers/users/ann", "subscriptions/anns", "subscriptions/bobs"} {
				if (left[id] == "") != (c.o.Visitors && c.o.Revive) {
					t.Errorf("the plan says of %s: %q", id, left[id])
				}
			}
			for _, id := range []string{"subscriptions/shared", "subscriptions/gone", "subscriptions/ended"} {
				if (left[id] == "") != c.o.Revive {
					t.Errorf("the plan says of %s: %q", id, left[id])
				}
			}
		})
	}
	fmt.Printf("S18: %d times an old key works no more after an older export was applied (all)\n", held)
}

// TestS18_OlderExports_NegativeControl finds the old keys where nothing holds
// them back: in the service as it was.
func TestS18_OlderExports_NegativeControl(t *testing.T) {
	s := portalInUse(t)
	_, working := everything(t, s)
	for _, key := range oldKeys {
		if !working[key] {
			t.Errorf("the key %s does not work at the beginning, so that its working is not seen", key)
		}
	}
	sinceThen(t, s)
	_, working = everything(t, s)
	for _, key := range oldKeys {
		if working[key] {
			t.Errorf("the key %s was not cancelled, renewed or deleted", key)
		}
	}
}

// TestPruneNeverDeletesVisitors prunes with folders that have nothing of
// visitors, or nothing at all.
func TestPruneNeverDeletesVisitors(t *testing.T) {
	s := portalInUse(t)
	sinceThen(t, s)
	before := visitorsOf(t, s)
	configured, out := apply.WithoutVisitors(exported(t, s))
	if out.String() != "2 users, 3 memberships of groups, 2 subscriptions of users" {
		t.Errorf("left out: %s", out)
	}
	for _, o := range []apply.Options{{Prune: true}, {Prune: true, Visitors: true}, {Prune: true, Visitors: true, Revive: true}} {
		if plan := run(t, s, configured, o); len(plan.Steps) != 0 {
			t.Errorf("%+v: %v", o, plan.Steps)
		}
		if after := visitorsOf(t, s); after != before {
			t.Fatalf("%+v: visitors have\n%s\nand had\n%s", o, after, before)
		}
	}
	without := func(prefixes ...model.ID) []model.Resource {
		return slices.DeleteFunc(slices.Clone(configured), func(r model.Resource) bool {
			return slices.ContainsFunc(prefixes, func(p model.ID) bool {
				return r.ResourceID().Within(p) || strings.HasSuffix(string(r.ResourceID()), "/"+string(p))
			})
		})
	}
	for name, c := range map[string]struct {
		resources []model.Resource
		want      string
	}{
		"nothing at all": {nil, "visitors depend on it"},
		"a product":      {without("products/starter"), "products/starter is not in the folder, and visitors depend on it (subscriptions/anns, subscriptions/eves)"},
		"a group":        {without("groups/testers"), "groups/testers is not in the folder, and visitors depend on it (groups/testers/users/eve)"},
	} {
		for _, dry := range []bool{true, false} {
			_, err := apply.Apply(t.Context(), s.Plane, caller(), c.resources, apply.Options{Service: serviceID, Prune: true, DryRun: dry})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("without %s: %v", name, err)
			}
		}
		if after := visitorsOf(t, s); after != before {
			t.Fatalf("without %s visitors have\n%s", name, after)
		}
	}
}

// TestVisitorsMoveToANewInstallation applies an export with visitors where none
// of it ever was.
func TestVisitorsMoveToANewInstallation(t *testing.T) {
	from, to := portalInUse(t), resourcestest.New(t, nil)
	resources := exported(t, from)
	run(t, to, resources, apply.Options{Visitors: true, Prune: true})
	if got, want := visitorsOf(t, to), visitorsOf(t, from); got != want {
		t.Errorf("visitors have\n%s\nand had\n%s", got, want)
	}
	_, working := everything(t, to)
	for _, key := range oldKeys {
		if !working[key] {
			t.Errorf("the key %s does not work", key)
		}
	}
	// A name that another visitor has now is not handed over.
	reused := resourcestest.New(t, nil)
	configured, _ := apply.WithoutVisitors(resources)
	run(t, reused, configured, apply.Options{})
	reused.Put("users/eve", `{"properties": {"email": "eve@example.com", "firstName": "Eve", "lastName": "X"}}`)
	reused.Put("subscriptions/anns", `{"properties": {"displayName": "eves", "ownerId": "/users/eve", "scope": "/products/starter", "state": "active"}}`)
	run(t, reused, resources, apply.Options{Visitors: true})
	all, working := everything(t, reused)
	if got, ok := all["subscriptions/anns"].(*model.Subscription); !ok || !strings.HasSuffix(got.OwnerID, "/users/eve") || working[annsKey] {
		t.Errorf("the subscription is %+v", all["subscriptions/anns"])
	}
}

// TestRollback_Visitors takes back what was configured, and nothing that visitors
// did since.
func TestRollback_Visitors(t *testing.T) {
	for _, c := range []struct {
		name string
		o    apply.RollbackOptions
		wins []string
	}{
		{name: "as it is"},
		{name: "revived", o: apply.RollbackOptions{Revive: true}, wins: []string{sharedKey, endedKey}},
		{name: "with all", o: apply.RollbackOptions{Revive: true, Visitors: true}, wins: oldKeys},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := portalInUse(t)
			then := revision(t, s)
			was := visitorsOf(t, s)
			sinceThen(t, s)
			s.Put("groups/testers", `{"properties": {"displayName": "changed"}}`)
			before := visitorsOf(t, s)
			c.o.Revision = then
			if _, err := apply.Rollback(t.Context(), s.Plane, caller(), serviceID, c.o); err != nil {
				t.Fatal(err)
			}
			if got := resourcestest.At(s.Get("groups/testers"), "properties.displayName"); got != "Testers" {
				t.Errorf("the group is called %v", got)
			}
			_, working := everything(t, s)
			for _, key := range oldKeys {
				if want := slices.Contains(c.wins, key) || c.o.Revive && key == goneKey; working[key] != want {
					t.Errorf("the old key %s works: %v", key, working[key])
				}
			}
			want := before
			if c.o.Visitors {
				want = was
			} else if c.o.Revive {
				want = strings.Replace(before, "subscriptions/eves", "subscriptions/eves=active subscriptions/gone", 1)
			}
			if after := visitorsOf(t, s); after != want {
				t.Errorf("visitors have\n%s\nnot\n%s", after, want)
			}
		})
	}
}

// TestRollback_InUse does not take away what visitors subscribed to since, and
// brings the members of a group back with it.
func TestRollback_InUse(t *testing.T) {
	s := portalInUse(t)
	then := revision(t, s)
	s.Must(http.MethodDelete, "groups/testers", nil, http.StatusOK, http.StatusNoContent)
	s.Put("groups/later", `{"properties": {"displayName": "Later"}}`)
	s.Put("groups/later/users/ann", "")
	_, err := apply.Rollback(t.Context(), s.Plane, caller(), serviceID, apply.RollbackOptions{Revision: then})
	if err == nil || !strings.Contains(err.Error(), "groups/later was not there at that revision, and visitors depend on it (groups/later/users/ann)") {
		t.Fatalf("%v", err)
	}
	s.Must(http.MethodDelete, "groups/later/users/ann", nil, http.StatusOK)
	if _, err := apply.Rollback(t.Context(), s.Plane, caller(), serviceID, apply.RollbackOptions{Revision: then}); err != nil {
		t.Fatal(err)
	}
	if got := s.Names("groups/testers/users"); !slices.Equal(got, []string{"ann"}) {
		t.Errorf("the group has %v", got)
	}
}

func revision(t *testing.T, s *resourcestest.Server) (at store.Revision) {
	t.Helper()
	err := s.Plane.Read(t.Context(), caller(), func(s *resource.Session) error { at = s.Reader().Revision(); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return at
}
