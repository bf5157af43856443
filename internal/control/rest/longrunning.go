package rest

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/problem"
)

// operation is a long-running operation, as its id says it. The work is done
// before the first answer, in the request's transaction, so the id holds all
// that there is to know, and every node of an installation can answer for it.
type operation struct {
	Resource string    `json:"r"`
	Status   int       `json:"s"`
	Start    time.Time `json:"t"`
}

// maxOperationID bounds the id of an operation that is read.
const maxOperationID = 4096

func (o operation) id() string {
	raw, _ := json.Marshal(o) // Strings, a number and a time always encode.
	return base64.RawURLEncoding.EncodeToString(raw)
}

func parseOperation(id string) (operation, error) {
	var o operation
	raw, err := base64.RawURLEncoding.DecodeString(id)
	if len(id) > maxOperationID || err != nil || json.Unmarshal(raw, &o) != nil ||
		o.Status < http.StatusOK || o.Status > 299 {
		return operation{}, problem.NotFound("Operation", id[:min(len(id), 40)])
	}
	return o, nil
}

// begin announces a long-running operation with both of the headers by which
// clients poll. status is what the polled resource ends with.
func (x *exchange) begin(place resource.Place, status int) {
	id := operation{Resource: string(place.ID), Status: status, Start: x.plane.Environment().Clock.Now().UTC()}.id()
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
	o, err := parseOperation(id)
	if err != nil {
		return true, err
	}
	if !strings.EqualFold(o.Resource, string(place.ID)) {
		return true, problem.NotFound("Operation", "asyncId")
	}
	if o.Status == http.StatusNoContent {
		return true, x.respond(http.StatusNoContent, "", nil)
	}
	return false, nil
}

// operationStatus is what Azure-AsyncOperation leads to.
type operationStatus struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Status    string    `json:"status"`
	StartTime time.Time `json:"startTime"`
}

// operationResult answers for an operation by its id.
func operationResult(path, id string) (resource.Result, error) {
	o, err := parseOperation(id)
	if err != nil {
		return resource.Result{}, err
	}
	return resource.Result{Body: operationStatus{ID: path, Name: id, Status: "Succeeded", StartTime: o.Start}}, nil
}
