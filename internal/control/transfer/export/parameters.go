package export

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer/document"
	"github.com/sallyport/sallyport/internal/model"
)

// parameters has those of the template, the query and the headers.
func (w *writer) parameters(o *model.Operation, t template) *document.Node {
	var out []*document.Node
	add := func(p *model.Parameter, in string) {
		out = append(out, w.parameter(p, in))
	}
	for i := range o.TemplateParameters {
		p := o.TemplateParameters[i]
		p.Name = strings.TrimPrefix(p.Name, "*")
		p.Required = true
		if t.query[strings.ToLower(p.Name)] {
			add(&p, "query")
			continue
		}
		add(&p, "path")
	}
	if o.Request != nil {
		for i := range o.Request.QueryParameters {
			add(&o.Request.QueryParameters[i], "query")
		}
		for i := range o.Request.Headers {
			add(&o.Request.Headers[i], "header")
		}
	}
	if w.swagger {
		out = append(out, w.bodyParameters(o)...)
	}
	if len(out) == 0 {
		return nil
	}
	return list(out)
}

func (w *writer) parameter(p *model.Parameter, in string) *document.Node {
	out := newObject()
	out.put("name", str(p.Name))
	out.text("in", in)
	out.text("description", p.Description)
	if p.Required {
		out.put("required", yes)
	}
	if w.swagger {
		w.inline(out, p)
		return out.Node
	}
	out.put("schema", w.parameterSchema(p))
	putExamples(out, p.Examples)
	return out.Node
}

// parameterSchema is the type that the parameter names, or one made of what
// the parameter says.
func (w *writer) parameterSchema(p *model.Parameter) *document.Node {
	if ref := w.reference(p.SchemaID, p.TypeName); ref != nil {
		return ref
	}
	return simpleSchema(p).Node
}

// schemaTypeNames are the types that schemas have; any other type of a
// parameter becomes the format of a string.
var schemaTypeNames = []string{"string", "integer", "number", "boolean", "array", "object"}

func simpleSchema(p *model.Parameter) object {
	out := newObject()
	typeName := strings.ToLower(p.Type)
	switch {
	case slices.Contains(schemaTypeNames, typeName):
		out.text("type", typeName)
	case typeName == "":
	default:
		out.text("type", "string")
		out.text("format", p.Type)
	}
	if typeName == "array" {
		items := newObject()
		items.text("type", "string")
		out.put("items", items.Node)
	}
	if len(p.Values) > 0 {
		values := make([]*document.Node, len(p.Values))
		for i, v := range p.Values {
			values[i] = typed(v, typeName)
		}
		out.put("enum", list(values))
	}
	if p.DefaultValue != "" {
		out.put("default", typed(p.DefaultValue, typeName))
	}
	return out
}

// typed gives the text of a default or a value of an enumeration the
// parameter's type, where it can be had.
func typed(text, typeName string) *document.Node {
	if typeName == "string" || !slices.Contains(schemaTypeNames, typeName) || !json.Valid([]byte(text)) {
		return str(text)
	}
	return raw([]byte(text))
}

// inlineKeywords are those that a parameter of Swagger 2 may take from its
// type, besides type, default and enum.
var inlineKeywords = []string{
	"format", "items", "collectionFormat", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum",
	"maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "multipleOf",
}

// inline writes the schema of a parameter as Swagger 2 does: among its own
// members, and without references.
func (w *writer) inline(to object, p *model.Parameter) {
	schema := simpleSchema(p)
	if named := w.types.nodes[w.types.names[typeKey{strings.ToLower(lastSegment(p.SchemaID)), p.TypeName}]]; named != nil {
		for _, keyword := range inlineKeywords {
			if v := named.Get(keyword); v != nil && schema.Get(keyword) == nil && v.Get("$ref") == nil {
				schema.put(keyword, v)
			}
		}
	}
	if schema.Get("type").String() == "object" { // Parameters have no objects.
		schema.Get("type").Text = "string"
	}
	to.Members = append(to.Members, schema.Members...)
}
