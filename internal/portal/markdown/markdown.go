// Package markdown makes HTML of the Markdown that is stored in a service: descriptions of APIs, operations
// and products, notes of releases, pages. What it reads was written by many hands and imported from anywhere,
// so nothing of it is trusted: raw HTML is never passed on, links and images are checked, and the work and the
// result are bounded. What it makes may be put on a page as it is.
package markdown

import (
	"bytes"
	"errors"
	"html"
	"html/template"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// The limits of one document.
const (
	// MaxSource is how many bytes are read; the rest is left out, with a sentence that says so.
	MaxSource = 128 << 10
	// MaxOutput is how many bytes of HTML are made. A document that would have more is shown as plain text.
	MaxOutput = 1 << 20
	// MaxDepth is how many lists and quotations may stand inside each other.
	MaxDepth = 16
	// MaxColumns is how many columns a table may have.
	MaxColumns = 64
	// MaxCells is how many cells a table may have.
	MaxCells = 10_000
	// MaxBrackets is how many brackets one paragraph may open; behind them another one begins.
	MaxBrackets = 1000
	// MaxURL bounds the address of a link or an image, in bytes.
	MaxURL = 2048
	// MaxHeadings is how many headings have an anchor.
	MaxHeadings = 500
)

// Options say how a document stands on its page. The zero value is for a description on a page whose title is
// its only <h1>.
type Options struct {
	// Level is the level of the document's first headings, 2 where it is 0. Levels are never skipped.
	Level int
	// Prefix begins the anchors of headings, "doc-" where it is empty, so that they are nobody else's.
	Prefix string
	// Image decides about an address of an image, which is local and well formed: it returns the address to
	// use, or false to show the text in its place. All are used as they are where it is nil.
	Image func(address string) (string, bool)
}

// Heading is a heading of a document, for a table of contents.
type Heading struct {
	// Level is the level of the heading as it is rendered, and ID its anchor.
	Level    int
	ID, Text string
}

// Document is Markdown as it is shown.
type Document struct {
	HTML     template.HTML
	Headings []Heading
}

// Render makes HTML of a text. Any text has a result.
func Render(source string, o Options) template.HTML { return RenderDocument(source, o).HTML }

// RenderDocument makes HTML of a text and lists its headings.
func RenderDocument(source string, o Options) Document {
	if strings.TrimSpace(source) == "" {
		return Document{}
	}
	if o.Level == 0 {
		o.Level = 2
	}
	if o.Prefix == "" {
		o.Prefix = "doc-"
	}
	source, whole := bound(source)
	check := &checker{options: o}
	out := &bounded{}
	root := parse(source)
	check.document(root, []byte(source))
	if err := htmlRenderer().Render(out, []byte(source), root); err != nil || out.full {
		return Document{HTML: plain(source)}
	}
	if !whole {
		out.b.WriteString("<p><em>The rest of this text is left out: it is too long.</em></p>\n")
	}
	return Document{HTML: template.HTML(out.b.String()), Headings: check.headings} //nolint:gosec // It is made to be HTML here.
}

// Text returns the first words of a document as plain text on one line, at most maxRunes characters long: what
// stands before its second heading, without headings, tables and code where there is anything else.
func Text(source string, maxRunes int) string {
	source, _ = bound(source)
	e := excerpt{source: []byte(source), enough: maxRunes*4 + 64}
	root := parse(source)
	_ = ast.Walk(root, e.visit) // It returns no error.
	if strings.TrimSpace(e.b.String()) == "" {
		e.everything = true
		_ = ast.Walk(root, e.visit) // As above.
	}
	return shorten(strings.Join(strings.Fields(html.UnescapeString(e.b.String())), " "), maxRunes)
}

// excerpt collects the first words of a document.
type excerpt struct {
	b          strings.Builder
	source     []byte
	enough     int
	everything bool
}

func (e *excerpt) visit(n ast.Node, entering bool) (ast.WalkStatus, error) {
	if e.b.Len() > e.enough {
		return ast.WalkStop, nil
	}
	if !entering {
		if n.Type() == ast.TypeBlock {
			e.b.WriteByte(' ')
		}
		return ast.WalkContinue, nil
	}
	switch n := n.(type) {
	case *ast.Heading, *east.Table:
		if e.everything {
			return ast.WalkContinue, nil
		}
		if _, isHeading := n.(*ast.Heading); isHeading && strings.TrimSpace(e.b.String()) != "" {
			return ast.WalkStop, nil
		}
		return ast.WalkSkipChildren, nil
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		return ast.WalkSkipChildren, nil
	case *ast.Text:
		e.b.Write(n.Value(e.source))
		if n.SoftLineBreak() || n.HardLineBreak() {
			e.b.WriteByte(' ')
		}
	case *ast.String:
		e.b.Write(n.Value)
	case *ast.AutoLink:
		e.b.Write(n.Label(e.source))
	case *ast.RawHTML:
		e.b.WriteByte(' ')
	}
	return ast.WalkContinue, nil
}

// shorten cuts a text after a word.
func shorten(s string, maxRunes int) string {
	runes := []rune(s)
	if len(runes) <= maxRunes {
		return s
	}
	cut := string(runes[:max(maxRunes-1, 0)])
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)/2 && maxRunes > 0 && runes[maxRunes-1] != ' ' {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " .,;:") + "…"
}

// parse reads GitHub's Markdown without blocks of HTML: what would be one is a paragraph, of which the tags
// are dropped and the text stays.
func parse(source string) ast.Node {
	var blocks []util.PrioritizedValue
	for _, b := range parser.DefaultBlockParsers() {
		if b.Priority != htmlBlockPriority {
			blocks = append(blocks, b)
		}
	}
	p := parser.NewParser(
		parser.WithBlockParsers(blocks...),
		parser.WithInlineParsers(parser.DefaultInlineParsers()...),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
	)
	m := goldmark.New(goldmark.WithParser(p), goldmark.WithExtensions(extension.GFM))
	return m.Parser().Parse(text.NewReader([]byte(source)))
}

// htmlBlockPriority is the place of goldmark's parser for blocks of HTML, which is left out.
const htmlBlockPriority = 900

func htmlRenderer() renderer.Renderer {
	m := goldmark.New(goldmark.WithExtensions(extension.GFM))
	m.Renderer().AddOptions(renderer.WithNodeRenderers(util.Prioritized(blocks{}, blocksPriority)))
	return m.Renderer()
}

// plain is a text that is not rendered, shown as it was written.
func plain(source string) template.HTML {
	if len(source) > MaxOutput/8 {
		source = strings.ToValidUTF8(source[:MaxOutput/8], "")
	}
	return template.HTML(`<pre class="plain">` + html.EscapeString(source) + "</pre>\n") //nolint:gosec // It is escaped.
}

// errFull ends a rendering that is too long.
var errFull = errors.New("the document is too long")

// bounded takes what fits into MaxOutput.
type bounded struct {
	b    bytes.Buffer
	full bool
}

func (w *bounded) Write(p []byte) (int, error) {
	if w.b.Len()+len(p) > MaxOutput {
		w.full = true
		return 0, errFull
	}
	return w.b.Write(p)
}
