package rest

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/problem"
)

// begin announces a long-running operation with both of the headers by which
// clients poll. status is what the polled resource ends with.
func (x *exchange) begin(place resource.Place, status int) {
	id := resource.Operation{Resource: place.ID, Status: status, Start: x.plane.Environment().Clock.Now().UTC()}.OperationID()
	query := url.Values{
		"api-version": {x.call.Version}, "asyncId": {id}, "asyncCode": {strconv.Itoa(status)},
	}.Encode()
	own := x.r.URL.EscapedPath()
	if place.Rest != "" {
		// What an action leaves behind is read at the resource: the action itself
		// cannot be got.
		own = (&url.URL{Path: string(place.ID)}).EscapedPath()
	}
	h := x.w.Header()
	h.Set("Location", x.call.Base+own+"?"+query)
	if service := place.ID.Service(); service != "" {
		status := x.call.Base + string(service) + "/tenant/operationResults/" + id
		h.Set("Azure-AsyncOperation", status+"?"+url.Values{"api-version": {x.call.Version}}.Encode())
	}
	h.Set("Retry-After", "0")
}

// polled answers a GET by which a client follows an operation that removed what
// it is about; others are answered as any GET.
func (x *exchange) polled(place resource.Place) (bool, error) {
	id := x.call.Query["asyncid"]
	if id == "" {
		return false, nil
	}
	o, err := resource.ParseOperation(id)
	if err != nil {
		return true, err
	}
	if !o.Resource.Equal(place.ID) {
		return true, problem.NotFound("Operation", "asyncId")
	}
	if o.Status == http.StatusNoContent {
		return true, x.respond(http.StatusNoContent, "", nil)
	}
	return false, nil
}
