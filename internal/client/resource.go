package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
)

// Resource is a resource as the API answers it, with properties of a type of the
// caller's choice: a struct of this package, or a map.
type Resource[P any] struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Type       string `json:"type"`
	Properties P      `json:"properties"`
	// ETag is what IfMatch takes. Resources of lists have none.
	ETag string `json:"-"`
}

// envelope is the body of a PUT and a PATCH.
type envelope struct {
	Properties any `json:"properties"`
}

// Get reads a resource.
func Get[P any](ctx context.Context, c *Client, path string, o ...Call) (Resource[P], error) {
	return resource[P](c.do(ctx, http.MethodGet, path, nil, newRequest(o)))
}

// Put makes or replaces a resource. properties may be nil for resources that are
// links and have no body.
func Put[P any](ctx context.Context, c *Client, path string, properties any, o ...Call) (Resource[P], error) {
	var body any
	if properties != nil {
		body = envelope{properties}
	}
	return resource[P](c.do(ctx, http.MethodPut, path, body, newRequest(o)))
}

// Patch changes properties of a resource, by merging. Without IfMatch it changes
// whatever is there.
func Patch(ctx context.Context, c *Client, path string, properties any, o ...Call) error {
	r := newRequest(o)
	r.anyMatch()
	_, err := c.do(ctx, http.MethodPatch, path, envelope{properties}, r)
	return err
}

// Delete removes a resource. That there is none is no error.
func Delete(ctx context.Context, c *Client, path string, o ...Call) error {
	r := newRequest(o)
	r.anyMatch()
	_, err := c.do(ctx, http.MethodDelete, path, nil, r)
	if IsNotFound(err) {
		return nil
	}
	return err
}

// anyMatch lets a change be made to whatever is there, unless it was said to what.
func (r *request) anyMatch() {
	if r.header.Get("If-Match") == "" {
		r.header.Set("If-Match", "*")
	}
}

// Post does an action and returns its answer as it is. An action without an
// answer gives the zero A.
func Post[A any](ctx context.Context, c *Client, path string, body any, o ...Call) (A, error) {
	return plain[A](c.do(ctx, http.MethodPost, path, body, newRequest(o)))
}

// Read reads what is no resource, as it is: reports, counters, changes.
func Read[A any](ctx context.Context, c *Client, path string, o ...Call) (A, error) {
	return plain[A](c.do(ctx, http.MethodGet, path, nil, newRequest(o)))
}

func plain[A any](got *answer, err error) (A, error) {
	var a A
	if err != nil || len(got.body) == 0 {
		return a, err
	}
	if err := json.Unmarshal(got.body, &a); err != nil {
		return a, fmt.Errorf("reading an answer of the management API: %w", err)
	}
	return a, nil
}

func resource[P any](got *answer, err error) (Resource[P], error) {
	r, err := plain[Resource[P]](got, err)
	if err == nil {
		r.ETag = got.header.Get("ETag")
	}
	return r, err
}

// queryOf is the query of a nextLink. The rest of it is not followed: the next
// page is where the first one was.
func queryOf(next string) (url.Values, error) {
	u, err := url.Parse(next)
	if err != nil {
		return nil, fmt.Errorf("the nextLink of a list of the management API: %w", err)
	}
	return u.Query(), nil
}
