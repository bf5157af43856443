package openapi

import (
	"encoding/json"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer/document"
	"github.com/sallyport/sallyport/internal/model"
)

// allParameters returns the parameters of a path and of its operation; those
// of the operation win.
func (r *operationReader) allParameters(item *document.Node) []*document.Node {
	var all []*document.Node
	index := map[[2]string]int{}
	for _, list := range []*document.Node{item.Get("parameters"), r.node.Get("parameters")} {
		if list == nil {
			continue
		}
		if !list.Is(document.List) {
			r.errorAt(list, r.where, "parameters is "+list.Kind.String()+", not a list", "")
			continue
		}
		for _, p := range list.Items {
			if p = r.follow(p); p == nil {
				continue
			}
			key := [2]string{p.Get("in").String(), p.Get("name").String()}
			if i, ok := index[key]; ok {
				all[i] = p
				continue
			}
			index[key] = len(all)
			all = append(all, p)
		}
	}
	return all
}

// parameters reads those of the URL and the headers. Names are unique within a
// URL template, so a query parameter named as one of the path stays in the
// query.
func (r *operationReader) parameters(item *document.Node, request *model.Request) {
	var query []string
	inTemplate := map[string]bool{}
	inQuery := queryNames(r.out.URLTemplate)
	for _, p := range r.allParameters(item) {
		name := p.Get("name").String()
		switch in := p.Get("in").String(); in {
		case "path":
			parameter := r.parameter(p)
			parameter.Required = true
			inTemplate[strings.ToLower(name)] = true
			r.out.TemplateParameters = append(r.out.TemplateParameters, parameter)
		case "query":
			parameter := r.parameter(p)
			if inQuery[strings.ToLower(name)] {
				inTemplate[strings.ToLower(name)] = true
				r.out.TemplateParameters = append(r.out.TemplateParameters, parameter)
				continue
			}
			if parameter.Required && !r.options.QueryStaysQuery && !inTemplate[strings.ToLower(name)] && templateSafe(name) {
				inTemplate[strings.ToLower(name)] = true
				query = append(query, name+"={"+name+"}")
				r.out.TemplateParameters = append(r.out.TemplateParameters, parameter)
				continue
			}
			request.QueryParameters = append(request.QueryParameters, parameter)
		case "header":
			request.Headers = append(request.Headers, r.parameter(p))
		case "body", "formData", "cookie":
		default:
			r.errorAt(p, r.where, "the parameter "+name+" has the unknown place in: "+in, "give path, query, header or cookie")
		}
	}
	if len(query) > 0 {
		separator := "?"
		if strings.Contains(r.out.URLTemplate, "?") {
			separator = "&"
		}
		r.out.URLTemplate += separator + strings.Join(query, "&")
	}
	r.undeclared(inTemplate)
}

// queryNames returns, in lower case, the names of the parameters in the query
// of a path of x-ms-paths.
func queryNames(path string) map[string]bool {
	_, query, ok := strings.Cut(path, "?")
	if !ok {
		return nil
	}
	names, err := model.TemplateNames(query)
	if err != nil {
		return nil // checkTemplate says so.
	}
	out := make(map[string]bool, len(names))
	for _, name := range names {
		out[strings.ToLower(name)] = true
	}
	return out
}

// templateSafe reports whether a name may stand between braces in a template.
func templateSafe(name string) bool {
	return name != "" && !strings.ContainsAny(name, "{}*?&=/# ")
}

// undeclared defines the template's parameters that the document does not, and
// drops those that the template does not have.
func (r *operationReader) undeclared(declared map[string]bool) {
	names, err := model.TemplateNames(r.out.URLTemplate)
	if err != nil {
		return // checkTemplate says so.
	}
	used := make(map[string]bool, len(names))
	for _, name := range names {
		used[strings.ToLower(name)] = true
		if !declared[strings.ToLower(name)] {
			r.out.TemplateParameters = append(r.out.TemplateParameters, model.Parameter{Name: name, Type: "string", Required: true})
		}
	}
	kept := r.out.TemplateParameters[:0]
	for _, p := range r.out.TemplateParameters {
		if used[strings.ToLower(p.Name)] {
			kept = append(kept, p)
			continue
		}
		r.warnAt(r.node, r.where, "the path has no {"+p.Name+"}, so the parameter is dropped", "")
	}
	r.out.TemplateParameters = kept
}

// parameter reads a parameter or a response's header.
func (r *operationReader) parameter(p *document.Node) model.Parameter {
	schema := p
	if !r.swagger {
		schema = p.Get("schema")
		if schema == nil {
			if content := p.Get("content"); content.Is(document.Object) && len(content.Members) > 0 {
				schema = content.Members[0].Value.Get("schema")
			}
		}
	}
	out := model.Parameter{
		Name:        p.Get("name").String(),
		Description: p.Get("description").String(),
		Required:    p.Get("required").True(),
		Examples:    r.examples(p),
	}
	if !r.swagger && schema != nil && richSchema(schema) {
		out.SchemaID, out.TypeName = r.typeName(schema, r.where+"."+out.Name)
	}
	resolved := r.follow(schema)
	out.Type = schemaType(resolved)
	out.DefaultValue = text(resolved.Get("default"))
	if values := resolved.Get("enum"); values.Is(document.List) {
		for _, v := range values.Items {
			out.Values = append(out.Values, text(v))
		}
	}
	return out
}

// richSchema reports whether a schema says more than a Parameter can.
func richSchema(schema *document.Node) bool {
	for i := range schema.Members {
		switch schema.Members[i].Name {
		case "type", "default", "enum", "description", "example", "examples", "title":
		default:
			return true
		}
	}
	return false
}

// schemaType returns a schema's type; of several, the first that is not null.
func schemaType(schema *document.Node) string {
	t := schema.Get("type")
	if t.Is(document.List) {
		for _, item := range t.Items {
			if item.String() != "null" {
				return item.String()
			}
		}
	}
	if t.Is(document.String) && t.Text != "" {
		return t.Text
	}
	switch {
	case schema.Get("properties") != nil:
		return "object"
	case schema.Get("items") != nil:
		return "array"
	default:
		return "string"
	}
}

// text gives a default or a value of an enumeration as a parameter's text.
func text(n *document.Node) string {
	if n == nil || n.Kind == document.Null {
		return ""
	}
	if n.Kind == document.List || n.Kind == document.Object {
		return string(n.AppendJSON(nil))
	}
	return n.Text
}

// examples reads example and examples of a parameter, a header or a media
// type. A single example is named "default".
func (r *operationReader) examples(n *document.Node) map[string]model.Example {
	var out map[string]model.Example
	add := func(name string, e model.Example) {
		if out == nil {
			out = map[string]model.Example{}
		}
		out[name] = e
	}
	if e := n.Get("example"); e != nil {
		add("default", model.Example{Value: rawJSON(e)})
	}
	list := n.Get("examples")
	if !list.Is(document.Object) {
		return out
	}
	for i := range list.Members {
		e := r.follow(list.Members[i].Value)
		if !e.Is(document.Object) {
			continue
		}
		example := model.Example{
			Summary:       e.Get("summary").String(),
			Description:   e.Get("description").String(),
			ExternalValue: e.Get("externalValue").String(),
		}
		if v := e.Get("value"); v != nil {
			example.Value = rawJSON(v)
		}
		add(list.Members[i].Name, example)
	}
	return out
}

func rawJSON(n *document.Node) json.RawMessage { return n.AppendJSON(nil) }
