package administer

import (
	"cmp"
	"errors"
	"fmt"
	"html"
	"html/template"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/content"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/problem"
)

// screen is what a page of the administration shows, from its top to its end.
type screen struct {
	Lead string
	// Links are actions that only lead to a page; Kind says which button each is.
	Links   []page.Link
	Notes   []note
	Search  *search
	Figures []figure
	Facts   []fact
	Tables  []*table
	Forms   []*form
	// Below are lists that come after the forms.
	Below []*table
	// Ends are actions that end what the page is about; they come last.
	Ends []page.Link
	// HTML is shown in a box under a heading.
	HTMLTitle string
	HTML      template.HTML
}

// note is a sentence with a kind of the design system's notices.
type note struct{ Kind, Title, Text string }

// figure is a number that leads to a page.
type figure struct {
	Label, Text, Path string
	Number            int
	Kind              string
}

// fact is a term and what there is to say of it.
type fact struct {
	Term string
	Text any
}

// search is a form that changes nothing.
type search struct {
	Action string
	Fields []field
}

// table is a list.
type table struct {
	Caption string
	Columns []string
	Rows    [][]any
	// Actions are forms of one button, at the end of the row of the same number; nil
	// is a row without one.
	Actions []*form
	Pager   *page.Pager
	Empty   string
	// Fold is what opens the list, where it is folded at first; "" is open.
	Fold string
}

// cells are the cells of a row without its action.
func (t *table) cells(row ...any) *table {
	t.Rows = append(t.Rows, row)
	t.Actions = append(t.Actions, nil)
	return t
}

// ending adds a row with a button that takes it out of the list.
func (t *table) ending(f *form, row ...any) {
	t.cells(row...).Actions[len(t.Rows)-1] = f
}

// form is a form with its fields in order.
type form struct {
	Title, Lead string
	Action      string
	Fields      []field
	Hidden      []hidden
	Submit      string
	// Of is said after the name of the button to those who do not see its row.
	Of string
	// Also is a second button: its name is "also".
	Also string
	// Kind is that of the button: "", "secondary" or "danger".
	Kind string
	// Cancel is the path that leads back unchanged, and Keep its text; "" is "Cancel".
	Cancel, Keep string
	// About is a list that the form adds to; it comes before the form.
	About *table
	// Columns puts fields beside each other where there is room.
	Columns bool
	// Files says that the form sends files.
	Files    bool
	Problems []page.Problem
	ETag     string
	// Stale says that somebody else was faster.
	Stale bool
	// Preview is the path that draws the text while it is written, or "".
	Preview string
}

type hidden struct{ Name, Value string }

// field is a field of a form. Kind is "", "textarea", "select", "checkbox", "file"
// or "heading".
type field struct {
	Kind, Name, Label, Hint, Value, Type, Autocomplete string
	// Of is said after the label to those who do not see the heading above.
	Of string
	// Swatch is a colour (#rrggbb) to show before the hint; "" is none.
	Swatch                            string
	Options                           []page.Option
	Checked, Required, Optional, Code bool
	Rows                              int
	MaxLength                         int
}

// Hinted is the hint, after its swatch.
func (f field) Hinted() any {
	if !validColor.MatchString(f.Swatch) {
		return f.Hint
	}
	shown := `<svg class="a-swatch" viewBox="0 0 1 1" aria-hidden="true"><rect width="1" height="1" fill="` + f.Swatch + `"/></svg> `
	return template.HTML(shown + html.EscapeString(f.Hint)) //nolint:gosec // The one is digits, the other escaped.
}

// Labelled is the label, with what those hear who do not see the heading above.
func (f field) Labelled() any {
	if f.Of == "" {
		return f.Label
	}
	return template.HTML(html.EscapeString(f.Label) + `<span class="hidden">` + html.EscapeString(f.Of) + `</span>`) //nolint:gosec // Escaped.
}

// validColor is a colour as themes have it.
var validColor = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// fill puts what was typed into the fields.
func (f *form) fill(typed url.Values) *form {
	for i := range f.Fields {
		one := &f.Fields[i]
		switch {
		case one.Kind == "checkbox":
			one.Checked = typed.Get(one.Name) != ""
		case one.Type != "password":
			one.Value = strings.ReplaceAll(typed.Get(one.Name), "\r\n", "\n")
		}
	}
	f.ETag = typed.Get("etag")
	return f
}

// show answers with a screen.
func (s *section) show(x *page.Exchange, title string, data *screen, crumbs ...page.Link) error {
	return s.answer(x, http.StatusOK, title, data, crumbs...)
}

