package rest

import (
	"net/http"
	"strings"

	"github.com/sallyport/sallyport/internal/control/resource"
)

// action runs what stands below one resource and is no resource itself.
func (x *exchange) action(place resource.Place) error {
	actions, permission := place.Node.Actions, place.Node.ActionPermission
	if x.r.Method == http.MethodGet {
		actions = place.Node.Reads
	}
	for i := range actions {
		a := &actions[i]
		if !strings.EqualFold(a.Path, place.Rest) {
			continue
		}
		if x.r.Method != http.MethodGet && x.r.Method != http.MethodPost {
			return x.notAllowed(place)
		}
		needed := place.Node.Permission(resource.Get, place.ID)
		if x.r.Method == http.MethodPost {
			needed = permission(a, place.ID)
		}
		if err := x.allow(needed, string(place.ID)); err != nil {
			return err
		}
		return x.run(place, a)
	}
	return x.unknown()
}

func (x *exchange) run(place resource.Place, a *resource.Action) error {
	body, err := x.actionBody(a.Body)
	if err != nil {
		return err
	}
	var result resource.Result
	var listing *resource.Listing
	work := func(s *resource.Session) error {
		in := resource.Input{ID: place.ID, Body: body}
		e, err := s.Find(place)
		if err != nil && !a.Missing {
			return err
		}
		if in.Body, err = s.CleanInput(a.Body, body); err != nil {
			return err
		}
		if result, err = a.Run(s, e, in); err != nil {
			return err
		}
		listing, err = x.listing(s, &result)
		return err
	}
	if err := x.perform(a.Writes, work); err != nil {
		return err
	}
	if a.LongRunning && x.r.Method == http.MethodPost {
		status := statusOf(&result)
		if status == http.StatusAccepted {
			status = http.StatusOK
		}
		x.begin(place, status)
	}
	return x.answer(&result, listing)
}

// route runs a route that is no part of a kind.
func (x *exchange) route(route *resource.Route, segments map[string]string) error {
	if err := x.allow(route.Permission, "/"+x.path); err != nil {
		return err
	}
	body, err := x.actionBody(route.Body)
	if err != nil {
		return err
	}
	var result resource.Result
	var listing *resource.Listing
	work := func(s *resource.Session) error {
		clean, err := s.CleanInput(route.Body, body)
		if err != nil {
			return err
		}
		if result, err = route.Run(s, segments, resource.Input{ID: resource.ID("/" + x.path), Body: clean}); err != nil {
			return err
		}
		listing, err = x.listing(s, &result)
		return err
	}
	if err := x.perform(route.Writes, work); err != nil {
		return err
	}
	if route.LongRunning {
		x.begin(resource.Place{ID: resource.ID("/" + x.path)}, statusOf(&result))
	}
	return x.answer(&result, listing)
}

func (x *exchange) perform(writes bool, work func(*resource.Session) error) error {
	if !writes {
		return x.plane.Read(x.r.Context(), x.call, work)
	}
	_, err := x.plane.Write(x.r.Context(), x.call, work)
	return err
}

// listing pages the items of a result.
func (x *exchange) listing(s *resource.Session, result *resource.Result) (*resource.Listing, error) {
	if result.Items == nil {
		return nil, nil
	}
	query, err := resource.ReadQuery(x.call.Query)
	if err != nil {
		return nil, err
	}
	if result.Filtered {
		query.Filter = ""
	}
	items, err := s.Answers(result.Items)
	if err != nil {
		return nil, err
	}
	return s.Select(result.Filter, items, query)
}

func statusOf(result *resource.Result) int {
	switch {
	case result.Status != 0:
		return result.Status
	case result.Body == nil && result.Items == nil:
		return http.StatusNoContent
	default:
		return http.StatusOK
	}
}

func (x *exchange) answer(result *resource.Result, listing *resource.Listing) error {
	if listing != nil {
		return x.page(listing)
	}
	return x.respond(statusOf(result), result.ETag, result.Body)
}
