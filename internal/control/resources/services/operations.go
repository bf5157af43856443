package services

import (
	"time"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// operationRoutes are where clients ask how far a long-running operation is:
// the paths that the header Azure-AsyncOperation leads to.
func operationRoutes() []resource.Route {
	const (
		provider = "subscriptions/{subscription}/providers/Microsoft.ApiManagement/locations/{location}/"
		service  = "subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.ApiManagement/service/{service}/"
	)
	var routes []resource.Route
	for _, path := range []string{
		provider + "operationResults/{operation}", provider + "operationStatuses/{operation}",
		service + "tenant/operationResults/{operation}",
	} {
		routes = append(routes, resource.Route{Method: "GET", Path: path, Permission: access.Services.Read(), Run: operationStatus})
	}
	return routes
}

// status is what an operation is answered as.
type status struct {
	ID     string    `json:"id"`
	Name   string    `json:"name"`
	Status string    `json:"status"`
	Start  time.Time `json:"startTime"`
	End    time.Time `json:"endTime"`
}

// operationStatus answers for an operation. All have ended: the work was done
// before its id was given out.
func operationStatus(_ *resource.Session, segments map[string]string, in resource.Input) (resource.Result, error) {
	o, err := resource.ParseOperation(segments["operation"])
	if err != nil {
		return resource.Result{}, err
	}
	return resource.Result{Body: status{
		ID: string(in.ID), Name: segments["operation"], Status: "Succeeded", Start: o.Start, End: o.Start,
	}}, nil
}
