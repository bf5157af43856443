package rest

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/sallyport/sallyport/internal/control/resource"
)

// page is the form of a list.
type page struct {
	Value    []map[string]any `json:"value"`
	Count    int              `json:"count"`
	NextLink string           `json:"nextLink,omitempty"`
}

// list answers a page of a collection.
func (x *exchange) list(place resource.Place) error {
	query, err := resource.ReadQuery(x.call.Query)
	if err != nil {
		return err
	}
	if place.Node.Unpaged {
		query.Top = resource.MaxTop // $skip stays: a nextLink of ours has it.
	}
	x.call.Listing = true
	var listing *resource.Listing
	err = x.plane.Read(x.r.Context(), x.call, func(s *resource.Session) (err error) {
		listing, err = s.List(place.Node, place.ID, query)
		return err
	})
	if err != nil {
		return err
	}
	return x.page(listing)
}

// page answers a listing.
func (x *exchange) page(listing *resource.Listing) error {
	answer := page{Value: listing.Items, Count: listing.Count}
	if answer.Value == nil {
		answer.Value = []map[string]any{}
	}
	if next := listing.Next; next != nil {
		answer.NextLink = x.nextLink(next)
	}
	return x.respond(http.StatusOK, "", answer)
}

// nextLink is the request's own URL, on the external address, with the place at
// which the next page begins.
func (x *exchange) nextLink(next *resource.Query) string {
	values, _ := url.ParseQuery(x.r.URL.RawQuery) // It was read before.
	values.Set("$skip", strconv.Itoa(next.Skip))
	values.Set("$top", strconv.Itoa(next.Top))
	values.Del("$skiptoken")
	if next.After != "" {
		values.Set("$skiptoken", next.After)
	}
	return x.call.Base + x.r.URL.EscapedPath() + "?" + values.Encode()
}
