package settings

import (
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// quotaRoutes are the counters of quota policies. Counters live in the gateways
// and in what they share, which the management plane does not read: so there is
// no counter to show, and what a PATCH sets is accepted and reaches none.
func quotaRoutes() []resource.Route {
	const counter = servicePath + "quotas/{counter}"
	const period = counter + "/periods/{period}"
	const update = "QuotaCounterValueUpdateContract"
	return []resource.Route{
		{Method: "GET", Path: counter, Permission: access.Quotas.Read(), Run: noCounters},
		{Method: "PATCH", Path: counter, Permission: access.Quotas.Write(), Body: update, Run: noCounters},
		{Method: "GET", Path: period, Permission: access.QuotaPeriods.Read(), Run: noCounter},
		{Method: "PATCH", Path: period, Permission: access.QuotaPeriods.Write(), Body: update, Run: noCounter},
	}
}

// noCounters lists the counters of all periods of a key.
func noCounters(s *resource.Session, _ map[string]string, in resource.Input) (resource.Result, error) {
	if _, err := s.Get(in.ID.Service()); err != nil {
		return resource.Result{}, err
	}
	return resource.Result{Body: map[string]any{"value": []any{}, "count": 0}}, nil
}

// noCounter is the counter of one period: at zero, of a time that is not known.
func noCounter(s *resource.Session, segments map[string]string, in resource.Input) (resource.Result, error) {
	if _, err := s.Get(in.ID.Service()); err != nil {
		return resource.Result{}, err
	}
	const unknown = "0001-01-01T00:00:00Z"
	return resource.Result{Body: map[string]any{
		"counterKey": segments["counter"], "periodKey": segments["period"],
		"periodStartTime": unknown, "periodEndTime": unknown,
		"value": map[string]any{"callsCount": 0, "kbTransferred": 0},
	}}, nil
}
