package reference

import (
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/portal/reference/description"
	"github.com/sallyport/sallyport/internal/portal/reference/sample"
	"github.com/sallyport/sallyport/internal/problem"
)

// shown is the page of an operation.
type shown struct {
	*subject
	*description.Operation
	// URL is the address with the template, and Console where to try it.
	URL, Console string
	Parameters   []placed
	Body         *bodyView
	Responses    []responseView
	Security     []securityView
	Samples      []code
	Others       []row
	Group        string
	of           *description.Description
}

// placed are the parameters of one place.
type placed struct {
	In   string
	List []parameterView
}

// parameterView is a parameter as the page shows it.
type parameterView struct {
	description.Parameter
	View schemaView
}

// Words is the parameter's text.
func (p parameterView) Words() template.HTML { return words(p.Text, p.Anchor) }

// bodyView is a body, with the media types that have one schema together.
type bodyView struct {
	Text     template.HTML
	Required bool
	Media    []mediaView
}

// mediaView is the media types of one schema.
type mediaView struct {
	Types    []string
	View     schemaView
	Has      bool
	Encoding []description.Encoding
	Examples []exampleView
}

// exampleView is an example of a body.
type exampleView struct {
	Title, Text, Language, Value, URL string
	TooLong                           bool
}

type responseView struct {
	Status, Reason, Kind, Anchor string
	Text                         template.HTML
	Headers                      []parameterView
	Media                        []mediaView
	Links                        []description.ResponseLink
	Open                         bool
}

// code is a sample in a language.
type code struct{ Label, Language, Text string }

// Words is the operation's text.
func (s *shown) Words() template.HTML { return wordsAt(2, s.Operation.Text, "about") }

func (s *section) operation(x *page.Exchange) error {
	b, err := s.find(x)
	if err != nil {
		return err
	}
	o, ok := b.operation(x.Value("operation"))
	if !ok {
		return problem.NotFound("Operation", x.Value("operation"))
	}
	v := b.shown(o)
	title := v.Summary
	if title == "" {
		title = o.Name
	}
	p := b.page(title, "reference-operation", v, page.Link{Text: "Operations", Path: b.Path("operations")})
	p.Description = firstLine(v.Operation.Text)
	return x.Render(http.StatusOK, p)
}

// shown is all that the page of an operation shows.
func (b *subject) shown(o *catalogue.Operation) *shown {
	known := b.Known
	if known == nil {
		known = &Described{API: b.API}
	}
	read, of := known.Read(o)
	v := &shown{subject: b, Operation: read, of: of, URL: b.Place.URL + o.Template}
	if b.Revision == "" && b.API.Type != typeGraphQL && b.API.Type != typeWebSocket {
		v.Console = "/console/" + strings.Join([]string{pathPart(b.API.Name), pathPart(o.Name)}, "/")
	}
	for _, in := range []string{"path", "query", "header", "cookie"} {
		list := placed{In: in}
		for _, p := range read.Parameters {
			if p.In == in {
				list.List = append(list.List, parameterView{p, b.view(p.Schema)})
			}
		}
		if len(list.List) > 0 {
			v.Parameters = append(v.Parameters, list)
		}
	}
	if read.Body != nil {
		v.Body = &bodyView{words(read.Body.Text, "request"), read.Body.Required, b.media(read.Body.Media, description.Request)}
	}
	for _, r := range read.Responses {
		v.Responses = append(v.Responses, b.response(r))
	}
	open(v.Responses)
	v.Security = securityViews(read.Security)
	request := requestOf(b.Place, read, of)
	for _, l := range sample.Languages() {
		v.Samples = append(v.Samples, code{l.Label, l.Class, l.Write(request)})
	}
	v.neighbours(o)
	return v
}

// open opens the first answer that is a success, or else the first.
func open(all []responseView) {
	for i := range all {
		if strings.HasPrefix(all[i].Status, "2") {
			all[i].Open = true
			return
		}
	}
	if len(all) > 0 {
		all[0].Open = true
	}
}

