package people_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

// TestOwned lists the subscriptions of a user, whatever its name and however that
// is spelled, and none of users with longer names.
func TestOwned(t *testing.T) {
	s := resourcestest.New(t, nil)
	for i, name := range []string{"Ann", "annabel", "an n", "ünal", `a"b`, "a@b.example"} {
		id := string(resource.ID(resourcestest.Service).Child("users", name))
		err := s.Write(func(session *resource.Session) error {
			_, err := session.Put(resource.ID(id), resource.Object(map[string]any{
				"email": fmt.Sprintf("u%d@example.com", i), "firstName": "F", "lastName": "L",
			}))
			if err != nil {
				return err
			}
			own := resource.ID(resourcestest.Service).Child("subscriptions", fmt.Sprint("s", i))
			if _, err = session.Put(own, resource.Object(map[string]any{"displayName": "x", "scope": "/apis", "ownerId": id})); err != nil {
				return err
			}
			var found []string
			for e, err := range session.Mentioning(own.Collection(), resource.ID(id)) {
				if err != nil {
					return err
				}
				found = append(found, e.ID.Name())
			}
			if !slices.Contains(found, fmt.Sprint("s", i)) {
				t.Errorf("%s is not found: %v", name, found)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := s.Names("users/ANN/subscriptions"); !slices.Equal(got, []string{"s0"}) {
		t.Errorf("Ann has %v", got)
	}
	if got := s.Names("users/annabel/subscriptions"); !slices.Equal(got, []string{"s1"}) {
		t.Errorf("annabel has %v", got)
	}
}

// BenchmarkOwned lists the subscriptions of one user of a service that has 20,000.
func BenchmarkOwned(b *testing.B) {
	s := resourcestest.New(b, nil)
	s.Put("users/ann", `{"properties": {"email": "ann@example.com", "firstName": "A", "lastName": "A"}}`)
	err := s.Write(func(session *resource.Session) error {
		for i := range 20_000 {
			id := resource.ID(resourcestest.Service).Child("subscriptions", fmt.Sprintf("s%05d", i))
			owner := resource.ID(resourcestest.Service).Child("users", fmt.Sprint("user", i))
			err := session.Store(id, resource.Object(map[string]any{
				"ownerId": string(owner), "scope": resourcestest.Service + "/products/starter", "state": "active", "displayName": "x",
				"primaryKey": session.NewKey(), "secondaryKey": session.NewKey(), "createdDate": session.Stamp(),
			}))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s.Get("users/ann/subscriptions")
	}
}
