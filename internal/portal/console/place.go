package console

import (
	"net/url"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/problem"
)

// place is the operation that a page is about.
type place struct {
	API       *catalogue.API
	Operation *catalogue.Operation
	// Revision is the number of a revision that is not the current one, or "".
	Revision string
	// Path is the console's page of the operation.
	Path string
}

// reader is for whom the catalogue is read.
func reader(v page.Visitor) catalogue.Reader {
	return catalogue.Reader{Groups: v.Groups, Admin: v.Admin}
}

// consolePath is the path of an operation's console.
func consolePath(api, operation string) string {
	return "/console/" + url.PathEscape(api) + "/" + url.PathEscape(operation)
}

// place finds the operation that a route's path names, among those that the
// visitor sees. What is not seen is not found.
func (c *console) place(x *page.Exchange) (*place, error) {
	name := x.Value("api")
	api, ok := c.catalogue.Current().API(name, reader(x.Visitor))
	if !ok {
		return nil, problem.NotFound("API", name)
	}
	p := &place{API: api}
	for _, o := range api.Operations {
		if strings.EqualFold(o.Name, x.Value("operation")) {
			p.Operation = o
		}
	}
	if p.Operation == nil {
		return nil, problem.NotFound("Operation", x.Value("operation"))
	}
	p.Path = consolePath(api.Name, p.Operation.Name)
	if rev := x.R.URL.Query().Get("rev"); rev != "" && rev != api.Revision {
		if !hasRevision(api, rev) {
			return nil, problem.NotFound("Revision", rev)
		}
		p.Revision = rev
		p.Path += "?rev=" + url.QueryEscape(rev)
	}
	return p, nil
}

// At is the path of something that belongs to the page.
func (p *place) At(parts ...string) string {
	path, query, found := strings.Cut(p.Path, "?")
	for _, part := range parts {
		path += "/" + url.PathEscape(part)
	}
	if found {
		path += "?" + query
	}
	return path
}

// hasRevision says whether the reader may call a revision that is not the
// current one: administrators see them.
func hasRevision(a *catalogue.API, number string) bool {
	for _, r := range a.Revisions {
		if r.Number == number && r.Online {
			return true
		}
	}
	return false
}

// resource is the management path of the API's resource, with the revision, and of
// what lies below it.
func (p *place) resource(below ...string) string {
	name := p.API.Name
	if p.Revision != "" {
		name += ";rev=" + p.Revision
	}
	return client.PathIn("apis", name, below...)
}

// target is what calls of the operation may reach.
func (c *console) target(p *place, gateway *url.URL) *target {
	a := p.API
	t := &target{
		Gateway: gateway, API: strings.Trim(a.Path, "/"), Revision: p.Revision,
		Method: p.Operation.Method, Template: p.Operation.Template,
	}
	if a.Version != "" {
		switch strings.ToLower(a.VersioningScheme) {
		case "segment":
			t.API = strings.Trim(t.API+"/"+a.Version, "/")
		case "header":
			t.Header = []pair{{a.VersionParameter, a.Version}}
		case "query":
			t.Query = []pair{{a.VersionParameter, a.Version}}
		}
	}
	own := "/" + strings.Trim(t.API, "/")
	for _, other := range c.catalogue.Current().APIs(catalogue.Reader{Admin: true}) {
		path := "/" + strings.Trim(other.Path, "/")
		if len(path) > len(own) && (own == "/" || startsPath(path, own)) {
			t.Deeper = append(t.Deeper, strings.Trim(path, "/"))
		}
	}
	return t
}
