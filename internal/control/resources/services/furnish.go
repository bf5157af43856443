package services

import (
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/people"
	"github.com/sallyport/sallyport/internal/model"
)

// furnish makes what a new service has from its beginning: the three groups, the
// administrator, the subscription to everything and the tenant's access keys.
// There are no sample products.
func furnish(s *resource.Session, e, old *resource.Entity) error {
	if old != nil {
		return nil
	}
	if there, err := s.Has(e.ID.Child("groups", "administrators")); err != nil || there {
		return err // It was restored.
	}
	for _, group := range model.BuiltInGroups() {
		err := s.Store(e.ID.Child("groups", group.ID.Name()), resource.Object(map[string]any{
			"displayName": group.DisplayName, "description": group.Description, "type": "system", "builtIn": true,
		}))
		if err != nil {
			return err
		}
	}
	if err := makeAdministrator(s, e); err != nil {
		return err
	}
	for _, name := range tenantAccessNames {
		if err := s.Store(e.ID.Child("tenant", name), newAccess(s, name)); err != nil {
			return err
		}
	}
	_, err := s.Put(e.ID.Child("subscriptions", people.Master), resource.Object(map[string]any{
		"displayName": "Built-in all-access subscription", "scope": "/", "state": "active", "allowTracing": true,
	}))
	return err
}

// makeAdministrator makes the first user, whose address is the publisher's.
func makeAdministrator(s *resource.Session, e *resource.Entity) error {
	user := e.ID.Child("users", people.Administrator)
	email := e.Text("publisherEmail")
	err := s.Store(user, resource.Object(map[string]any{
		"firstName": "Administrator", "lastName": "", "email": email, "state": "active",
		"registrationDate": s.Stamp(), "identities": []any{map[string]any{"provider": "Azure", "id": email}},
	}))
	if err != nil {
		return err
	}
	for _, group := range []string{"administrators", "developers"} {
		if err := s.Store(e.ID.Child("groups", group).Child("users", people.Administrator), map[string]any{}); err != nil {
			return err
		}
	}
	return nil
}
