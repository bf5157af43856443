package apis

import (
	"fmt"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/people"
	"github.com/sallyport/sallyport/internal/control/resources/settings"
	"github.com/sallyport/sallyport/internal/problem"
)

// deletingAPI removes what refers to an API that goes. The current revision goes
// with all others, and only where the request says so, or there are none.
func deletingAPI(s *resource.Session, e *resource.Entity) error {
	if _, revision := resource.SplitRevision(e.ID.Name()); revision != "" {
		return nil
	}
	others, err := otherRevisions(s, e.ID)
	if err != nil {
		return err
	}
	if len(others) > 0 && !s.Call.Bool("deleterevisions") {
		return problem.Validation("Cannot delete the current revision of an API.").WithTarget(string(e.ID)).
			WithDetails(problem.Detail{Code: problem.CodeValidation, Target: "deleteRevisions",
				Message: fmt.Sprintf("The API has %d other revisions. Delete them first, or all with deleteRevisions=true.", len(others))})
	}
	if err := people.UnlinkAPI(s, e.ID); err != nil {
		return err
	}
	if err := settings.Unlink(s, e.ID); err != nil {
		return err
	}
	return unlinkGateways(s, e.ID)
}

// unlinkGateways takes an API from the self-hosted gateways that serve it.
func unlinkGateways(s *resource.Session, api resource.ID) error {
	if api.Workspace() != "" {
		return nil
	}
	for gateway, err := range s.Collection(api.Service() + "/gateways") {
		if err != nil {
			return err
		}
		if err := s.Drop(gateway.ID.Child("apis", api.Name())); err != nil {
			return err
		}
	}
	return nil
}
