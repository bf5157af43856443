package services

import (
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/problem"
)

// installation is where records stand that belong to no resource group.
const installation = resource.ID("/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/installation" +
	"/providers/Microsoft.ApiManagement")

// deletedLife is how long a deleted service can be restored, and its name stays
// taken.
const deletedLife = 48 * time.Hour

// nameKind notes which service has a name, and where it is: names are unique in
// an installation, as host names are made of them.
func nameKind() *resource.Node {
	return resource.New(access.CheckNameAvailability, resource.Kind{
		Collection: "serviceNames", Title: "ServiceName", MaxName: maxServiceName, Internal: true,
	})
}

// deletedKind is the kind of deleted services, with all that they held. Nobody
// reaches it by its path; deleted services are answered from their names.
func deletedKind(children []*resource.Node) *resource.Node {
	return resource.New(access.DeletedServices, resource.Kind{
		Collection: "deletedservices", Title: "DeletedService", MaxName: maxServiceName, Internal: true,
		Secrets: serviceSecrets, Children: children,
	})
}

func nameID(service string) resource.ID { return installation.Child("serviceNames", service) }

// deletedID is where a deleted service is kept.
func deletedID(service resource.ID) resource.ID {
	return service.Parent().Child("deletedservices", service.Name())
}

// takeName notes that a new service has its name, or says who has it. Where the
// service was deleted and shall be restored, all that it held is put back, and
// the service as it was is returned.
func takeName(s *resource.Session, e *resource.Entity, restore bool) (*resource.Entity, error) {
	name := e.ID.Name()
	if !serviceName.MatchString(name) {
		return nil, resource.Invalid("name",
			"the name %q must have letters, digits and dashes only, begin with a letter and not end with a dash", name)
	}
	note, err := s.Lookup(nameID(name))
	if err != nil {
		return nil, err
	}
	switch {
	case note == nil || expired(s, note):
		if note != nil {
			if err := purge(s, note); err != nil {
				return nil, err
			}
		}
		if restore {
			return nil, problem.New(statusBadRequest, "ServiceUndeleteNotPossible",
				"There is no deleted service %s to restore.", name).WithTarget("properties.restore")
		}
	case note.Text("deletionDate") == "":
		return nil, problem.New(statusConflict, "ServiceAlreadyExists",
			"The name %s is that of another service of this installation.", name).WithTarget("name")
	case !restore:
		return nil, problem.New(statusConflict, "ServiceAlreadyExistsInSoftDeletedState",
			"The service %s was deleted: restore it with properties.restore, or purge it, or choose another name.", name).WithTarget("name")
	case !strings.EqualFold(note.Text("serviceId"), string(e.ID)):
		return nil, problem.New(statusConflict, "ServiceUndeleteNotPossible",
			"The deleted service %s was in another subscription or resource group: restore it there.", name).WithTarget("name")
	default:
		if err := s.Move(deletedID(e.ID), e.ID); err != nil {
			return nil, err
		}
	}
	if err := s.Store(nameID(name), resource.Object(map[string]any{"serviceId": string(e.ID)})); err != nil {
		return nil, err
	}
	return s.Lookup(e.ID)
}

// expired reports whether a deleted service has been there for long enough.
func expired(s *resource.Session, note *resource.Entity) bool {
	until, err := time.Parse(time.RFC3339, note.Text("scheduledPurgeDate"))
	return note.Text("deletionDate") != "" && err == nil && !s.Now().Before(until)
}

// purge removes a deleted service for good.
func purge(s *resource.Session, note *resource.Entity) error {
	if err := s.Drop(deletedID(resource.ID(note.Text("serviceId")))); err != nil {
		return err
	}
	return s.Drop(note.ID)
}

// sweep removes the deleted services whose time has come. It runs when another
// one is deleted, so that what nobody can restore does not pile up.
func sweep(s *resource.Session) error {
	var due []*resource.Entity
	for note, err := range s.Collection(installation + "/serviceNames") {
		if err != nil {
			return err
		}
		if expired(s, note) {
			due = append(due, note)
		}
	}
	for _, note := range due {
		if err := purge(s, note); err != nil {
			return err
		}
	}
	return nil
}

// softDelete puts the service, with all that it holds, aside for two days.
func softDelete(s *resource.Session, e *resource.Entity) error {
	if err := sweep(s); err != nil {
		return err
	}
	if err := s.Move(e.ID, deletedID(e.ID)); err != nil {
		return err
	}
	location, _ := e.Body["location"].(string)
	return s.Store(nameID(e.ID.Name()), resource.Object(map[string]any{
		"serviceId": string(e.ID), "location": location, "deletionDate": s.Stamp(),
		"scheduledPurgeDate": s.Now().Add(deletedLife).Format(time.RFC3339Nano),
	}))
}

// All returns every service of the installation, in the order of their names.
func All(s *resource.Session) ([]*resource.Entity, error) {
	var all []*resource.Entity
	for note, err := range s.Collection(installation + "/serviceNames") {
		if err != nil {
			return nil, err
		}
		if note.Text("deletionDate") != "" {
			continue
		}
		e, err := s.Lookup(resource.ID(note.Text("serviceId")))
		if err != nil {
			return nil, err
		}
		if e != nil {
			all = append(all, e)
		}
	}
	return all, nil
}
