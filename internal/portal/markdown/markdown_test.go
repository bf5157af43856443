package markdown_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/sallyport/sallyport/internal/portal/markdown"
)

func TestRender(t *testing.T) {
	tests := []struct{ name, source, want string }{
		{"nothing", " \n", ""},
		{"paragraphs", "One *two*\n\nThree", "<p>One <em>two</em></p>\n<p>Three</p>\n"},
		{"levels are not skipped", "### A\n# B\n##### C\n", `<h2 id="doc-a">A</h2>` + "\n" +
			`<h2 id="doc-b">B</h2>` + "\n" + `<h3 id="doc-c">C</h3>` + "\n"},
		{"equal anchors differ", "# A\n# A\n", `<h2 id="doc-a">A</h2>` + "\n" + `<h2 id="doc-a-2">A</h2>` + "\n"},
		{"no attributes of headings", "# A {onclick=x}\n", `<h2 id="doc-a-onclick-x">A {onclick=x}</h2>` + "\n"},
		{"a link", "[a](https://example.com/x)", `<p><a href="https://example.com/x" rel="noopener noreferrer">a</a></p>` + "\n"},
		{"a link of ours", "[a](/apis/x?y=1#z)", `<p><a href="/apis/x?y=1#z">a</a></p>` + "\n"},
		{"a link with a query", "[a](/x?a=1&b=&lt;2)", `<p>a</p>` + "\n"},
		{"a link with references", "[a](/x?a=1&amp;b=2)", `<p><a href="/x?a=1&amp;b=2">a</a></p>` + "\n"},
		{"a link to nowhere", "[a **b**](javascript:alert(1))", "<p>a <strong>b</strong></p>\n"},
		{"a link without scheme to a host", "[a](//evil.example)", "<p>a</p>\n"},
		{"an address", "See https://example.com.", `<p>See <a href="https://example.com" rel="noopener noreferrer">https://example.com</a>.</p>` + "\n"},
		{"an address of mail", "<ann@example.com>", `<p><a href="mailto:ann@example.com" rel="noopener noreferrer">ann@example.com</a></p>` + "\n"},
		{"a scheme that is not known", "<data:text/html,x>", "<p>data:text/html,x</p>\n"},
		{"a picture", "![Logo](/media/logo.png)", `<p><img src="/media/logo.png" alt="Logo" loading="lazy"></p>` + "\n"},
		{"a picture of others", "![Logo](https://e.example/p.png)", `<p><a href="https://e.example/p.png" rel="noopener noreferrer">Logo</a></p>` + "\n"},
		{"raw HTML", "a<script>alert(1)</script> <b onclick=x>b</b>", "<p>aalert(1) b</p>\n"},
		{"a block of HTML", "<div onclick=\"x\">\nText<br>more</div>\n", "<p>\nText<br>more</p>\n"},
		{"paragraphs of HTML", "<p>One</p><p>Two</p>", "<p>One<br>Two</p>\n"},
		{"code", "```go\nif a < b {\n```\n", `<div class="code" data-copy><pre tabindex="0"><code class="language-go">if a &lt; b {` + "\n</code></pre></div>\n"},
		{"a language that is none", "```\"onclick=x\nx\n```\n", `<div class="code" data-copy><pre tabindex="0"><code>x` + "\n</code></pre></div>\n"},
		{"a table", "|a|\n|-|\n|b|\n", `<div class="scroll" tabindex="0"><table class="table">` + "\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>b</td>\n</tr>\n</tbody>\n</table></div>\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, strings.ReplaceAll(string(markdown.Render(test.source, markdown.Options{})), "<br>\n", "<br>")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDocumentListsHeadings(t *testing.T) {
	got := markdown.RenderDocument("# Über `uns`\n\ntext\n\n## Weiter\n", markdown.Options{Level: 3, Prefix: "p-"}).Headings
	want := []markdown.Heading{{Level: 3, ID: "p-über-uns", Text: "Über uns"}, {Level: 4, ID: "p-weiter", Text: "Weiter"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestImagesAreDecided(t *testing.T) {
	o := markdown.Options{Image: func(a string) (string, bool) { return "/m" + a, a != "/no" }}
	got := string(markdown.Render("![a](/x) ![b](/no)", o))
	if want := `<p><img src="/m/x" alt="a" loading="lazy"> b</p>` + "\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestText(t *testing.T) {
	tests := []struct {
		name, source string
		max          int
		want         string
	}{
		{"nothing", "", 10, ""},
		{"marks are dropped", "# Title\n\nSome *text* with [a link](https://x.example) &amp; `code`.", 100, "Some text with a link & code."},
		{"nothing but a heading", "# Title\n", 100, "Title"},
		{"it ends at the next heading", "# Title\n\nOne\n\n|a|\n|-|\n\n- two\n\n## More\n\nthree", 100, "One two"},
		{"HTML is dropped", "<p>Hello<br>you</p>", 100, "Hello you"},
		{"it ends after a word", "one two three four", 14, "one two three…"},
		{"one long word", strings.Repeat("ä", 20), 5, "ääää…"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := markdown.Text(test.source, test.max); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// hostile are texts that others have used against pages like ours.
var hostile = []string{
	`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `<svg/onload=alert(1)>`, `<a href="javascript:alert(1)">x</a>`,
	`[x](javascript:alert(1))`, `[x](JaVaScRiPt:alert(1))`, "[x](java\tscript:alert(1))", `[x](&#106;avascript:alert(1))`,
	`[x](javascript&colon;alert(1))`, `[x](\x01javascript:alert(1))`, `[x](data:text/html;base64,PHNjcmlwdD4=)`, `[x](vbscript:x)`,
	`![x](javascript:alert(1))`, `![x" onerror="alert(1)](/y)`, `![x](/y" onerror="alert(1))`, `![x](/y 'a" onerror="alert(1)')`,
	`[x](/y "a\" onclick=\"alert(1)")`, `[x]: javascript:alert(1)` + "\n\n[x]", `<javascript:alert(1)>`, "<https://x\"onclick=alert(1)>",
	"```\"><script>alert(1)</script>\nx\n```", "# <script>alert(1)</script>", "|<script>|\n|-|\n|<img onerror=x>|", `https://x.example/"onmouseover="alert(1)`,
	`<!--><script>alert(1)</script>-->`, `<![CDATA[<script>alert(1)</script>]]>`, `<?php <script>alert(1)</script> ?>`,
	`</p></div></main><script>alert(1)</script>`, `<iframe srcdoc="<script>alert(1)</script>">`, `<form action=https://evil.example>`,
	`<style>*{display:none}</style>`, `<base href=https://evil.example>`, `<meta http-equiv=refresh content=0>`, `[x](//evil.example)`, `[x](/\evil.example)`,
	`[x](https://user:pass@evil.example)`, "[x](http://[::1]:namedport)", "- [ ] <input onfocus=alert(1)>", "{onclick=alert(1)}", "# x {#y onclick=alert(1)}",
}

func TestHostileTexts(t *testing.T) {
	for _, source := range hostile {
		checkSafe(t, source, string(markdown.Render(source, markdown.Options{})))
	}
}

// TestCostlyTexts renders texts that are made to keep a parser busy: without the limits of this package most of
// them take minutes or gigabytes, and the test does not end.
func TestCostlyTexts(t *testing.T) {
	const n = markdown.MaxSource / 2
	link := "[a]: http://x/" + strings.Repeat("x", n/2) + "\n\n" + strings.Repeat("[a]", n/6)
	texts := []string{
		link, "|" + strings.Repeat("a|", 2000) + "\n|" + strings.Repeat("-|", 2000) + "\n" + strings.Repeat("|\n", n/2),
		"|a|b|\n|-|-|\n" + strings.Repeat("|\n", n/2),
	}
	for _, part := range []string{
		"[", "![", "[a](", "[![a](b)", ">", "> > > > a\n", "*a ", "**a _b ", "`a``b", "<a ", "<!-- ", "- a\n  ", "1) ", "&amp", "a\n=\n", "www.", "~a ~~b ", "[x]: y\n",
	} {
		texts = append(texts, strings.Repeat(part, n/len(part)))
	}
	for _, source := range texts {
		if got := markdown.Render(source, markdown.Options{}); len(got) > markdown.MaxOutput+1000 {
			t.Errorf("%q…: %d bytes of HTML", source[:20], len(got))
		}
		markdown.Text(source, 200)
	}
}

func TestWhatIsTooLongIsCutAndSaidSo(t *testing.T) {
	got := string(markdown.Render(strings.Repeat("word ", markdown.MaxSource/5+10), markdown.Options{}))
	if !strings.Contains(got, "left out") {
		t.Error("nothing says that the rest is left out")
	}
}

// allowed are the elements and attributes that may come out.
var allowed = map[string]string{
	"h1": "id", "h2": "id", "h3": "id", "h4": "id", "h5": "id", "h6": "id", "p": "", "br": "", "hr": "", "em": "", "strong": "",
	"del": "", "code": "class", "pre": "class tabindex", "blockquote": "", "ul": "", "ol": "start", "li": "",
	"a": "href title rel", "img": "src alt title loading", "div": "class tabindex data-copy", "table": "class", "thead": "", "tbody": "",
	"tr": "", "th": "align", "td": "align", "input": "checked disabled type",
}

// checkSafe fails if a document has an element, an attribute or an address that it must not have.
func checkSafe(t *testing.T, source, rendered string) {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(rendered))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if !errors.Is(z.Err(), io.EOF) {
				t.Errorf("%q: %v", source, z.Err())
			}
			return
		case html.CommentToken, html.DoctypeToken:
			t.Errorf("%q: a comment or a doctype in %s", source, rendered)
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			if problem := unsafe(z.Token()); problem != "" {
				t.Errorf("%q: %s in %s", source, problem, rendered)
			}
		}
	}
}

func unsafe(token html.Token) string {
	attributes, ok := allowed[token.Data]
	if !ok {
		return "the element " + token.Data
	}
	for _, a := range token.Attr {
		if !strings.Contains(" "+attributes+" ", " "+a.Key+" ") {
			return fmt.Sprintf("the attribute %s of %s", a.Key, token.Data)
		}
		if a.Key == "href" || a.Key == "src" {
			if _, ok := markdown.Link(a.Val); !ok {
				return fmt.Sprintf("the address %q", a.Val)
			}
			if a.Key == "src" && !strings.HasPrefix(a.Val, "/") {
				return fmt.Sprintf("the picture %q", a.Val)
			}
		}
	}
	return ""
}

func FuzzRender(f *testing.F) {
	for _, source := range hostile {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		checkSafe(t, source, string(markdown.Render(source, markdown.Options{})))
		if got := []rune(markdown.Text(source, 50)); len(got) > 50 {
			t.Errorf("%q: a text of %d characters", source, len(got))
		}
	})
}
