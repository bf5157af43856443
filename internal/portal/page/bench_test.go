package page_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/sallyport/sallyport/internal/portal/page"
)

// BenchmarkPage answers with the gallery, which has each partial once or more: the
// frame, a form, tables. The bytes are those before compression.
func BenchmarkPage(b *testing.B) {
	site, err := page.New(page.Options{URL: &url.URL{Scheme: "https", Host: "portal.example.com"}, Sections: []*page.Section{gallery()}})
	if err != nil {
		b.Fatal(err)
	}
	for name, encoding := range map[string]string{"plain": "", "gzip": "gzip"} {
		b.Run(name, func(b *testing.B) {
			r := httptest.NewRequest(http.MethodGet, "https://portal.example.com/", nil)
			r.Header.Set("Accept-Encoding", encoding)
			b.ReportAllocs()
			for b.Loop() {
				w := httptest.NewRecorder()
				site.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatalf("status %d", w.Code)
				}
				b.ReportMetric(float64(w.Body.Len()), "B/page")
			}
		})
	}
}
