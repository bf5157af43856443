// Package browse is the section of the portal in which visitors find APIs and products: lists, overviews,
// change logs and search. All of it comes from the catalogue in memory, so it is there while the management
// plane is not; only the visitor's own subscriptions are asked for.
//
// What a visitor may not see is answered as what does not exist.
package browse

import (
	"embed"
	"io/fs"
	"net/http"
	"time"

	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/problem"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed assets
var assetFiles embed.FS

// The limits of pages.
const (
	// apisPerPage, productsPerPage and hitsPerPage are how much stands on one page.
	apisPerPage, productsPerPage, hitsPerPage = 24, 24, 20
	// maxListed is how many operations an overview lists before it leads to the reference, and how many APIs
	// a product's page lists.
	maxOperations, maxListedAPIs = 60, 200
	// maxSuggestions is how many APIs are suggested as one types, with suggestedOperations each at most.
	maxSuggestions, suggestedOperations, suggestedProducts = 5, 2, 3
	// excerptLength is the length of a description in lists, in characters.
	excerptLength = 180
	// subscriptionsTimeout bounds how long a product's page waits for the visitor's subscriptions.
	subscriptionsTimeout = 3 * time.Second
	// maxSubscriptions is how many of a visitor's subscriptions are looked through.
	maxSubscriptions = 200
)

// Options are what the section needs.
type Options struct {
	// Catalogue gives the current index.
	Catalogue func() *catalogue.Index
	// Opened is told of an API whose overview is shown, and must not wait; it may be nil.
	Opened func(*catalogue.API)
}

// section answers its requests.
type section struct {
	index  func() *catalogue.Index
	opened func(*catalogue.API)
}

// New makes the section.
func New(o Options) *page.Section {
	s := &section{index: o.Catalogue, opened: o.Opened}
	if s.opened == nil {
		s.opened = func(*catalogue.API) {}
	}
	searches := &page.Limit{Name: "search", Events: 600, Per: time.Minute}
	return &page.Section{
		Name: "browse", Templates: sub(templates, "templates"), Assets: sub(assetFiles, "assets"),
		Routes: []page.Route{
			{Pattern: "GET /apis", Run: s.apis, Limit: searches},
			{Pattern: "GET /apis/{api}", Run: s.api},
			{Pattern: "GET /apis/{api}/changes", Run: s.changes},
			{Pattern: "GET /products", Run: s.products},
			{Pattern: "GET /products/{product}", Run: s.product},
			{Pattern: "GET /search", Run: s.search, Limit: searches},
			{Pattern: "GET /search/suggestions", Run: s.suggestions, Limit: searches},
		},
	}
}

// sub is a folder that is embedded, and so is there.
func sub(files fs.FS, folder string) fs.FS {
	f, err := fs.Sub(files, folder)
	if err != nil {
		return files
	}
	return f
}

// view is the catalogue as the visitor sees it.
func (s *section) view(x *page.Exchange) *catalogue.View {
	return s.index().View(reader(x.Visitor))
}

func reader(v page.Visitor) catalogue.Reader {
	return catalogue.Reader{Groups: v.Groups, Admin: v.Admin}
}

// notFound is the one answer for what is not there and for what may not be seen.
func notFound(what string) error {
	return problem.New(http.StatusNotFound, problem.CodeNotFound,
		"There is no such %s, or it is not one that you can see. Signing in may show more.", what)
}
