package content

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"regexp"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/model/site"
	"github.com/sallyport/sallyport/internal/portal/markdown"
)

// Page is a page that is ready to be shown.
type Page struct {
	site.Page
	Slug string
	// Pieces are the page from its top to its end.
	Pieces []Piece
	// Headed says that the page has a heading of the first rank of its own.
	Headed bool
}

// Piece is HTML, or a list that is made for each visitor.
type Piece struct {
	HTML template.HTML
	// List is "apis" or "products"; "" for HTML. Limit is how many of them are
	// shown, and Tag the tag that they must have, or "".
	List  string
	Limit int
	Tag   string
}

// defaultListed is how many APIs or products are shown where a page does not say.
const defaultListed = 6

// renderer makes pages of their texts.
type renderer struct{ cleaner *cleaner }

func newRenderer() *renderer { return &renderer{newCleaner()} }

// draw makes a page. Faults are what is wrong with its text; the page is then
// what could be read of it.
func (r *renderer) draw(slug string, p site.Page, media map[string]site.Medium) (*Page, []Fault) {
	blocks, faults := parse(p.Text)
	d := &drawing{renderer: r, media: media, faults: faults, rank: 1}
	d.blocks(blocks)
	d.flush()
	page := &Page{Page: p, Slug: slug, Pieces: d.pieces, Headed: d.first}
	d.contents(page)
	return page, d.faults
}

// drawing is a page that is being made.
type drawing struct {
	*renderer
	media  map[string]site.Medium
	out    strings.Builder
	pieces []Piece
	faults []Fault

	first bool // A heading of the first rank was there.
	rank  int  // That of the last heading.
	texts int
	toc   []markdown.Heading
}

// flush ends the piece of HTML that is being written.
func (d *drawing) flush() {
	if d.out.Len() > 0 {
		d.pieces = append(d.pieces, Piece{HTML: template.HTML(d.out.String())}) //nolint:gosec // Written by this package.
		d.out.Reset()
	}
}

func (d *drawing) blocks(blocks []*block) {
	for _, b := range blocks {
		d.block(b)
	}
}

func (d *drawing) block(b *block) {
	switch b.name {
	case "":
		d.text(b.text)
	case "hero":
		d.hero(b)
	case "cards":
		d.parted(b, "c-cards", "c-card")
	case "columns":
		d.parted(b, "c-columns", "c-column")
	case "notice":
		d.notice(b)
	case "button":
		fmt.Fprintf(&d.out, "<p><a class=%q href=\"%s\">%s</a></p>\n", buttonClass(b.settings["kind"]),
			html.EscapeString(b.settings["href"]), html.EscapeString(b.settings["label"]))
	case "image":
		d.image(b, "c-image")
	case "contents":
		d.out.WriteString(tocMark)
	case "html":
		d.out.WriteString(string(d.cleaner.clean(b.text)))
	case "apis", "products":
		d.list(b)
	}
}

func buttonClass(kind string) string {
	if kind == "secondary" {
		return "button secondary"
	}
	return "button"
}

func (d *drawing) hero(b *block) {
	d.out.WriteString(`<section class="c-hero"><div class="c-hero-text">` + "\n")
	d.blocks(b.parts[0])
	d.out.WriteString("</div>\n")
	if file := b.settings["image"]; file != "" {
		d.image(&block{line: b.line, settings: map[string]string{"file": file}}, "c-hero-image")
	}
	d.out.WriteString("</section>\n")
}

// parted draws cards or columns.
func (d *drawing) parted(b *block, whole, part string) {
	fmt.Fprintf(&d.out, "<div class=%q>\n", whole)
	for _, blocks := range b.parts {
		if len(blocks) == 0 {
			continue
		}
		fmt.Fprintf(&d.out, "<div class=%q>\n", part)
		d.blocks(blocks)
		d.out.WriteString("</div>\n")
	}
	d.out.WriteString("</div>\n")
}

