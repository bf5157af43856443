package content

import (
	"html/template"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/model/site"
)

var logo = map[string]site.Medium{"logo.png": {Type: "image/png", Digest: strings.Repeat("a", 64), Size: 1}}

// drawn is all HTML of a page, with lists in brackets, and its faults.
func drawn(text string) (string, []Fault) {
	p, faults := newRenderer().draw("p", site.Page{Title: "P", Text: text}, logo)
	var b strings.Builder
	for _, piece := range p.Pieces {
		if piece.List != "" {
			b.WriteString("[" + piece.List + " " + piece.Tag + "]")
		}
		b.WriteString(string(piece.HTML))
	}
	return b.String(), faults
}

func TestBlocks(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"markdown", "Hello *you*.", "<p>Hello <em>you</em>.</p>\n"},
		{"hero", "::: hero\n# Hi\n:::\n", "<section class=\"c-hero\"><div class=\"c-hero-text\">\n<h1 id=\"c-hi\">Hi</h1>\n</div>\n</section>\n"},
		{"cards", "::: cards\nA\n+++\nB\n:::", "<div class=\"c-cards\">\n<div class=\"c-card\">\n<p>A</p>\n</div>\n" +
			"<div class=\"c-card\">\n<p>B</p>\n</div>\n</div>\n"},
		{"columns", "::: columns\nA\n:::", "<div class=\"c-columns\">\n<div class=\"c-column\">\n<p>A</p>\n</div>\n</div>\n"},
		{"notice", "::: notice kind=warning\nCare.\n:::",
			"<div class=\"notice warning\" role=\"note\"><div><p><strong>Warning</strong></p>\n<p>Care.</p>\n</div></div>\n"},
		{"button", `::: button href=/apis label="All APIs" :::`, "<p><a class=\"button\" href=\"/apis\">All APIs</a></p>\n"},
		{"second button", `::: button href=/a label=B kind=secondary :::`, "<p><a class=\"button secondary\" href=\"/a\">B</a></p>\n"},
		{"image", `::: image file=logo.png alt="Our \ logo" :::`,
			"<img class=\"c-image\" src=\"/media/" + strings.Repeat("a", 64) + "/logo.png\" alt=\"Our \\ logo\">\n"},
		{"picture", `![us](/media/logo.png)`, "<p><img src=\"/media/" + strings.Repeat("a",
			64) + "/logo.png\" alt=\"us\" loading=\"lazy\"></p>\n"},
		{"lists", "a\n::: apis tag=x limit=3 :::\nb\n::: products :::", "<p>a</p>\n[apis x]<p>b</p>\n[products ]"},
		{"list in a hero", "::: hero\n::: apis :::\n:::", "<section class=\"c-hero\"><div class=\"c-hero-text\">\n[apis ]</div>\n</section>\n"},
		{"contents", "::: contents :::\n## One\n### Two & more\n",
			"<nav class=\"c-contents\" aria-label=\"On this page\"><ul>\n<li class=\"c-rank-2\"><a href=\"#c-one\">One</a></li>\n" +
				"<li class=\"c-rank-3\"><a href=\"#c-two-more\">Two &amp; more</a></li>\n</ul></nav>\n" +
				"<h2 id=\"c-one\">One</h2>\n<h3 id=\"c-two-more\">Two &amp; more</h3>\n"},
		{"ranks go on", "## A\n::: cards\n### B\n:::\n",
			"<h2 id=\"c-a\">A</h2>\n<div class=\"c-cards\">\n<div class=\"c-card\">\n<h3 id=\"c2-b\">B</h3>\n</div>\n</div>\n"},
		{"one first heading", "# A\n::: notice\n# B\n:::",
			"<h1 id=\"c-a\">A</h1>\n" +
				"<div class=\"notice info\" role=\"note\"><div><p><strong>Note</strong></p>\n<h2 id=\"c2-b\">B</h2>\n</div></div>\n"},
		{"html", "::: html\n<p class=\"lead\" onclick=\"x()\">A <b>b</b><script>alert(1)</script></p>\n::: hero\n:::",
			"<p class=\"lead\">A <b>b</b></p>\n::: hero\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, faults := drawn(tt.text)
			if diff := cmp.Diff(tt.want, got); diff != "" || len(faults) != 0 {
				t.Errorf("faults %v (-want +got):\n%s", faults, diff)
			}
		})
	}
}

// TestColonsInCode leaves what looks like a block inside of fenced code alone.
func TestColonsInCode(t *testing.T) {
	got, faults := drawn("```\n::: hero\n```\n::: notice\n~~~\n:::\n~~~\n:::\n")
	if len(faults) != 0 || !strings.Contains(got, "<code>::: hero") || !strings.Contains(got, "<code>:::") ||
		strings.Contains(got, "c-hero") {
		t.Errorf("faults %v in\n%s", faults, got)
	}
}

