package reference

import (
	"cmp"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// listing is the page of an API's operations.
type listing struct {
	*subject
	Groups []group
	// By is how they are grouped, tag or path, and Query what is searched for.
	By, Query    string
	Found, Total int
	Tagged       bool
	Schemas      []string
	Exports      []export
	Kind         kind
	External     string
}

// group is operations of one tag, or of one first segment of the path.
type group struct {
	Name       string
	Text       template.HTML
	Operations []row
}

// row is one operation of the list.
type row struct {
	*catalogue.Operation
	Deprecated bool
}

// Rows are the operations of a group as HTML. They are not written by a template,
// which would take most of the time of a page that has a thousand of them; all that
// comes from elsewhere is escaped here.
func (l *listing) Rows(g group) template.HTML {
	const each = 300 // Bytes, about.
	var b strings.Builder
	b.Grow(len(g.Operations) * each)
	text := func(s string) { b.WriteString(template.HTMLEscapeString(s)) }
	for _, o := range g.Operations {
		b.WriteString(`<li data-operation><a href="`)
		text(l.OperationPath(o.Name))
		b.WriteString(`"><span class="method `)
		text(strings.ToLower(o.Method))
		b.WriteString(`">`)
		text(strings.ToUpper(o.Method))
		b.WriteString(`</span><span>`)
		text(cmp.Or(o.DisplayName, o.Name))
		if o.Deprecated {
			b.WriteString(` <span class="badge warning">deprecated</span>`)
		}
		b.WriteString(`</span><code>`)
		text(o.Template)
		b.WriteString("</code></a></li>\n")
	}
	return template.HTML(b.String()) //nolint:gosec // All text in it is escaped.
}

// maxQuery bounds what is searched for, in bytes.
const maxQuery = 200

func (s *section) list(x *page.Exchange) error {
	b, err := s.find(x)
	if err != nil {
		return err
	}
	l := &listing{subject: b, Total: len(b.Operations), Kind: kindOf(b), Exports: b.exports()}
	query := x.R.URL.Query()
	l.Query = query.Get("q")[:min(len(query.Get("q")), maxQuery)]
	l.Tagged = slices.ContainsFunc(b.Operations, func(o *catalogue.Operation) bool { return len(b.Known.Tags(o)) > 0 })
	l.By = "path"
	if l.Tagged && query.Get("by") != "path" {
		l.By = "tag"
	}
	l.fill()
	if b.Known != nil {
		l.Schemas = b.Known.Schemas()
	}
	p := b.page("Operations of "+b.Title(), "reference-list", l)
	p.Wide = false // As wide as the tabs beside it, so that nothing jumps.
	return x.Render(http.StatusOK, p)
}

// fill makes the groups of what was searched for.
func (l *listing) fill() {
	places := map[string]int{}
	words := strings.Fields(strings.ToLower(l.Query))
	deprecated := l.deprecated()
	for _, o := range l.Operations {
		if !matches(o, l.Known.Tags(o), words) {
			continue
		}
		l.Found++
		for _, name := range l.groupsOf(o) {
			at, there := places[name]
			if !there {
				at = len(l.Groups)
				places[name] = at
				l.Groups = append(l.Groups, group{Name: name, Text: l.textOf(name)})
			}
			l.Groups[at].Operations = append(l.Groups[at].Operations, row{o, deprecated[o]})
		}
	}
	slices.SortStableFunc(l.Groups, func(a, b group) int {
		if (a.Name == "") != (b.Name == "") { // What has no tag comes last.
			return cmp.Compare(b.Name, a.Name)
		}
		return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
}

// groupsOf are the groups of an operation: its tags, or the beginning of its
// path.
func (l *listing) groupsOf(o *catalogue.Operation) []string {
	if l.By == "tag" {
		if tags := l.Known.Tags(o); len(tags) > 0 {
			return tags
		}
		return []string{""}
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(o.Template, "/"), "/")
	first, _, _ = strings.Cut(first, "?")
	return []string{"/" + first}
}

// textOf is what the document says of a tag.
func (l *listing) textOf(name string) template.HTML {
	if l.By != "tag" || l.Known == nil {
		return ""
	}
	return l.Known.tagTexts[strings.ToLower(name)]
}

func (l *listing) deprecated() map[*catalogue.Operation]bool {
	out := map[*catalogue.Operation]bool{}
	if l.Known == nil {
		return out
	}
	for _, o := range l.Operations {
		if e, _ := l.Known.find(o); e != nil && e.Deprecated {
			out[o] = true
		}
	}
	return out
}

// matches reports whether an operation has all words.
func matches(o *catalogue.Operation, tags, words []string) bool {
	if len(words) == 0 {
		return true
	}
	text := strings.ToLower(o.Method + " " + o.Template + " " + o.DisplayName + " " + o.Name + " " + strings.Join(tags, " "))
	for _, word := range words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// kind is what the page says of an API by its type.
type kind struct {
	Name, Text string
	// Operations says that there are some to read of.
	Operations bool
}

func kindOf(b *subject) kind {
	switch strings.ToLower(b.API.Type) {
	case typeGraphQL:
		return kind{"GraphQL", "All calls go to one address, as POST with a query. The schema can be downloaded where it is known.", false}
	case typeSOAP:
		return kind{"SOAP", "Calls are envelopes that are sent to one address. The WSDL has all operations and types.", true}
	case typeWebSocket:
		return kind{"WebSocket", "A connection is opened at the address, and carries messages in both directions.", false}
	case typeGRPC:
		return kind{"gRPC", "Calls are made with a client that is generated from the service's definition.", true}
	case "odata":
		return kind{"OData", "Entities are read and written below the address; the metadata document has their types.", true}
	default:
		return kind{Operations: true}
	}
}
