package browse

import (
	"net/http"

	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/markdown"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// hit is a result: an API with the operations that were found.
type hit struct {
	catalogue.Hit
	Title, Type, Excerpt string
	// More counts the operations that are not listed.
	More int
}

// Path is the address of an operation of the hit.
func (h hit) Path(o *catalogue.Operation) string { return operationPath(h.API, o) }

type searchPage struct {
	Query    string
	Results  catalogue.Results
	Hits     []hit
	Products []*catalogue.Product
	Pager    page.Pager
}

// search is the page of results, which works without modules.
func (s *section) search(x *page.Exchange) error {
	query := filterOf(x).Text
	number := page.PageNumber(x.Form())
	res := s.view(x).Search(query, number-1, hitsPerPage)
	d := searchPage{Query: query, Results: res, Pager: page.NewPager(x.R.URL, number, hitsPerPage, res.Total)}
	if number == 1 {
		d.Products = res.Products
	}
	for _, h := range res.Hits {
		d.Hits = append(d.Hits, hit{
			Hit: h, Title: title(h.API), Type: typeName(h.API.Type), Excerpt: markdown.Text(h.API.Description, excerptLength),
			More: h.Found - len(h.Operations),
		})
	}
	return x.Render(http.StatusOK, page.Page{
		Title: "Search", Section: "search", Template: "search", Data: d, Styles: []string{"browse.css"},
	})
}

// suggestions is what is shown below the field as one types.
func (s *section) suggestions(x *page.Exchange) error {
	query := filterOf(x).Text
	res := s.view(x).Search(query, 0, maxSuggestions)
	d := searchPage{Query: query, Results: res, Products: res.Products[:min(len(res.Products), suggestedProducts)]}
	for _, h := range res.Hits {
		h.Operations = h.Operations[:min(len(h.Operations), suggestedOperations)]
		d.Hits = append(d.Hits, hit{Hit: h, Title: title(h.API), Type: typeName(h.API.Type)})
	}
	return x.Fragment("suggestions", d)
}
