package reference

import (
	"strings"

	"github.com/sallyport/sallyport/internal/portal/catalogue"
)

// place is where an API is called: its URL, and what chooses the version where
// that is no part of the URL.
type place struct {
	URL                  string
	Query, Header        string // Name of what has the version.
	Version              string
	KeyHeader, KeyQuery  string
	SubscriptionRequired bool
}

// placeOf is where an API, or a revision of it, is called at a gateway.
func placeOf(base string, api *catalogue.API, revision string) place {
	p := place{
		URL: base, Version: api.Version, KeyHeader: api.KeyHeader, KeyQuery: api.KeyQuery, SubscriptionRequired: api.SubscriptionRequired,
	}
	if path := strings.Trim(api.Path, "/"); path != "" {
		p.URL += "/" + path
	}
	if api.Version != "" {
		p.choose(api)
	}
	if revision != "" {
		p.URL += ";rev=" + revision
	}
	return p
}

// choose adds what chooses the version.
func (p *place) choose(api *catalogue.API) {
	switch strings.ToLower(api.VersioningScheme) {
	case "segment":
		p.URL += "/" + api.Version
	case "query":
		p.Query = api.VersionParameter
	case "header":
		p.Header = api.VersionParameter
	}
}
