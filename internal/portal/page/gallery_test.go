package page_test

import (
	"flag"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/portal/page/pagetest"
)

// serveGallery lets somebody look at the gallery: go test -run Gallery -args
// -gallery 127.0.0.1:8000.
var serveGallery = flag.String("gallery", "", "address at which the gallery is served until the test is stopped")

func gallery() *page.Section {
	data := struct {
		Problems []page.Problem
		Rows     [][]any
		Pager    page.Pager
	}{
		[]page.Problem{{Field: "email", Text: "Enter an address such as ann@example.com."}, {Text: "The terms have changed: read them again."}},
		[][]any{{"Primary", "active", "3 Jan 2026"}, {"Secondary", "expires in 3 days", "3 Jan 2026"}},
		page.NewPager(&url.URL{Path: "/", RawQuery: "q=pet"}, 4, 20, 183),
	}
	show := func(x *page.Exchange) error {
		return x.Render(http.StatusOK, page.Page{
			Title: "Gallery", Template: "gallery", Data: data, Crumbs: []page.Link{{Text: "Home", Path: "/"}, {Text: "Design", Path: "/design"}},
		})
	}
	return &page.Section{Name: "gallery", Templates: os.DirFS("testdata"), Routes: []page.Route{
		{Pattern: "GET /{$}", Run: show}, {Pattern: "GET /apis", Run: show}, {Pattern: "GET /products", Run: show},
		{Pattern: "GET /search", Run: show}, {Pattern: "GET /subscriptions", Run: show, Needs: page.SignedIn},
		{Pattern: "GET /signin", Run: show}, {Pattern: "GET /signup", Run: show}, {Pattern: "GET /account", Run: show},
		{Pattern: "POST /gallery", Run: func(x *page.Exchange) error { return x.Redirect("/", "") }},
	}}
}

func TestGallery(t *testing.T) {
	p := pagetest.New(t, page.Options{URL: &url.URL{Scheme: "http", Host: "127.0.0.1:8000"}}, gallery()).As(pagetest.Developer)
	answer := p.Get("/").Want(t, http.StatusOK, `<nav class="crumbs"`, `aria-invalid="true"`, `aria-describedby="f-email-hint f-email-problem"`,
		`<option value="blocked" selected>`, "61–80 of 183", `href="/?page=5&amp;q=pet"`, "1\u202f204\u202f567", "3 errors")
	answer.WantNone(t, "style=", "onclick", "<script>", "ZgotmplZ", "no value", "once\x00")
	if strings.Count(answer.Body, "<h1") != 1 {
		t.Error("a page has one h1")
	}
	if *serveGallery == "" {
		return
	}
	t.Logf("the gallery is at http://%s", *serveGallery)
	if err := http.ListenAndServe(*serveGallery, p.Site); err != nil {
		t.Fatal(err)
	}
}
