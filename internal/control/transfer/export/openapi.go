package export

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer/document"
	"github.com/sallyport/sallyport/internal/model"
)

// openAPIVersion is what is written. Exports of API Management are 3.0.1 too.
const openAPIVersion = "3.0.1"

func (w *writer) openAPI() *document.Node {
	w.collect()
	root := newObject()
	root.text("openapi", openAPIVersion)
	root.put("info", w.information())
	servers := make([]*document.Node, len(w.source.Servers))
	for i, url := range w.source.Servers {
		server := newObject()
		server.text("url", url)
		servers[i] = server.Node
	}
	if len(servers) > 0 {
		root.put("servers", list(servers))
	}
	w.paths(root)
	components := newObject()
	components.put("schemas", w.typeList())
	w.security(root, components, "securitySchemes")
	root.put("components", components.filled())
	return root.Node
}

func (w *writer) information() *document.Node {
	a := w.source.API
	info := newObject()
	info.put("title", str(w.source.title()))
	info.text("description", a.Description)
	info.text("termsOfService", a.TermsOfServiceURL)
	if c := a.Contact; c != nil {
		contact := newObject()
		contact.text("name", c.Name)
		contact.text("url", c.URL)
		contact.text("email", c.Email)
		info.put("contact", contact.filled())
	}
	if l := a.License; l != nil {
		license := newObject()
		license.put("name", str(cmp.Or(l.Name, l.URL)))
		license.text("url", l.URL)
		info.put("license", license.filled())
	}
	info.text("version", w.source.version())
	return info.Node
}

// typeList has all types, in the order of the schemas.
func (w *writer) typeList() *document.Node {
	out := newObject()
	for _, name := range w.types.order {
		out.put(name, w.types.nodes[name])
	}
	return out.filled()
}

// security says that calls need a subscription key, in the header or in the
// query.
func (w *writer) security(root, holder object, name string) {
	if !w.source.API.RequiresSubscription() {
		return
	}
	header, query := w.source.API.KeyNames()
	schemes := newObject()
	var either []*document.Node
	for _, s := range []struct{ name, parameter, in string }{{"apiKeyHeader", header, "header"}, {"apiKeyQuery", query, "query"}} {
		scheme := newObject()
		scheme.text("type", "apiKey")
		scheme.text("name", s.parameter)
		scheme.text("in", s.in)
		schemes.put(s.name, scheme.Node)
		needed := newObject()
		needed.put(s.name, list(nil))
		either = append(either, needed.Node)
	}
	holder.put(name, schemes.Node)
	root.put("security", list(either))
}

func (w *writer) openAPIOperation(o *model.Operation, t template) *document.Node {
	out := w.head(o)
	out.put("parameters", w.parameters(o, t))
	out.put("requestBody", w.requestBody(o))
	responses := newObject()
	for i := range o.Responses {
		r := &o.Responses[i]
		code := strconv.Itoa(r.StatusCode)
		if responses.Get(code) != nil {
			continue
		}
		response := newObject()
		response.put("description", str(r.Description))
		response.put("headers", w.headers(r.Headers))
		response.put("content", w.content(r.Representations))
		responses.put(code, response.Node)
	}
	out.put("responses", needsOne(responses))
	return out.Node
}

// needsOne adds a response where there is none: a description must have one.
func needsOne(responses object) *document.Node {
	if len(responses.Members) == 0 {
		response := newObject()
		response.put("description", str(""))
		responses.put("200", response.Node)
	}
	return responses.Node
}

// head has what operations of all formats begin with.
func (w *writer) head(o *model.Operation) object {
	out := newObject()
	if tags := w.source.Tags[o.ID.Key()]; len(tags) > 0 {
		out.put("tags", texts(tags))
	}
	out.text("summary", o.DisplayName)
	out.text("description", o.Description)
	out.text("operationId", o.ID.Name())
	return out
}

func (w *writer) requestBody(o *model.Operation) *document.Node {
	if o.Request == nil || len(o.Request.Representations) == 0 && o.Request.Description == "" {
		return nil
	}
	body := newObject()
	body.text("description", o.Request.Description)
	content := w.content(o.Request.Representations)
	if content == nil {
		content = newObject().Node
	}
	body.put("content", content)
	return body.Node
}

func (w *writer) content(representations []model.Representation) *document.Node {
	out := newObject()
	for i := range representations {
		r := &representations[i]
		if r.ContentType == "" || out.Get(r.ContentType) != nil {
			continue
		}
		media := newObject()
		if len(r.FormParameters) > 0 {
			media.put("schema", form(r.FormParameters))
		} else {
			media.put("schema", w.reference(r.SchemaID, r.TypeName))
		}
		putExamples(media, r.Examples)
		out.put(r.ContentType, media.Node)
	}
	return out.filled()
}

// form is the schema of a form.
func form(parameters []model.Parameter) *document.Node {
	properties := newObject()
	var needed []string
	for i := range parameters {
		p := &parameters[i]
		property := simpleSchema(p)
		if strings.EqualFold(p.Type, "file") {
			property = newObject()
			property.text("type", "string")
			property.text("format", "binary")
		}
		property.text("description", p.Description)
		properties.put(p.Name, property.Node)
		if p.Required {
			needed = append(needed, p.Name)
		}
	}
	schema := newObject()
	if len(needed) > 0 {
		schema.put("required", texts(needed))
	}
	schema.text("type", "object")
	schema.put("properties", properties.Node)
	return schema.Node
}

func (w *writer) headers(headers []model.Parameter) *document.Node {
	out := newObject()
	for i := range headers {
		h := &headers[i]
		header := newObject()
		header.text("description", h.Description)
		if h.Required {
			header.put("required", yes)
		}
		header.put("schema", w.parameterSchema(h))
		putExamples(header, h.Examples)
		out.put(h.Name, header.Node)
	}
	return out.filled()
}

// putExamples writes one example without further words as "example", and all
// others as "examples", in the order of their names.
func putExamples(to object, examples map[string]model.Example) {
	if e, ok := examples["default"]; ok && len(examples) == 1 && e.Summary+e.Description+e.ExternalValue == "" {
		to.put("example", raw(e.Value))
		return
	}
	out := newObject()
	for _, name := range slices.Sorted(maps.Keys(examples)) {
		e := examples[name]
		example := newObject()
		example.text("summary", e.Summary)
		example.text("description", e.Description)
		example.text("externalValue", e.ExternalValue)
		example.put("value", raw(e.Value))
		out.put(name, example.Node)
	}
	to.put("examples", out.filled())
}
