package client

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strconv"
)

// maxItems bounds how many resources of a list are read, maxPages in how many
// pages.
const (
	maxItems = 1_000_000
	maxPages = 100_000
)

// errEndless says that a list has more than maxItems resources or maxPages pages,
// or that its pages go round in a circle.
var errEndless = errors.New("the list of the management API does not end")

// page is the form of a list.
type page[P any] struct {
	Value    []Resource[P] `json:"value"`
	Count    int           `json:"count"`
	NextLink string        `json:"nextLink"`
}

// List reads a list, page by page as it is asked for. An error ends it.
func List[P any](ctx context.Context, c *Client, path string, o ...Call) iter.Seq2[Resource[P], error] {
	return func(yield func(Resource[P], error) bool) {
		items, last := 0, ""
		r := newRequest(o)
		for range maxPages {
			p, err := plain[page[P]](c.do(ctx, http.MethodGet, path, nil, r))
			if err != nil {
				yield(Resource[P]{}, err)
				return
			}
			for _, item := range p.Value {
				if items++; items > maxItems {
					yield(Resource[P]{}, fmt.Errorf("%s: %w: more than %d resources", path, errEndless, maxItems))
					return
				}
				if !yield(item, nil) {
					return
				}
			}
			if p.NextLink == "" {
				return
			}
			if p.NextLink == last {
				break
			}
			last = p.NextLink
			if r.query, err = queryOf(p.NextLink); err != nil {
				yield(Resource[P]{}, err)
				return
			}
		}
		yield(Resource[P]{}, fmt.Errorf("%s: %w", path, errEndless))
	}
}

// Page reads one page of a list. count is how many resources there are in all.
func Page[P any](ctx context.Context, c *Client, path string, skip, top int, o ...Call) (items []Resource[P], count int, err error) {
	o = append([]Call{Query("$skip", strconv.Itoa(skip)), Top(top)}, o...)
	p, err := plain[page[P]](c.do(ctx, http.MethodGet, path, nil, newRequest(o)))
	return p.Value, p.Count, err
}

// All reads a list whole.
func All[P any](ctx context.Context, c *Client, path string, o ...Call) ([]Resource[P], error) {
	var all []Resource[P]
	for r, err := range List[P](ctx, c, path, o...) {
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}
