package people

import (
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/limits"
)

// limitsOf is the read sallyportLimits, an addition of ours to the API: the
// limits that hold for the calls of a subscription, and what the counters of
// gateways stand at. What the management plane cannot reach is not told.
func limitsOf(s *resource.Session, e *resource.Entity, _ resource.Input) (resource.Result, error) {
	if err := visitorOwns(s, e, resource.ID(e.Text("ownerId"))); err != nil {
		return resource.Result{}, err
	}
	body, err := limits.Of(s, e)
	return resource.Result{Body: body}, err
}
