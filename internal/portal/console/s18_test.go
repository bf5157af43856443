package console

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// attacks are texts that run where HTML is not escaped, for each place in it.
var attacks = []string{
	`<script>alert(1)</script>`, `</script><script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'><svg/onload=alert(1)>`, `</code></pre><script>alert(1)</script>`,
	`</textarea><script>alert(1)</script>`, `</template><script>alert(1)</script>`, `</title><script>alert(1)</script>`, `--><script>alert(1)</script>`, `]]><script>alert(1)</script>`,
	`<iframe srcdoc="<script>alert(1)</script>">`, `<a href="javascript:alert(1)">x</a>`, `" onfocus="alert(1)" autofocus="`, `' onmouseover='alert(1)`, `<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>`,
	`<details open ontoggle=alert(1)>`, `javascript:alert(1)`, `data:text/html,<script>alert(1)</script>`, `<meta http-equiv=refresh content="0;url=javascript:alert(1)">`, `<base href=//evil.example>`, `<link rel=stylesheet href=//evil.example>`,
	`<form action=//evil.example><button>x`, `<object data=//evil.example>`, `<embed src=//evil.example>`, `{{.CSRF}}`, `<style>@import url(//evil.example)</style>`, "<scr\x00ipt>alert(1)</script>", `&lt;script&gt;alert(1)&lt;/script&gt;`, "\u2028<img src=x onerror=alert(1)>",
}

// hostileMedia are content types that make browsers render, or try to.
var hostileMedia = []string{
	"text/html", "text/html; charset=utf-7", "image/svg+xml", "application/xhtml+xml", "text/xml", "application/json", "text/plain", "application/javascript", "image/png", "image/png, text/html",
	"multipart/x-mixed-replace; boundary=x", "", "nonsense", `text/html"><script>alert(1)</script>`, "application/pdf", "text/event-stream", "application/octet-stream", "font/woff2",
}

// findings are what a page has that no page of ours has, whatever it shows.
func findings(t *testing.T, text string) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			found = append(found, elementFindings(n)...)
		}
	}
	return found
}

