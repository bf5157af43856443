package reference

import (
	"cmp"
	"embed"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/problem"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed assets
var assets embed.FS

// Options are what the section needs.
type Options struct {
	// Catalogue says what each visitor may see.
	Catalogue *catalogue.Catalogue
	// Library has the descriptions; other sections may use it too.
	Library *Library
}

// section is the pages.
type section struct {
	o Options
}

// New makes the section.
func New(o Options) *page.Section {
	s := &section{o: o}
	return &page.Section{
		Name: "reference", Templates: below(templates, "templates"), Assets: below(assets, "assets"),
		Routes: []page.Route{
			{Pattern: "GET /apis/{api}/operations", Run: s.list},
			{Pattern: "GET /apis/{api}/operations/{operation}", Run: s.operation},
			{Pattern: "GET /apis/{api}/schemas", Run: s.schemas},
			{Pattern: "GET /apis/{api}/schemas/{schema}", Run: s.schema},
			{Pattern: "GET /apis/{api}/export/{format}", Run: s.export, Limit: exportLimit()},
		},
	}
}

func below(files fs.FS, dir string) fs.FS {
	sub, err := fs.Sub(files, dir)
	if err != nil {
		return nil // The names are those above.
	}
	return sub
}

// subject is what a page is about.
type subject struct {
	API      *catalogue.API
	Revision string
	// Known is what is said of the API; nil where the management plane is away and
	// nothing is kept.
	Known *Described
	// Operations are those that exist.
	Operations []*catalogue.Operation
	Place      place
	path       string
	query      string
}

// find finds the API of a request. It fails with the same error for an API that
// the visitor may not see and for one that does not exist.
func (s *section) find(x *page.Exchange) (*subject, error) {
	name := x.Value("api")
	reader := catalogue.Reader{Groups: x.Visitor.Groups, Admin: x.Visitor.Admin}
	index := s.o.Catalogue.Current()
	api, ok := index.API(name, reader)
	if !ok {
		return nil, problem.NotFound("API", name)
	}
	b := &subject{API: api, Operations: api.Operations, path: "/apis/" + client.Path(api.Name)}
	if revision := x.R.URL.Query().Get("rev"); revision != "" && revision != api.Revision {
		if !slices.ContainsFunc(api.Revisions, func(r catalogue.Revision) bool { return r.Number == revision }) {
			return nil, problem.NotFound("Revision", revision)
		}
		b.Revision, b.query = revision, "?rev="+revision
	}
	known, err := s.o.Library.API(x.R.Context(), api, b.Revision)
	switch {
	case err == nil:
		b.Known = known
		if b.Revision != "" {
			b.Operations = known.Operations
		}
	case b.Revision != "" || !client.IsUnavailable(err) && !errors.Is(err, x.R.Context().Err()):
		return nil, err
	}
	b.Place = placeOf(index.GatewayURL(), api, b.Revision)
	return b, nil
}

// Path is that of a page of the API.
func (b *subject) Path(parts ...string) string {
	if len(parts) == 0 {
		return b.path + b.query
	}
	return b.path + "/" + client.Path(parts...) + b.query
}

// OperationPath and SchemaPath are those of the pages of an operation and of a
// schema.
func (b *subject) OperationPath(name string) string { return b.Path("operations", name) }

// SchemaPath is the path of the page of a schema.
func (b *subject) SchemaPath(name string) string { return b.Path("schemas", name) }

// operation finds an operation by its name, in whatever case.
func (b *subject) operation(name string) (*catalogue.Operation, bool) {
	for _, o := range b.Operations {
		if strings.EqualFold(o.Name, name) {
			return o, true
		}
	}
	return nil, false
}

// crumbs are the pages above.
func (b *subject) crumbs(more ...page.Link) []page.Link {
	return append([]page.Link{{Text: "APIs", Path: "/apis"}, {Text: b.Title(), Path: b.Path()}}, more...)
}

// Title is what the API is called, with its version.
func (b *subject) Title() string {
	return strings.TrimSpace(cmp.Or(b.API.DisplayName, b.API.Name) + " " + b.API.Version)
}

// page is a page of the section.
func (b *subject) page(title, template string, data any, crumbs ...page.Link) page.Page {
	return page.Page{
		Title: title, Section: "apis", Template: template, Data: data, Crumbs: b.crumbs(crumbs...), Wide: true,
		Styles: []string{"reference.css", "code/code.css"}, Modules: []string{"reference.js", "code/code.js"},
	}
}