func (d *drawing) notice(b *block) {
	kind, word := "info", "Note"
	switch b.settings["kind"] {
	case "success":
		kind, word = "success", "Good to know"
	case "warning":
		kind, word = "warning", "Warning"
	}
	fmt.Fprintf(&d.out, `<div class="notice %s" role="note"><div><p><strong>%s</strong></p>`+"\n", kind, word)
	d.blocks(b.parts[0])
	d.out.WriteString("</div></div>\n")
}

func (d *drawing) image(b *block, class string) {
	file := b.settings["file"]
	m, ok := d.media[file]
	if !ok {
		if file != "" {
			d.faults = append(d.faults, Fault{b.line, fmt.Sprintf("there is no image %q among the media", file)})
		}
		return
	}
	fmt.Fprintf(&d.out, `<img class=%q src="%s" alt="%s">`+"\n", class, MediaPath(file, m), html.EscapeString(b.settings["alt"]))
}

// MediaPath is the path at which a medium is served.
func MediaPath(file string, m site.Medium) string { return mediaPrefix + m.Digest + "/" + file }

func (d *drawing) list(b *block) {
	limit, err := strconv.Atoi(b.settings["limit"])
	if err != nil {
		limit = defaultListed
	}
	d.flush()
	d.pieces = append(d.pieces, Piece{List: b.name, Limit: limit, Tag: b.settings["tag"]})
}

// firstHeading finds the rank of the first heading of a text.
var firstHeading = regexp.MustCompile(`(?m)^ {0,3}(#{1,6})[ \t]`)

// text draws Markdown. The ranks of headings go on from those before, and only the
// first heading of the page can be of the first rank.
func (d *drawing) text(text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	rank := 2
	if found := firstHeading.FindStringSubmatch(text); found != nil {
		rank = min(len(found[1]), d.rank+1)
	}
	if len(d.toc) > 0 || d.first {
		rank = max(rank, 2)
	}
	d.texts++
	prefix := "c-"
	if d.texts > 1 {
		prefix = "c" + strconv.Itoa(d.texts) + "-"
	}
	made := markdown.RenderDocument(text, markdown.Options{Level: rank, Prefix: prefix, Image: d.picture})
	for _, h := range made.Headings {
		d.rank = h.Level
		if h.Level == 1 {
			d.first = true
		} else {
			d.toc = append(d.toc, h)
		}
	}
	d.out.WriteString(string(made.HTML))
}

// picture leads "/media/logo.png" in Markdown to the medium of that name.
func (d *drawing) picture(address string) (string, bool) {
	file, ok := strings.CutPrefix(address, mediaPrefix)
	m, there := d.media[file]
	if !ok || !there {
		return "", false
	}
	return MediaPath(file, m), true
}

// tocMark stands where the table of contents comes, which is known at the end. It
// has bytes that no text has.
const tocMark = "<\x00contents\x00>"

// contents puts the table of contents where it belongs.
func (d *drawing) contents(p *Page) {
	for i := range p.Pieces {
		if text := string(p.Pieces[i].HTML); strings.Contains(text, tocMark) {
			p.Pieces[i].HTML = template.HTML(strings.ReplaceAll(text, tocMark, d.table())) //nolint:gosec // As above.
		}
	}
}

// maxEntries bounds the table of contents.
const maxEntries = 100

func (d *drawing) table() string {
	if len(d.toc) == 0 {
		return ""
	}
	var b bytes.Buffer
	b.WriteString(`<nav class="c-contents" aria-label="On this page"><ul>` + "\n")
	for _, e := range d.toc[:min(len(d.toc), maxEntries)] {
		fmt.Fprintf(&b, `<li class="c-rank-%d"><a href="#%s">%s</a></li>`+"\n", e.Level, html.EscapeString(e.ID), html.EscapeString(e.Text))
	}
	b.WriteString("</ul></nav>\n")
	return b.String()
}