func (s *section) answer(x *page.Exchange, status int, title string, data *screen, crumbs ...page.Link) error {
	p := page.Page{
		Title: title, Template: "screen", Data: data, Styles: []string{"page/administration.css", "administer.css", content.Styles},
		Crumbs: append([]page.Link{{Text: "Administration", Path: "/admin"}}, crumbs...),
	}
	if x.R.URL.Path == "/admin" {
		p.Crumbs = nil
	}
	for _, f := range data.Forms {
		if f.Preview != "" {
			p.Modules = []string{"editor.js"}
		}
	}
	return x.Render(status, p)
}

// Kind is the kind of the button that leads to a page: what makes something is the
// main action of its list, and what ends something is a danger.
func (*screen) Kind(l page.Link) string {
	switch path.Base(l.Path) {
	case "new", "invite":
		return ""
	case "delete", "cancel":
		return "danger"
	}
	return "secondary"
}

// refused shows a form again after a change that was not made: with what was
// typed, and why. What is no fault of the form is returned as it is.
func (s *section) refused(x *page.Exchange, title string, data *screen, f *form, err error, latest func() string,
	crumbs ...page.Link) error {
	status := http.StatusUnprocessableEntity
	var problems problem.Problems
	var one *problem.Error
	var refused *content.RefusedError
	var field *fieldError
	switch {
	case errors.As(err, &field):
		f.Problems = append(f.Problems, page.Problem(*field))
	case errors.Is(err, content.ErrChanged), client.IsConflict(err):
		status, f.Stale = http.StatusConflict, true
		if latest != nil {
			f.ETag = latest()
		}
	case client.IsUnavailable(err):
		status = http.StatusServiceUnavailable
		x.W.Header().Set("Retry-After", "5")
		f.Problems = append(f.Problems, page.Problem{Text: "The management plane does not answer. " +
			"Nothing was changed; what you typed is below. Try again."})
	case errors.As(err, &problems):
		for _, p := range problems {
			f.Problems = append(f.Problems, f.ofElement(p.Element, p.Message))
		}
	case errors.As(err, &refused):
		f.Problems = append(f.Problems, reasons(refused)...)
	case errors.As(err, &one):
		if one.Status < 400 || one.Status >= 500 || one.Status == http.StatusNotFound {
			return err
		}
		f.Problems = append(f.Problems, f.ofError(one)...)
	default:
		f.Problems = append(f.Problems, page.Problem{Text: sentence("", err.Error())})
	}
	return s.answer(x, status, title, data, crumbs...)
}

// ofError are the details of an error of the management API, or its message. What
// is of a field of the form is told there, by the name that the field has on the page.
func (f *form) ofError(e *problem.Error) []page.Problem {
	var list []page.Problem
	for _, d := range e.Details {
		target := strings.TrimPrefix(d.Target, "properties.")
		at := slices.IndexFunc(f.Fields, func(one field) bool { return one.Name != "" && one.Name == target })
		switch {
		case at < 0:
			list = append(list, page.Problem{Text: sentence(target, d.Message)})
		case strings.HasSuffix(d.Message, "is required and is missing."):
			list = append(list, page.Problem{Field: target, Text: "Fill in: " + f.Fields[at].Label + "."})
		default:
			list = append(list, page.Problem{Field: target, Text: sentence("", strings.Replace(d.Message, target, f.Fields[at].Label, 1))})
		}
	}
	if len(list) == 0 {
		list = append(list, page.Problem{Text: e.Message})
	}
	return list
}

// ofElement is a problem of an element of content: told at its field, where the
// form has that.
func (f *form) ofElement(element, message string) page.Problem {
	name := fieldOf(element)
	element = cmp.Or(paletteWords[name], strings.TrimPrefix(element, "theme: "))
	at := slices.IndexFunc(f.Fields, func(one field) bool { return one.Name != "" && one.Name == name })
	switch {
	case at < 0:
		return page.Problem{Text: sentence(element, message)}
	case f.Fields[at].Kind == "textarea":
		return page.Problem{Field: name, Text: sentence(f.Fields[at].Label+linkWord(strings.TrimPrefix(element, name)), message)}
	case strings.HasPrefix(message, "is "), strings.HasPrefix(message, "has "):
		return page.Problem{Field: name, Text: f.Fields[at].Label + " " + sentence("", message)}
	}
	return page.Problem{Field: name, Text: f.Fields[at].Label + ": " + sentence("", message)}
}

// paletteWords are what the two palettes of a theme are called on pages. It is
// never written.
var paletteWords = map[string]string{"light": "Colours on light pages", "dark": "Colours on dark pages"}

