package wadl

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/control/transfer/markup"
	"github.com/sallyport/sallyport/internal/control/transfer/openapi"
	"github.com/sallyport/sallyport/internal/model"
)

// walk goes down the resources, with what those above say.
type walk struct {
	*reader
	path   string
	params []*markup.Element
	depth  int
}

func (w walk) resource(e *markup.Element) {
	if w.depth++; w.depth > MaxNesting {
		w.fail(e, fmt.Sprintf("resources are nested deeper than %d (limit MaxNesting), perhaps by a type that has itself", MaxNesting), "")
		return
	}
	w.path += "/" + strings.Trim(plainPath(e.Attribute("path")), "/")
	w.path = strings.TrimSuffix(w.path, "/")
	w = w.take(e)
	w.body(e)
	for t := range strings.FieldsSeq(e.Attribute("type")) {
		if body := w.target(e, t, "resource_type"); body != nil {
			w.take(body).body(body)
		}
	}
}

// take returns the walk with the parameters of a resource or a resource type
// besides those from above.
func (w walk) take(e *markup.Element) walk {
	w.params = append([]*markup.Element{}, w.params...)
	for p := range e.All(w.space, "param") {
		if p = w.follow(p); p != nil && w.count(p) {
			w.params = append(w.params, p)
		}
	}
	return w
}

// count reports whether one more part of an operation may be made.
func (r *reader) count(e *markup.Element) bool {
	r.parts++
	if r.parts == MaxParts+1 {
		r.fail(e, fmt.Sprintf("the methods have more than %d parameters, bodies and answers together (limit MaxParts)", MaxParts), "")
	}
	return r.parts <= MaxParts
}

// body reads what a resource and a resource type have in common. It ends early
// once a limit was reached.
func (w walk) body(e *markup.Element) {
	for _, c := range e.Children {
		if len(w.out.Operations) > MaxOperations || w.references > MaxReferences || w.parts > MaxParts {
			return
		}
		switch {
		case c.Is(w.space, "method"):
			if m := w.follow(c); m != nil {
				w.method(m)
			}
		case c.Is(w.space, "resource"):
			w.resource(c)
		}
	}
}

// plainPath takes the regular expressions off the parameters of a path:
// "{id: [0-9]+}" is "{id}".
func plainPath(path string) string {
	var b strings.Builder
	depth := 0
	inExpression := false
	for _, r := range path {
		switch {
		case r == '{':
			if depth++; depth == 1 {
				inExpression = false
				b.WriteRune(r)
			}
			continue
		case r == '}' && depth > 0:
			if depth--; depth == 0 {
				b.WriteRune(r)
			}
			continue
		case depth == 1 && r == ':':
			inExpression = true
		}
		if depth == 0 || depth == 1 && !inExpression && r != ' ' {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func (w walk) method(e *markup.Element) {
	if len(w.out.Operations) == MaxOperations {
		w.fail(e, fmt.Sprintf("the document has more than %d methods (limit MaxOperations)", MaxOperations), "")
	}
	method := strings.ToUpper(cmp.Or(e.Attribute("name"), "GET"))
	path := cmp.Or(w.path, "/")
	title, text := w.doc(e)
	out := &model.Operation{
		DisplayName: firstRunes(cmp.Or(title, e.Attribute("id"), method+" "+path), maxDisplayName),
		Method:      method, URLTemplate: path, Description: text,
	}
	o := &operationReader{walk: w, out: out, declared: map[string]bool{}}
	o.read(e)
	shape := method + " " + strings.ToLower(out.URLTemplate)
	if first, ok := w.shapes[shape]; ok {
		w.warn(e, fmt.Sprintf("the operation %q has the same method and URL template; this one is left out", clip(first)))
		return
	}
	if _, err := model.TemplateNames(out.URLTemplate); err != nil {
		w.fail(e, err.Error(), "")
		return
	}
	out.ID = w.api.Child("operations", w.name(cmp.Or(e.Attribute("id"), method+"-"+out.URLTemplate)))
	w.shapes[shape] = out.ID.Name()
	w.out.Operations = append(w.out.Operations, out)
	w.out.Positions[out.ID.Key()] = transfer.Position{Line: e.Line, Column: e.Column}
}

// name makes a name that no other operation has.
func (r *reader) name(text string) string {
	base := cmp.Or(openapi.Normalize(text), "operation")
	unique := base
	for i := 1; r.names[unique]; i++ {
		unique = base + "-" + strconv.Itoa(i)
	}
	r.names[unique] = true
	return unique
}

// maxDisplayName bounds the displayName of an operation, in characters.
const maxDisplayName = 300

func firstRunes(text string, n int) string {
	for i := range text {
		if n--; n < 0 {
			return text[:i]
		}
	}
	return text
}
