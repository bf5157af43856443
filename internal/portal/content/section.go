package content

import (
	"embed"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/model/site"
	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/markdown"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/problem"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed assets
var assets embed.FS

// SectionOptions are what the section needs.
type SectionOptions struct {
	Library *Library
	// Catalogue gives the APIs and products that pages list; nil lists none.
	Catalogue func() *catalogue.Index
}

// Styles is the style sheet of the blocks, for pages of other sections that show
// them.
const Styles = "content/content.css"

// New makes the section of the home page, the other pages, media and the theme.
func New(o SectionOptions) *page.Section {
	s := &section{o}
	files, _ := fs.Sub(assets, "assets") //nolint:errcheck // A folder that is embedded is there.
	return &page.Section{
		Name: "content", Templates: templates, Assets: files,
		Routes: []page.Route{
			{Pattern: "GET /{$}", Run: func(x *page.Exchange) error { return s.page(x, site.HomePage) }},
			{Pattern: "GET /pages/{slug}", Run: func(x *page.Exchange) error { return s.page(x, x.Value("slug")) }},
			{Pattern: "GET " + mediaPrefix + "{digest}/{file}", Entrance: true, Run: s.media},
			{Pattern: "GET " + stylePrefix + "{file}", Entrance: true, Run: s.style},
			{Pattern: "GET /admin/content/preview/{slug}", Needs: page.Administrator, Run: s.preview},
		},
	}
}

type section struct{ SectionOptions }

// errNoPage is the answer for pages that are not there, and for those that the
// visitor may not see.
var errNoPage = problem.New(http.StatusNotFound, "ResourceNotFound", "There is no such page.")

// page shows a published page.
func (s *section) page(x *page.Exchange, slug string) error {
	shown := s.Library.Current()
	p, ok := shown.pages[slug]
	if !ok || !visible(p.Groups, x.Visitor) || slug == site.HomePage && x.Value("slug") != "" {
		return errNoPage
	}
	return x.Render(http.StatusOK, s.View(x.Visitor, p))
}

// visible reports whether a page for these groups may be seen.
func visible(groups []string, v page.Visitor) bool {
	return len(groups) == 0 || v.Admin || slices.ContainsFunc(groups, func(group string) bool {
		return slices.ContainsFunc(v.Groups, func(of string) bool { return strings.EqualFold(of, group) })
	})
}

// view is what the template "content" shows.
type view struct {
	*Page
	Parts   []part
	Preview bool
}

// part is a piece with the list that this visitor sees.
type part struct {
	Piece
	Cards []card
	// All is the path of the whole list, and What is in it.
	All, What string
}

// card is an API or a product of a list.
type card struct {
	Path, Title, Badge, Text string
}

// maxSummary bounds the description on a card, in characters.
const maxSummary = 160

// View is a page as the visitor sees it.
func (s *section) View(v page.Visitor, p *Page) page.Page {
	data := &view{Page: p}
	reader := catalogue.Reader{Groups: v.Groups, Admin: v.Admin}
	for _, piece := range p.Pieces {
		one := part{Piece: piece}
		if s.Catalogue != nil && piece.List != "" {
			one.list(s.Catalogue(), reader)
		}
		data.Parts = append(data.Parts, one)
	}
	title := p.Title
	return page.Page{
		Title: title, Description: p.Description, Template: "content", Data: data, Styles: []string{"content.css"},
	}
}

// list fills in what the visitor sees.
func (p *part) list(x *catalogue.Index, r catalogue.Reader) {
	if p.List == "products" {
		p.All, p.What = "/products", "products"
		for _, product := range x.Products(r) {
			if len(p.Cards) == p.Limit {
				return
			}
			p.Cards = append(p.Cards, card{
				Path: "/products/" + url.PathEscape(product.Name), Title: product.DisplayName,
				Text: markdown.Text(product.Description, maxSummary),
			})
		}
		return
	}
	p.All, p.What = "/apis", "APIs"
	for _, api := range x.APIs(r) {
		if len(p.Cards) == p.Limit {
			return
		}
		if p.Tag == "" || slices.ContainsFunc(api.Tags, func(tag string) bool { return strings.EqualFold(tag, p.Tag) }) {
			p.Cards = append(p.Cards, card{
				Path: "/apis/" + url.PathEscape(api.Name), Title: api.DisplayName, Badge: api.Version,
				Text: markdown.Text(api.Description, maxSummary),
			})
		}
	}
}

// preview shows a page of the draft in the frame of the draft.
func (s *section) preview(x *page.Exchange) error {
	draft, err := s.Library.Editor(x.Client()).Draft(x.R.Context())
	if err != nil {
		return err
	}
	shown := s.Library.Preview(draft)
	p, ok := shown.pages[x.Value("slug")]
	if !ok {
		return errNoPage
	}
	next := s.View(x.Visitor, p)
	if data, ok := next.Data.(*view); ok {
		data.Preview = true
	}
	look := shown.Look(x.Site.DefaultLook(x.Visitor))
	next.Look = &look
	return x.Render(http.StatusOK, next)
}

// mediaPolicy lets nothing run or load in a medium that is opened by itself.
const mediaPolicy = "default-src 'none'; style-src 'none'; frame-ancestors 'none'; sandbox"

// media serves an image or a font: to everybody what is published, and to
// administrators also what is in the draft.
func (s *section) media(x *page.Exchange) error {
	digest := x.Value("digest")
	b, ok := s.Library.Current().blobs[digest]
	if !ok && x.Visitor.Admin {
		draft, err := s.Library.Editor(x.Client()).Media(x.R.Context())
		if err != nil {
			return err
		}
		m, there := draft[x.Value("file")]
		if !there || m.Digest != digest {
			return errNoPage
		}
		data, err := readBlob(x.R.Context(), x.Client(), m)
		if err != nil {
			return err
		}
		b, ok = blob{m.Type, data}, true
	}
	if !ok {
		return errNoPage
	}
	return answer(x, b.kind, mediaPolicy, b.data)
}

// style serves the theme: that which is published, and to administrators that of
// the draft.
func (s *section) style(x *page.Exchange) error {
	path := stylePrefix + x.Value("file")
	shown := s.Library.Current()
	if shown.stylePath != path && x.Visitor.Admin {
		draft, err := s.Library.Editor(x.Client()).Draft(x.R.Context())
		if err != nil {
			return err
		}
		shown = s.Library.Preview(draft)
	}
	if shown.stylePath != path {
		return errNoPage
	}
	return answer(x, "text/css; charset=utf-8", "default-src 'none'", shown.style)
}

// answer sends what never changes under its path.
func answer(x *page.Exchange, kind, policy string, data []byte) error {
	h := x.W.Header()
	h.Set("Content-Type", kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "private, max-age=31536000, immutable")
	h.Set("Content-Length", strconv.Itoa(len(data)))
	x.W.WriteHeader(http.StatusOK)
	if x.R.Method == http.MethodHead {
		return nil
	}
	if _, err := x.W.Write(data); err != nil {
		return errors.New("sending a file of the portal: the visitor has gone")
	}
	return nil
}
