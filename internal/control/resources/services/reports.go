package services

import (
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// reportRoutes are the reports of usage. They are read and checked as the
// service does, and empty until gateways tell what they served.
func reportRoutes() []resource.Route {
	var routes []resource.Route
	for _, by := range []struct{ name, list string }{
		{"byApi", "ReportsClientListByAPI"}, {"byGeo", "ReportsClientListByGeo"},
		{"byOperation", "ReportsClientListByOperation"}, {"byProduct", "ReportsClientListByProduct"},
		{"byRequest", "ReportsClientListByRequest"}, {"bySubscription", "ReportsClientListBySubscription"},
		{"byTime", "ReportsClientListByTime"}, {"byUser", "ReportsClientListByUser"},
	} {
		routes = append(routes, resource.Route{
			Method: get, Path: servicePath + "/reports/" + by.name, Permission: access.Reports.Read(),
			Run: func(s *resource.Session, _ map[string]string, in resource.Input) (resource.Result, error) {
				if _, err := s.Get(in.ID.Service()); err != nil {
					return resource.Result{}, err
				}
				if s.Call.Query["$filter"] == "" {
					return resource.Result{}, resource.Invalid("$filter", "a report needs a filter, as in timestamp ge datetime'2026-01-01T00:00:00'")
				}
				if by.name == "byTime" && s.Call.Query["interval"] == "" {
					return resource.Result{}, resource.Invalid("interval", "the report by time needs an interval, as in PT15M")
				}
				return resource.Result{Items: []*resource.Entity{}, Filter: by.list}, nil
			},
		})
	}
	return routes
}
