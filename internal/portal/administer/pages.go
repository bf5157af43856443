package administer

import (
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/sallyport/sallyport/internal/model/site"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// contentRoutes are the pages of the portal, publishing and history.
func (s *section) contentRoutes() []page.Route {
	return []page.Route{
		{Pattern: "GET /admin/content", Run: s.pages},
		{Pattern: "GET /admin/content/new", Run: s.newPage},
		{Pattern: "POST /admin/content/new", Run: s.makePage},
		{Pattern: "GET /admin/content/pages/{slug}", Run: s.editPage},
		{Pattern: "POST /admin/content/pages/{slug}", Run: s.savePage},
		{Pattern: "GET /admin/content/pages/{slug}/delete", Run: s.askDeletePage},
		{Pattern: "POST /admin/content/pages/{slug}/delete", Run: s.deletePage},
		{Pattern: "POST /admin/content/draw", Run: s.draw},
		{Pattern: "GET /admin/publish", Run: s.askPublish},
		{Pattern: "POST /admin/publish", Run: s.publish},
		{Pattern: "GET /admin/history", Run: s.history},
		{Pattern: "GET /admin/history/{revision}", Run: s.askRollBack},
		{Pattern: "POST /admin/history/{revision}", Run: s.rollBack},
	}
}

var pagesCrumb = page.Link{Text: "Pages", Path: "/admin/content"}

// pages lists the pages of the draft, with how they stand to what is published.
func (s *section) pages(x *page.Exchange) error {
	draft, err := s.Library.Editor(x.Client()).Draft(x.R.Context())
	if err != nil {
		return err
	}
	published := s.Library.Current().Published.Pages
	list := &table{Columns: []string{"Page", "Address", "Who may see it", "State", ""}}
	for _, slug := range draft.Slugs() {
		p := draft.Pages[slug]
		state := badge("published", "success")
		if was, ok := published[slug]; !ok {
			state = badge("new", "info")
		} else if !samePage(was, p) {
			state = badge("changed", "warning")
		}
		who := "Everybody"
		if len(p.Groups) > 0 {
			who = strings.Join(p.Groups, ", ")
		}
		list.Rows = append(list.Rows, []any{
			link(p.Title, "/admin/content/pages/"+url.PathEscape(slug)), pagePath(slug), who, state,
			link("Preview", "/admin/content/preview/"+url.PathEscape(slug)),
		})
	}
	return s.show(x, "Pages", &screen{
		Lead:   "Pages are written in Markdown with blocks. What you save is a draft until it is published.",
		Links:  []page.Link{{Text: "New page", Path: "/admin/content/new"}, {Text: "Publish", Path: "/admin/publish"}},
		Tables: []*table{list},
	})
}

func samePage(a, b site.Page) bool {
	return a.Title == b.Title && a.Description == b.Description && a.Text == b.Text &&
		strings.Join(a.Groups, ",") == strings.Join(b.Groups, ",")
}

func pagePath(slug string) string {
	if slug == site.HomePage {
		return "/"
	}
	return "/pages/" + slug
}

// pageForm is the form of a page.
func pageForm(slug string, p site.Page, etag string) *form {
	return &form{
		Action: "/admin/content/pages/" + url.PathEscape(slug), ETag: etag, Submit: "Save the draft", Also: "Save and preview",
		Cancel: "/admin/content", Preview: "/admin/content/draw",
		Fields: []field{
			{Name: "title", Label: "Title", Value: p.Title, Required: true},
			{Name: "description", Label: "Description", Value: p.Description, Optional: true, Hint: "What search engines show below the title."},
			{Name: "groups", Label: "Who may see it", Value: strings.Join(p.Groups, ", "), Optional: true,
				Hint: "Names of groups with commas between them: developers, partners. Leave it empty for everybody."},
			{Kind: "textarea", Name: "text", Label: "Text", Value: p.Text, Rows: 20, Code: true,
				Hint: "Markdown. A block begins with three colons and its name and ends with three colons: " +
					"hero, cards, columns, apis, products, notice, button, image, contents, html."},
		},
	}
}

func (s *section) newPage(x *page.Exchange) error {
	return s.show(x, "New page", &screen{Forms: []*form{newPageForm()}}, pagesCrumb)
}

func newPageForm() *form {
	f := pageForm("", site.Page{}, "")
	f.Action, f.Also = "/admin/content/new", ""
	slug := field{Name: "slug", Label: "Name in the address", Required: true,
		Hint: "Lower-case letters, digits and dashes. The page about is at /pages/about."}
	f.Fields = append([]field{slug}, f.Fields...)
	return f
}

func (s *section) makePage(x *page.Exchange) error {
	slug := strings.TrimSpace(x.Form().Get("slug"))
	_, err := s.Library.Editor(x.Client()).PutPage(x.R.Context(), slug, typedPage(x.Form()), "")
	if err != nil {
		f := newPageForm().fill(x.Form())
		if current, found, readErr := s.Library.Editor(x.Client()).Page(x.R.Context(), slug); readErr == nil && found {
			if samePage(current.Value, typedPage(x.Form())) { // The same form, sent twice.
				return x.Redirect("/admin/content/pages/"+url.PathEscape(slug), "draft-saved")
			}
			err = fmt.Errorf("there is a page %q already", slug)
		}
		return s.refused(x, "New page", &screen{Forms: []*form{f}}, f, err, nil, pagesCrumb)
	}
	return x.Redirect("/admin/content/pages/"+url.PathEscape(slug), "draft-saved")
}

// typedPage is the page in a form.
func typedPage(f url.Values) site.Page {
	p := site.Page{
		Title: strings.TrimSpace(f.Get("title")), Description: strings.TrimSpace(f.Get("description")),
		Text: strings.ReplaceAll(f.Get("text"), "\r\n", "\n"),
	}
	for group := range strings.SplitSeq(f.Get("groups"), ",") {
		if group = strings.TrimSpace(group); group != "" {
			p.Groups = append(p.Groups, group)
		}
	}
	return p
}

func (s *section) editPage(x *page.Exchange) error {
	slug := x.Value("slug")
	item, found, err := s.Library.Editor(x.Client()).Page(x.R.Context(), slug)
	if err != nil {
		return err
	}
	if !found {
		return errNothing("page", slug)
	}
	data := &screen{Forms: []*form{pageForm(slug, item.Value, item.ETag)}}
	data.Links = []page.Link{{Text: "Preview", Path: "/admin/content/preview/" + url.PathEscape(slug)}}
	if item.ETag != "" {
		data.Ends = append(data.Ends, page.Link{Text: "Delete the page", Path: "/admin/content/pages/" + url.PathEscape(slug) + "/delete"})
	}
	s.faults(data, slug, item.Value)
	return s.show(x, "Page: "+item.Value.Title, data, pagesCrumb)
}

// faults says what of a page's text cannot be read.
func (s *section) faults(data *screen, slug string, p site.Page) {
	_, faults := s.Library.PreviewPage(slug, p, s.Library.Current().Content.Media)
	for _, fault := range faults {
		data.Notes = append(data.Notes, note{"warning", "", fault.String() + "."})
	}
}

func (s *section) savePage(x *page.Exchange) error {
	slug, typed := x.Value("slug"), typedPage(x.Form())
	e := s.Library.Editor(x.Client())
	if _, err := e.PutPage(x.R.Context(), slug, typed, x.Form().Get("etag")); err != nil {
		f := pageForm(slug, typed, x.Form().Get("etag"))
		return s.refused(x, "Page: "+typed.Title, &screen{Forms: []*form{f}}, f, err, func() string {
			item, _, _ := e.Page(x.R.Context(), slug) //nolint:errcheck // Without it the next save is refused as well.
			return item.ETag
		}, pagesCrumb)
	}
	if x.Form().Get("also") != "" {
		return x.Redirect("/admin/content/preview/"+url.PathEscape(slug), "draft-saved")
	}
	return x.Redirect("/admin/content/pages/"+url.PathEscape(slug), "draft-saved")
}

func (s *section) askDeletePage(x *page.Exchange) error {
	slug := x.Value("slug")
	item, found, err := s.Library.Editor(x.Client()).Page(x.R.Context(), slug)
	if err != nil {
		return err
	}
	if !found {
		return errNothing("page", slug)
	}
	question := fmt.Sprintf("Delete the page %q from the draft? Visitors see it until you publish; earlier publications keep it.",
		item.Value.Title)
	return s.confirm(x, "Delete a page", question, &form{
		Action: x.R.URL.Path, ETag: item.ETag, Submit: "Delete the page", Cancel: "/admin/content",
	}, pagesCrumb)
}

func (s *section) deletePage(x *page.Exchange) error {
	err := s.Library.Editor(x.Client()).DeletePage(x.R.Context(), x.Value("slug"), x.Form().Get("etag"))
	return s.done(x, err, "/admin/content", "deleted", pagesCrumb)
}

// draw draws a text as a page has it, for the preview while it is written.
func (s *section) draw(x *page.Exchange) error {
	media, err := s.Library.Editor(x.Client()).Media(x.R.Context())
	if err != nil {
		return err
	}
	text := strings.ReplaceAll(x.Form().Get("text"), "\r\n", "\n")
	if len(text) > site.MaxPageSize {
		text = strings.ToValidUTF8(text[:site.MaxPageSize], "")
	}
	drawn, faults := s.Library.PreviewPage("preview", site.Page{Title: "Preview", Text: text}, media)
	h := x.W.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	x.W.WriteHeader(http.StatusOK)
	for _, fault := range faults {
		warning := `<div class="notice warning"><div><p>` + template.HTMLEscapeString(fault.String()) + "</p></div></div>\n"
		_, _ = io.WriteString(x.W, warning) // Nobody is left to tell.
	}
	for _, piece := range drawn.Pieces {
		body := `<div class="c-text">` + string(piece.HTML) + "</div>\n"
		if piece.List != "" {
			body = `<p class="muted">Here come ` + template.HTMLEscapeString(map[string]string{"apis": "APIs",
				"products": "products"}[piece.List]) + " that the visitor may see.</p>\n"
		}
		_, _ = io.WriteString(x.W, body) // As above.
	}
	return nil
}
