package rest

import (
	"errors"
	"net/http"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/problem"
)

// get answers a resource.
func (x *exchange) get(place resource.Place) error {
	if done, err := x.polled(place); done || err != nil {
		return err
	}
	var e *resource.Entity
	var answer any
	var alternate *resource.Result
	err := x.plane.Read(x.r.Context(), x.call, func(s *resource.Session) (err error) {
		if e, err = s.Find(place); err != nil {
			return err
		}
		if place.Node.Alternate != nil {
			result, ok, err := place.Node.Alternate(s, e)
			if err != nil {
				return err
			}
			if ok {
				alternate = &result
				return nil
			}
		}
		answer, err = s.Answer(place.Node, e)
		return err
	})
	if err != nil {
		return err
	}
	if alternate != nil {
		return x.respond(http.StatusOK, "", alternate.Body)
	}
	return x.respond(http.StatusOK, e.ETag(), answer)
}

// head answers whether there is a resource, and its ETag.
func (x *exchange) head(place resource.Place) error {
	var e *resource.Entity
	err := x.plane.Read(x.r.Context(), x.call, func(s *resource.Session) (err error) {
		e, err = s.Find(place)
		return err
	})
	if err != nil {
		return err
	}
	status := place.Node.Statuses.Head
	switch {
	case status != 0:
	case place.Node.NoBody:
		status = http.StatusNoContent
	default:
		status = http.StatusOK
	}
	return x.respond(status, e.ETag(), nil)
}

// put makes or replaces a resource.
func (x *exchange) put(place resource.Place) error {
	body, err := x.body(place.Node.NoBody)
	if err != nil {
		return err
	}
	var e, old *resource.Entity
	var answer any
	_, err = x.plane.Write(x.r.Context(), x.call, func(s *resource.Session) error {
		id, err := s.Locate(place.ID)
		if err != nil {
			return err
		}
		if err := s.RequireParent(id); err != nil {
			return err
		}
		if old, err = s.Lookup(id); err != nil {
			return err
		}
		if err := x.condition(old, place.Node.Permanent); err != nil {
			return err
		}
		if e, err = s.Replace(place.Node, id, body, old); err != nil {
			return err
		}
		answer, err = s.Answer(place.Node, e)
		return err
	})
	if err != nil {
		return err
	}
	status := http.StatusOK
	switch {
	case place.Node.Statuses.Put != 0:
		status = place.Node.Statuses.Put
	case old == nil && !place.Node.Permanent:
		status = http.StatusCreated
	}
	if place.Node.LongRunning.Has(resource.Put) {
		x.begin(place, status)
	}
	return x.respond(status, e.ETag(), answer)
}

// patch changes a resource.
func (x *exchange) patch(place resource.Place) error {
	body, err := x.body(false)
	if err != nil {
		return err
	}
	var e *resource.Entity
	var answer any
	_, err = x.plane.Write(x.r.Context(), x.call, func(s *resource.Session) error {
		old, err := s.Find(place)
		if err != nil {
			return err
		}
		if err := x.condition(old, place.Node.Permanent); err != nil {
			return err
		}
		if e, err = s.Change(place.Node, body, old); err != nil {
			return err
		}
		answer, err = s.Answer(place.Node, e)
		return err
	})
	if err != nil {
		return err
	}
	status := http.StatusOK
	if place.Node.Statuses.Patch != 0 {
		status = place.Node.Statuses.Patch
	}
	if place.Node.LongRunning.Has(resource.Patch) {
		x.begin(place, http.StatusOK)
	}
	if status == http.StatusNoContent {
		answer = nil
	}
	return x.respond(status, e.ETag(), answer)
}

// delete removes a resource; 204 where there is none.
func (x *exchange) delete(place resource.Place) error {
	gone := false
	_, err := x.plane.Write(x.r.Context(), x.call, func(s *resource.Session) error {
		gone = false
		id, err := s.Locate(place.ID)
		if err != nil {
			return err
		}
		e, err := s.Lookup(id)
		if err != nil {
			return err
		}
		if e == nil {
			gone = true
			return nil
		}
		if err := x.condition(e, false); err != nil {
			return err
		}
		return s.Remove(place.Node, e)
	})
	var p *problem.Error
	if errors.As(err, &p) && p.Code == problem.CodeNotFound {
		gone, err = true, nil
	}
	switch {
	case err != nil:
		return err
	case gone:
		return x.respond(http.StatusNoContent, "", nil)
	case place.Node.LongRunning.Has(resource.Delete) && !x.before2024():
		x.begin(place, http.StatusNoContent)
		return x.respond(http.StatusAccepted, "", nil)
	default:
		return x.respond(http.StatusOK, "", nil)
	}
}