// maxOthers bounds the operations that are listed beside one.
const maxOthers = 60

// neighbours are the operations with the same first tag, or the same first
// segment of the path.
func (s *shown) neighbours(o *catalogue.Operation) {
	l := &listing{subject: s.subject, By: "path"}
	if len(s.Known.Tags(o)) > 0 {
		l.By = "tag"
	}
	s.Group = l.groupsOf(o)[0]
	for _, other := range s.Operations {
		if len(s.Others) < maxOthers && slices.Contains(l.groupsOf(other), s.Group) {
			s.Others = append(s.Others, row{Operation: other})
		}
	}
}

func (b *subject) response(r description.Response) responseView {
	v := responseView{
		Status: r.Status, Reason: reason(r.Status), Kind: statusKind(r.Status), Anchor: r.Anchor, Text: words(r.Text, r.Anchor),
		Media: b.media(r.Media, description.Answer), Links: r.Links,
	}
	for _, h := range r.Headers {
		v.Headers = append(v.Headers, parameterView{h, b.view(h.Schema)})
	}
	return v
}

// media joins the media types that have one schema.
func (b *subject) media(all []description.Media, way description.Way) []mediaView {
	var out []mediaView
	made := map[int]*description.Media{}
	for i := range all {
		m := &all[i]
		at := slices.IndexFunc(out, func(v mediaView) bool { return v.View.Schema == m.Schema })
		if at < 0 {
			at = len(out)
			out = append(out, mediaView{View: b.view(m.Schema), Has: m.Schema != nil, Encoding: m.Encoding})
			made[at] = m
		}
		out[at].Types = append(out[at].Types, m.Type)
		for _, e := range m.Examples {
			out[at].Examples = append(out[at].Examples, exampleOf(m.Type, e))
		}
	}
	for at := range out {
		m := made[at]
		if len(out[at].Examples) > 0 {
			continue
		}
		if text, _ := m.Example(way); text != "" {
			out[at].Examples = []exampleView{{Title: "Example, made from the schema", Language: languageOf(m.Type, text), Value: text}}
		}
	}
	return out
}

func exampleOf(media string, e description.Example) exampleView {
	v := exampleView{Title: e.Summary, Text: e.Text, Value: e.Value, URL: e.URL, TooLong: e.TooLong, Language: languageOf(media, e.Value)}
	if v.Title == "" {
		v.Title = e.Name
	}
	if v.Title == "" || v.Title == "default" {
		v.Title = "Example"
	}
	return v
}

// languageOf is the language that colours a text of a media type.
func languageOf(media, text string) string {
	switch {
	case strings.Contains(media, "json"):
		return "json"
	case strings.Contains(media, "xml") || strings.Contains(media, "html"):
		return "xml"
	case strings.Contains(media, "yaml"):
		return "yaml"
	case strings.HasPrefix(text, "{") || strings.HasPrefix(text, "["):
		return "json"
	default:
		return ""
	}
}

// reason is the phrase of a status.
func reason(status string) string {
	if status == "default" {
		return "All other statuses"
	}
	for _, class := range []struct{ begin, text string }{
		{"1", "Information"}, {"2", "Success"}, {"3", "Redirect"}, {"4", "Error of the caller"}, {"5", "Error of the server"},
	} {
		if len(status) == 3 && strings.EqualFold(status[1:], "XX") && status[:1] == class.begin {
			return class.text
		}
	}
	n := 0
	for _, c := range status {
		if c < '0' || c > '9' || n > 999 {
			return ""
		}
		n = n*10 + int(c-'0')
	}
	return http.StatusText(n)
}

func statusKind(status string) string {
	switch status[:min(1, len(status))] {
	case "2":
		return "success"
	case "3", "1":
		return "info"
	case "4", "5":
		return "danger"
	default:
		return ""
	}
}

// Bodies are the media types of a callback's body.
func (s *shown) Bodies(b *description.Body) []mediaView { return s.media(b.Media, description.Request) }
