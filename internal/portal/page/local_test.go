package page_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/portal/page"
)

func FuzzLocalPath(f *testing.F) {
	for _, text := range append(elsewhere, "/", "/apis/echo?rev=2", "/a%20b", "/apis?x=https://y.example") {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		local, ok := page.LocalPath(text)
		if !ok {
			return
		}
		base := &url.URL{Scheme: "https", Host: "portal.example.com", Path: "/signin"}
		u, err := base.Parse(local)
		if err != nil || u.Scheme != "https" || u.Host != "portal.example.com" || strings.ContainsAny(local, "\\\r\n\t") {
			t.Errorf("%q leads to %v, %v", text, u, err)
		}
	})
}

// elsewhere are addresses that lead away from the portal in some browser, or try
// to.
var elsewhere = []string{
	"", "https://evil.example/", "HTTPS://evil.example", "//evil.example", "///evil.example", "////evil.example/%2f..", "/\\evil.example",
	"\\\\evil.example", "/\\/evil.example", "\\/evil.example", "/\t/evil.example", "/\n/evil.example", "/\r/evil.example", "\t//evil.example",
	" //evil.example", "/ /evil.example", "/.//evil.example", "/..//evil.example", "/apis//evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
	"data:text/html,x", "vbscript:x", "mailto:x@evil.example", "evil.example", "www.evil.example", "evil.example/apis", "?return=//evil.example",
	"#//evil.example", "http:evil.example", "https:/evil.example", "http:\\\\evil.example", "//portal.example.com@evil.example", "/%", "/%zz",
	"/x\x00", "/x\r\nSet-Cookie: a=b", "/x\u2028", "/\u2215evil.example", "/\uff0fevil.example", "https://portal.example.com", "https:evil.example",
	"/" + strings.Repeat("a", 4000), ".//evil.example", "../evil.example", "@evil.example", ":443", "//[::1]/", "/\x7f", "/\u00a0/evil.example",
}
