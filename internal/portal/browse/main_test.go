package browse_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/portal/browse"
	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/catalogue/cataloguetest"
	"github.com/sallyport/sallyport/internal/portal/page"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// visitors are who comes to the tests' portal, by the header that names them.
var visitors = map[string]page.Visitor{
	"guest":     page.Guest(),
	"developer": {User: "dora", Name: "Dora", Groups: []string{"developers"}},
	"partner":   {User: "paul", Name: "Paul", Groups: []string{"developers", "partners"}},
	"admin":     {User: "1", Name: "Ada", Groups: []string{"administrators"}, Admin: true},
}

// names knows visitors by a header.
type names struct{}

func (names) Find(_ http.ResponseWriter, r *http.Request) page.Found {
	v, ok := visitors[r.Header.Get("Test-Visitor")]
	if !ok {
		v = page.Guest()
	}
	f := page.Found{Visitor: v}
	if v.SignedIn() {
		f.Secret = []byte("the secret of a session in a test")
	}
	return f
}

// portal is a portal with nothing but the section.
func portal(tb testing.TB, s *cataloguetest.Service) http.Handler {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	log := slog.New(slog.NewTextHandler(tb.Output(), nil))
	c, err := catalogue.Follow(ctx, catalogue.Options{Client: s.Client(tb), Log: log})
	tb.Cleanup(func() {
		cancel()
		<-c.Done()
	})
	if err != nil {
		tb.Fatal(err)
	}
	site, err := page.New(page.Options{
		URL: &url.URL{Scheme: "https", Host: "portal.example"}, Client: s.Client(tb), Sessions: names{}, Log: log,
		Sections: []*page.Section{browse.New(browse.Options{Catalogue: c.Current})},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return site
}

// get asks for a page as a visitor.
func get(tb testing.TB, h http.Handler, visitor, path string, headers ...string) (*http.Response, string) {
	tb.Helper()
	r := httptest.NewRequestWithContext(tb.Context(), http.MethodGet, "https://portal.example"+path, http.NoBody)
	r.Header.Set("Test-Visitor", visitor)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	res := w.Result()
	defer res.Body.Close() //nolint:errcheck // It is in memory.
	body, err := io.ReadAll(res.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return res, string(body)
}

// mainOf is what of a page is between <main> and </main>.
func mainOf(body string) string {
	_, body, _ = strings.Cut(body, "<main")
	body, _, _ = strings.Cut(body, "</main>")
	return body
}
