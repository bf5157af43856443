package settings

import (
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// Diagnostics is the kind of the diagnostics of a service, a workspace or an API.
func Diagnostics(rule access.Type, filter string) *resource.Node {
	return resource.New(rule, resource.Kind{
		Collection: "diagnostics", Title: "Diagnostic",
		Contract: "DiagnosticContract", Update: "DiagnosticUpdateContract", Filter: filter,
		Hooks: resource.Hooks{Prepare: prepareDiagnostic},
	})
}

func prepareDiagnostic(s *resource.Session, e, _ *resource.Entity) error {
	const field = "properties.loggerId"
	id, err := s.Require(e.ID, field, e.Text("loggerId"))
	if err != nil {
		return err
	}
	if !strings.EqualFold(id.Collection().Name(), "loggers") {
		return resource.Invalid(field, "%s is not a logger", id)
	}
	e.Set("loggerId", string(id))
	return nil
}

// diagnosticUsers are the diagnostics of the scope that use a logger.
func diagnosticUsers(s *resource.Session, logger resource.ID) ([]*resource.Entity, error) {
	var users []*resource.Entity
	for record, err := range s.Reader().Tree(logger.Scope().Key()) {
		if err != nil {
			return nil, err
		}
		id := resource.ID(record.ID)
		if !strings.EqualFold(id.Collection().Name(), "diagnostics") {
			continue
		}
		e, err := s.Get(id)
		if err != nil {
			return nil, err
		}
		if logger.Equal(resource.ID(e.Text("loggerId"))) {
			users = append(users, e)
		}
	}
	return users, nil
}