// linkWord is the link of a list, as people count them: [1].label is ", text of
// link 2".
func linkWord(element string) string {
	at, part, ok := strings.Cut(strings.TrimPrefix(element, "["), "].")
	n, err := strconv.Atoi(at)
	if !ok || err != nil {
		return ""
	}
	if part == "label" {
		part = "text"
	}
	return fmt.Sprintf(", %s of link %d", part, n+1)
}

// fieldOf is the field of an element of content: light.accent is light-accent,
// menu[0].label is menu, fonts.text.files[1].weight is weight-text-1.
func fieldOf(element string) string {
	element = strings.TrimPrefix(element, "theme: ")
	parts := strings.FieldsFunc(element, func(r rune) bool { return r == '.' || r == '[' || r == ']' })
	switch {
	case len(parts) == 0:
		return ""
	case parts[0] == "menu", parts[0] == "footer":
		return parts[0]
	case parts[0] == "fonts" && len(parts) == 3 && parts[2] == "family":
		return "family-" + parts[1]
	case parts[0] == "fonts" && len(parts) == 5:
		return parts[4] + "-" + parts[1] + "-" + parts[3]
	}
	return strings.Join(parts, "-")
}

// reasons are why a draft is not published.
func reasons(e *content.RefusedError) []page.Problem {
	var list []page.Problem
	for _, p := range e.Problems {
		list = append(list, page.Problem{Text: sentence(p.Element, p.Message)})
	}
	for slug, faults := range e.Faults {
		for _, f := range faults {
			list = append(list, page.Problem{Text: "Page " + slug + ": " + f.String() + "."})
		}
	}
	return list
}

// sentence puts an element before a message.
func sentence(element, message string) string {
	text := strings.TrimSuffix(message, ".") + "."
	if element != "" {
		return element + ": " + text
	}
	if text != "" {
		text = strings.ToUpper(text[:1]) + text[1:]
	}
	return text
}

// confirm is the page that asks before something is removed.
func (s *section) confirm(x *page.Exchange, title, question string, f *form, crumbs ...page.Link) error {
	f.Kind = cmp.Or(f.Kind, "danger")
	return s.show(x, title, &screen{Lead: question, Forms: []*form{f}}, crumbs...)
}

// link is a cell that leads to a path of the portal.
func link(text, path string) template.HTML {
	path, text = html.EscapeString(path), html.EscapeString(cmp.Or(text, "–"))
	return template.HTML(`<a href="` + path + `">` + text + `</a>`) //nolint:gosec // Both are escaped.
}

// badge is a cell with a word on a ground. The kind is ours.
func badge(text, kind string) template.HTML {
	return template.HTML(`<span class="badge ` + kind + `">` + html.EscapeString(text) + `</span>`) //nolint:gosec // As above.
}

// moment is a cell with a time.
func moment(t time.Time) template.HTML {
	if t.IsZero() {
		return "–"
	}
	t = t.UTC()
	day, hour := strings.ReplaceAll(t.Format("2 Jan 2006,"), " ", "\u00a0"), t.Format("15:04")+"\u00a0UTC"
	text := `<time datetime="` + t.Format(time.RFC3339) + `">` + day + " " + hour + `</time>`
	return template.HTML(text) //nolint:gosec // Digits and names of months.
}

// stateBadge is the state of a user, a subscription or a message.
func stateBadge(state string) template.HTML {
	switch strings.ToLower(state) {
	case "active":
		return badge(state, "success")
	case "submitted", "pending", "suspended", "queued":
		return badge(state, "warning")
	case "blocked", "rejected", "failed", "cancelled", "expired":
		return badge(state, "danger")
	}
	return badge(cmp.Or(state, "–"), "")
}

// quoted is a text as OData has it.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// pageSize is how many entries a list has on a page.
const pageSize = 25

// at is the first entry of the page that a query asks for.
func at(x *page.Exchange) (number, skip int) {
	number = min(page.PageNumber(x.R.URL.Query()), maxPageNumber)
	return number, (number - 1) * pageSize
}

// maxPageNumber bounds the pages of a list.
const maxPageNumber = 100_000

// maxQuery bounds what is searched for, in bytes.
const maxQuery = 200

// query is what is searched for.
func query(x *page.Exchange, name string) string {
	text := strings.TrimSpace(x.R.URL.Query().Get(name))
	return strings.ToValidUTF8(text[:min(len(text), maxQuery)], "")
}

func pager(x *page.Exchange, number, total int) *page.Pager {
	p := page.NewPager(x.R.URL, number, pageSize, total)
	return &p
}
