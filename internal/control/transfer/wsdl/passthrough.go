package wsdl

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/control/transfer/openapi"
	"github.com/sallyport/sallyport/internal/model"
)

// passThrough makes a POST operation of each, which is told from the others by
// its SOAPAction.
func (r *reader) passThrough(b *binding, operations []operation) {
	seen := map[string]string{}
	for i := range operations {
		o := &operations[i]
		action := o.action
		if action == "" {
			action = o.name
		}
		if first, ok := seen[action]; ok {
			r.warn(o.element, "operation",
				fmt.Sprintf("the operation %q has the same SOAPAction as %q, and is left out", clip(o.name), clip(first)))
			continue
		}
		seen[action] = o.name
		out := r.operation(o)
		out.Method, out.URLTemplate = "POST", "/?soapAction="+escapeAction(action)
		out.Request = &model.Request{Description: o.input.name, Representations: b.representation(o.input)}
		out.Responses = []model.Response{{StatusCode: 200, Description: o.output.name, Representations: b.representation(o.output)}}
		r.add(o, out)
	}
}

// operation begins an operation: its name, and what people read.
func (r *reader) operation(o *operation) *model.Operation {
	name := openapi.Normalize(o.name)
	if name == "" {
		name = "operation"
	}
	unique := name
	for i := 1; r.names[unique]; i++ {
		unique = name + "-" + strconv.Itoa(i)
	}
	r.names[unique] = true
	return &model.Operation{
		ID: r.api.Child("operations", unique), DisplayName: firstRunes(o.name, maxDisplayName), Description: o.description,
	}
}

// maxDisplayName bounds the displayName of an operation, in characters.
const maxDisplayName = 300

func firstRunes(text string, n int) string {
	if text == "" {
		return "operation"
	}
	for i := range text {
		if n--; n < 0 {
			return text[:i]
		}
	}
	return text
}

func (r *reader) add(o *operation, out *model.Operation) {
	r.out.Operations = append(r.out.Operations, out)
	r.out.Positions[out.ID.Key()] = transfer.Position{Line: o.element.Line, Column: o.element.Column}
}

// representation names the element of the message in the schema that has it.
func (b *binding) representation(m message) []model.Representation {
	out := model.Representation{ContentType: b.contentType()}
	if m.element.Local != "" {
		if i := b.types.schemaOf(m.element); i >= 0 {
			out.SchemaID, out.TypeName = schemaName(i), m.element.Local
		}
	}
	return []model.Representation{out}
}

// schemaOf returns which schema declares a global element, or -1.
func (t *types) schemaOf(name xml.Name) int {
	e, ok := t.elements[name]
	if !ok {
		return -1
	}
	for i, s := range t.schemas {
		if s == e.Parent {
			return i
		}
	}
	return -1
}

// escapeAction writes a SOAPAction as the value of a query parameter. What may
// stand in one stays as it is, so that the usual ones, which are URIs, can be
// read; braces would be parameters of the template.
func escapeAction(action string) string {
	var b strings.Builder
	for i := range len(action) {
		c := action[i]
		plain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~:/?@!$'()*,;=", c) >= 0
		if plain {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}
