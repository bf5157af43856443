package rest

import (
	"net/http"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/problem"
)

// dispatch finds what the request is about, asks whether the caller may, and
// does it.
func (x *exchange) dispatch() error {
	registry := x.plane.Environment().Registry
	method := x.r.Method
	if route, segments := registry.Match(method, x.path); route != nil {
		return x.route(route, segments)
	}
	if route, segments := x.followed(); route != nil {
		return x.route(route, segments)
	}
	place, ok, err := registry.Walk(x.path)
	if err != nil {
		return err
	}
	if !ok || place.Internal {
		return x.unknown()
	}
	x.call.Asked = place.ID
	switch {
	case place.Rest != "":
		return x.action(place)
	case place.Collection:
		return x.collection(place)
	}
	verbs := map[string]struct {
		verb resource.Verbs
		do   func(resource.Place) error
	}{
		http.MethodGet:    {resource.Get, x.get},
		http.MethodHead:   {resource.Get, x.head},
		http.MethodPut:    {resource.Put, x.put},
		http.MethodPatch:  {resource.Patch, x.patch},
		http.MethodDelete: {resource.Delete, x.delete},
	}
	found, ok := verbs[method]
	if method == http.MethodHead && place.Node.HeadOnly {
		found.verb = place.Node.Verbs
	}
	if !ok || !place.Node.Verbs.Has(found.verb) {
		return x.notAllowed(place)
	}
	if err := x.allow(place.Node.Permission(found.verb, place.ID), string(place.ID)); err != nil {
		return err
	}
	return found.do(place)
}

// followed finds the route of a long-running operation whose result a client
// gets at the path where it began it. What writes nothing can be done again.
func (x *exchange) followed() (*resource.Route, map[string]string) {
	if x.r.Method != http.MethodGet || x.call.Query["asyncid"] == "" {
		return nil, nil
	}
	route, segments := x.plane.Environment().Registry.Match(http.MethodPost, x.path)
	if route == nil || route.Writes || !route.LongRunning {
		return nil, nil
	}
	return route, segments
}

// collection answers a list.
func (x *exchange) collection(place resource.Place) error {
	if x.r.Method != http.MethodGet || !place.Node.Verbs.Has(resource.List) {
		return x.notAllowed(place)
	}
	if err := x.allow(place.Node.Permission(resource.List, place.ID+"/x"), string(place.ID.Collection())); err != nil {
		return err
	}
	return x.list(place)
}

// allow refuses callers that lack a permission.
func (x *exchange) allow(permission access.Permission, id string) error {
	ok, err := x.guard.Allow(x.r.Context(), x.who, permission, id)
	if err != nil {
		return err
	}
	if !ok {
		return resource.Forbidden(x.call, permission, resource.ID(id))
	}
	return nil
}

// unknown says that no route has the path.
func (x *exchange) unknown() error {
	if isProvider(x.path) {
		return problem.New(http.StatusNotFound, "InvalidResourceType",
			"The resource type of the path could not be found in the namespace Microsoft.ApiManagement for the api-version %q.",
			x.call.Version).WithTarget("/" + x.path)
	}
	return problem.NotFound("Resource", "/"+x.path)
}

func isProvider(path string) bool {
	return strings.Contains(strings.ToLower(path), "providers/microsoft.apimanagement/")
}

// notAllowed says which methods the path has.
func (x *exchange) notAllowed(place resource.Place) error {
	var methods []string
	for _, m := range []struct {
		verb  resource.Verbs
		names string
	}{
		{resource.Get, "GET, HEAD"}, {resource.Put, "PUT"}, {resource.Patch, "PATCH"}, {resource.Delete, "DELETE"},
	} {
		if !place.Collection && place.Rest == "" && place.Node.Verbs.Has(m.verb) {
			methods = append(methods, m.names)
		}
	}
	if place.Collection && place.Node.Verbs.Has(resource.List) {
		methods = append(methods, "GET")
	}
	x.w.Header().Set("Allow", strings.Join(methods, ", "))
	return problem.New(http.StatusMethodNotAllowed, "MethodNotAllowed",
		"The method %s is not one of this path: it has %s.", x.r.Method, strings.Join(methods, ", ")).WithTarget("/" + x.path)
}
