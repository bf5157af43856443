package page_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/portal/page/pagetest"
)

// TestS18_OpenRedirect follows each way in which a path to return to can be
// given, with addresses that lead elsewhere.
func TestS18_OpenRedirect(t *testing.T) {
	sent := 0
	p := pagetest.New(t, page.Options{}, form(nil, &sent)).As(pagetest.Developer)
	for _, address := range elsewhere {
		got := p.Post("/form", url.Values{"return": {address}}).Want(t, http.StatusSeeOther).Location()
		if got != "/done" {
			t.Errorf("%q leads to %q", address, got)
		}
	}
	direct := pagetest.New(t, page.Options{}, &page.Section{Name: "r", Routes: []page.Route{
		{Pattern: "GET /r", Run: func(x *page.Exchange) error { return x.Redirect(x.Form().Get("to"), "") }},
	}})
	for _, address := range elsewhere {
		if got := direct.Get("/r?to="+url.QueryEscape(address)).Want(t, http.StatusSeeOther).Location(); got != "/" {
			t.Errorf("%q leads to %q", address, got)
		}
	}
	// The router itself mends paths by leading elsewhere on the same host.
	for _, path := range []string{"//evil.example/", "/%2f/evil.example", "/\\evil.example", "/.//evil.example"} {
		r := post(path, urlencoded, "")
		r.Method, r.URL.Path, r.RequestURI = http.MethodGet, path, path
		if got := p.Send(r).Location(); len(got) > 1 && (got[1] == '/' || got[1] == '\\') {
			t.Errorf("the path %q leads to %q", path, got)
		}
	}
	t.Logf("S18: %d addresses to return to, 0 led elsewhere (0)", len(elsewhere))
}

// TestS18_OpenRedirect_NegativeControl shows that the list has teeth: what only
// looks at the first byte lets some of it through.
func TestS18_OpenRedirect_NegativeControl(t *testing.T) {
	through := 0
	for _, address := range elsewhere {
		if len(address) > 0 && address[0] == '/' {
			through++
		}
	}
	if through < 10 {
		t.Errorf("only %d of the list begin as a path does", through)
	}
}