func TestFaults(t *testing.T) {
	tests := []struct {
		name, text string
		line       int
		want       string
	}{
		{"unknown block", "a\n::: herro\n:::", 2, `there is no block "herro"`},
		{"no end", "::: hero\n# A", 1, "has no end"},
		{"end of nothing", "a\n\n:::", 3, "none is open"},
		{"unknown setting", "::: hero size=9 :::", 1, `has no setting "size"`},
		{"no setting", "::: hero big :::", 1, "is no setting"},
		{"open quotes", `::: button label="a href=/ :::`, 1, "has no end"},
		{"missing setting", "::: button label=a :::", 1, "needs the setting href"},
		{"script address", "::: button label=a href=javascript:alert(1) :::", 1, "is neither a path"},
		{"far limit", "::: apis limit=51 :::", 1, "is no number from 1 to 50"},
		{"missing image", "::: image file=x.png alt= :::", 1, `no image "x.png"`},
		{"text where none is", "::: apis\nText\n:::", 2, "takes no text"},
		{"too deep", "::: hero\n::: hero\n::: hero\n::: hero\n:::\n:::\n:::\n:::", 4, "limit MaxBlockDepth"},
		{"too many", strings.Repeat("::: apis :::\n", MaxBlocks+1), MaxBlocks + 1, "limit MaxBlocks"},
		{"too many cards", "::: cards\n" + strings.Repeat("+++\n", MaxBlocks+1) + ":::", MaxBlocks + 1, "limit MaxBlocks"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, faults := drawn(tt.text)
			if len(faults) == 0 || faults[0].Line != tt.line || !strings.Contains(faults[0].Text, tt.want) {
				t.Errorf("got %v, want line %d: %s", faults, tt.line, tt.want)
			}
		})
	}
}

// hostile are texts that would run, load or break out where they are not taken
// apart.
func hostile(tb testing.TB) []string {
	tb.Helper()
	data, err := os.ReadFile("testdata/hostile.txt")
	if err != nil {
		tb.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(data)), "\n")
}

// dangers are what no page may have. Attributes are looked for inside of tags only.
func dangers(html string) string {
	_, lower, _ := strings.Cut(strings.ToLower(html), "<")
	for tag := range strings.SplitSeq(lower, "<") {
		tag, _, _ = strings.Cut(tag, ">")
		name := strings.TrimLeft(strings.SplitN(tag+" ", " ", 2)[0], "/")
		switch name {
		case "script", "style", "iframe", "object", "embed", "form", "input", "link", "meta", "base", "svg", "math", "video", "audio",
			"textarea", "button", "template":
			return "<" + tag
		}
		quoted := false
		for part := range strings.SplitSeq(tag, `"`) {
			if !quoted && (strings.Contains(part, " on") || strings.Contains(part, "style=") || strings.Contains(part, "srcdoc")) {
				return tag
			}
			if quoted && (strings.HasPrefix(strings.TrimSpace(part), "javascript:") || strings.HasPrefix(strings.TrimSpace(part), "data:") ||
				strings.HasPrefix(strings.TrimSpace(part), "vbscript:")) {
				return tag
			}
			quoted = !quoted
		}
	}
	return ""
}

// TestHostileTexts puts hostile texts into every place of a page.
func TestHostileTexts(t *testing.T) {
	places := []string{"%", "::: html\n%\n:::", "::: hero\n%\n:::", "::: notice\n%\n:::", "::: cards\n%\n+++\n%\n:::",
		"::: button href=/ label=\"%\" :::", "::: button href=% label=x :::", "::: image file=logo.png alt=\"%\" :::", "# %\n::: contents :::"}
	n := 0
	for _, text := range hostile(t) {
		for _, place := range places {
			got, _ := drawn(strings.ReplaceAll(place, "%", text))
			if danger := dangers(got); danger != "" {
				t.Errorf("%q in %q gives %q:\n%s", text, place, danger, got)
			}
			n++
		}
	}
	t.Logf("%d texts in %d places: 0 that run (limit 0)", n/len(places), len(places))
}

// TestDangers is the negative control: what TestHostileTexts looks for is found.
func TestDangers(t *testing.T) {
	for _, text := range []string{`<script>`, `<p onclick="x">`, `<a href="javascript:x">`, `<p style="x">`, `<iframe src="x">`,
		`<img src="/x" onerror=alert(1)>`} {
		if dangers(text) == "" {
			t.Errorf("%q passes", text)
		}
	}
}

func TestDefaultContent(t *testing.T) {
	c := Default("Contoso <b>[x](y)")
	if problems := c.Validate(); len(problems) != 0 {
		t.Fatal(problems)
	}
	p, faults := newRenderer().draw(site.HomePage, c.Pages[site.HomePage], nil)
	if len(faults) != 0 || !p.Headed {
		t.Errorf("faults %v, headed %v", faults, p.Headed)
	}
	if got := string(p.Pieces[0].HTML); !strings.Contains(got, "Contoso &lt;b&gt;[x](y) APIs</h1>") {
		t.Errorf("the name is not as it is:\n%s", got)
	}
}

func FuzzDraw(f *testing.F) {
	for _, text := range hostile(f) {
		f.Add("::: html\n" + text + "\n:::\n" + text)
	}
	f.Add("::: cards\n### A\n+++\nB\n:::\n::: button href=/ label=\"a b\" :::\n::: contents :::\n# A\n")
	r := newRenderer()
	f.Fuzz(func(t *testing.T, text string) {
		p, faults := r.draw("p", site.Page{Title: "P", Text: text}, logo)
		if len(faults) > maxFaults+MaxBlocks {
			t.Errorf("%d faults", len(faults))
		}
		var all template.HTML
		for _, piece := range p.Pieces {
			all += piece.HTML
		}
		if danger := dangers(string(all)); danger != "" {
			t.Errorf("%q gives %q", text, danger)
		}
	})
}