func elementFindings(n *html.Node) (found []string) {
	switch n.Data {
	case "iframe", "object", "embed", "base", "style", "math", "applet":
		found = append(found, "the element "+n.Data)
	case "script":
		if src := attribute(n, "src"); !strings.HasPrefix(src, "/assets/") || n.FirstChild != nil {
			found = append(found, "a script")
		}
	}
	for _, a := range n.Attr {
		value := strings.ToLower(strings.TrimSpace(a.Val))
		switch {
		case strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "srcdoc" || a.Key == "http-equiv":
			found = append(found, "the attribute "+a.Key)
		case a.Key == "href" || a.Key == "src" || a.Key == "action" || a.Key == "formaction":
			download := n.Data == "a" && attribute(n, "download") != "" && strings.HasPrefix(value, "data:application/octet-stream;base64,")
			image := n.Data == "img" && strings.HasPrefix(value, "data:image/png;base64,")
			if !strings.HasPrefix(value, "/") && !strings.HasPrefix(value, "#") && !download && !image || strings.HasPrefix(value, "//") {
				found = append(found, "the address "+value)
			}
		}
	}
	return found
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// hostile answers with an attack in body, header, trailer and reason.
func hostile(w http.ResponseWriter, r *http.Request) {
	attack, err := base64.RawURLEncoding.DecodeString(r.Header.Get("X-Attack"))
	if err != nil {
		return
	}
	clean := strings.NewReplacer("\x00", "", "\n", "", "\u2028", "").Replace(string(attack))
	h := w.Header()
	h["Content-Type"] = []string{r.Header.Get("X-Media")}
	h.Set("X-Hostile", clean)
	h.Set("Location", clean)
	h.Set("Link", "<//evil.example>; rel=stylesheet")
	h.Set("Refresh", "0;url=javascript:alert(1)")
	h.Set("Set-Cookie", "csrf=evil; Path=/")
	h.Set("Content-Security-Policy", "default-src *")
	h.Set("Trailer", "X-End")
	_, _ = w.Write(attack)
	h.Set("X-End", clean)
}

// TestS18_ConsoleShowsAnswersAsText has a backend answer attacks, in each media
// type and in each part of an answer, and the visitor write them into each field:
// nothing of them is an element, an attribute or an address of the page.
func TestS18_ConsoleShowsAnswersAsText(t *testing.T) {
	p := newPortal(t, hostile)
	pages := 0
	for i, attack := range attacks {
		for _, media := range []string{hostileMedia[i%len(hostileMedia)], "text/html", "image/svg+xml"} {
			// The portal's own limit is not what is tested here.
			p.fresh()
			typed := strings.ReplaceAll(attack, "\x00", "") // The frame refuses forms with such bytes.
			answer, text := p.post(orderPath, "path.id", "7"+strings.NewReplacer("/", "", `\`, "").Replace(typed), "query.size", typed, "form."+typed, typed,
				"morequery", "q="+typed, "media", "text/plain", "body", typed,
				"moreheaders", "X-Media: "+clean(media)+"\nX-Attack: "+base64.RawURLEncoding.EncodeToString([]byte(attack)))
			pages++
			if answer.StatusCode != http.StatusOK {
				t.Fatalf("%q as %s: %d", attack, media, answer.StatusCode)
			}
			for _, finding := range findings(t, text) {
				t.Errorf("%q as %s: %s", attack, media, finding)
			}
			if csp := answer.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'; script-src 'self'; style-src 'self';") || len(answer.Header.Values("Content-Security-Policy")) != 1 {
				t.Errorf("policy: %s", csp)
			}
			for _, name := range []string{"X-Hostile", "Refresh", "Link", "Location"} {
				if answer.Header.Get(name) != "" {
					t.Errorf("%s of the backend is the page's own", name)
				}
			}
		}
	}
	for _, c := range p.client.Jar.Cookies(nil) {
		if c.Name == "csrf" {
			t.Error("a cookie of the backend became the portal's")
		}
	}
	fmt.Printf("S18: console: 0 findings in %d pages of hostile answers (0)\n", pages)
}

func clean(media string) string { return strings.Trim(media, " ") }

// fresh gives the next requests another client, whose limits are untouched.
func (p *portal) fresh() {
	p.n++
}

// TestS18_ConsoleShowsAnswersAsText_NegativeControl puts attacks into a page as
// they are: the test's eyes see them.
func TestS18_ConsoleShowsAnswersAsText_NegativeControl(t *testing.T) {
	seen := 0
	for _, attack := range attacks {
		if len(findings(t, `<!doctype html><p title="`+attack+`"><code>`+attack+`</code><textarea>`+attack+`</textarea></p>`)) > 0 {
			seen++
		}
	}
	if seen < len(attacks)*3/4 {
		t.Errorf("only %d of %d attacks were seen", seen, len(attacks))
	}
}

// TestStream_IsNoPage has the same answers streamed: what comes is JSON that no
// browser renders.
func TestStream_IsNoPage(t *testing.T) {
	p := newPortal(t, hostile)
	fields, media := form(t, "path.id", "7", "moreheaders", "X-Media: text/html\nX-Attack: "+base64.RawURLEncoding.EncodeToString([]byte(attacks[0])))
	answer, text := p.do(http.MethodPost, orderPath+"/send", fields, "Content-Type", media, "X-CSRF-Token", p.token(orderPath))
	if answer.Header.Get("Content-Type") != "application/x-ndjson; charset=utf-8" || answer.Header.Get("X-Content-Type-Options") != "nosniff" ||
		!strings.Contains(answer.Header.Get("Content-Security-Policy"), "default-src 'none'") || strings.Contains(text, "<script") {
		t.Errorf("%v %s", answer.Header, text)
	}
	lines := json.NewDecoder(strings.NewReader(text))
	for {
		var f received
		if err := lines.Decode(&f); err == io.EOF { //nolint:errorlint // It is the decoder's own.
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
