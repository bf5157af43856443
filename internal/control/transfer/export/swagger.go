package export

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer/document"
	"github.com/sallyport/sallyport/internal/model"
)

func (w *writer) swagger2() *document.Node {
	w.swagger = true
	w.collect()
	root := newObject()
	root.text("swagger", "2.0")
	root.put("info", w.information())
	w.host(root)
	w.security(root, root, "securityDefinitions")
	w.paths(root)
	root.put("definitions", w.typeList())
	return root.Node
}

// host writes the first server as host, base path and schemes; the schemes of
// the others at the same place are added.
func (w *writer) host(root object) {
	var first *url.URL
	var schemes []string
	for _, text := range w.source.Servers {
		u, err := url.Parse(text)
		if err != nil || u.Host == "" {
			continue
		}
		if first == nil {
			first = u
		}
		if u.Host == first.Host && u.Path == first.Path && !slices.Contains(schemes, u.Scheme) {
			schemes = append(schemes, u.Scheme)
		}
	}
	if first == nil {
		return
	}
	root.text("host", first.Host)
	root.text("basePath", "/"+strings.Trim(first.Path, "/"))
	root.put("schemes", texts(schemes))
}

func (w *writer) swaggerOperation(o *model.Operation, t template) *document.Node {
	out := w.head(o)
	if o.Request != nil {
		out.put("consumes", mediaTypes(o.Request.Representations))
	}
	var answered []model.Representation
	for i := range o.Responses {
		answered = append(answered, o.Responses[i].Representations...)
	}
	out.put("produces", mediaTypes(answered))
	out.put("parameters", w.parameters(o, t))
	responses := newObject()
	for i := range o.Responses {
		if code := strconv.Itoa(o.Responses[i].StatusCode); responses.Get(code) == nil {
			responses.put(code, w.swaggerResponse(&o.Responses[i]))
		}
	}
	out.put("responses", needsOne(responses))
	return out.Node
}

func mediaTypes(representations []model.Representation) *document.Node {
	var types []string
	for i := range representations {
		if t := representations[i].ContentType; t != "" && !slices.Contains(types, t) {
			types = append(types, t)
		}
	}
	if len(types) == 0 {
		return nil
	}
	return texts(types)
}

// swaggerResponse has one schema, the first that a representation names, and
// one example for each media type.
func (w *writer) swaggerResponse(r *model.Response) *document.Node {
	out := newObject()
	out.put("description", str(r.Description))
	out.put("schema", w.firstType(r.Representations))
	headers := newObject()
	for i := range r.Headers {
		h := &r.Headers[i]
		header := newObject()
		header.text("description", h.Description)
		w.inline(header, h)
		headers.put(h.Name, header.Node)
	}
	out.put("headers", headers.filled())
	examples := newObject()
	for i := range r.Representations {
		p := &r.Representations[i]
		if e := firstExample(p.Examples); e != nil && examples.Get(p.ContentType) == nil {
			examples.put(p.ContentType, e)
		}
	}
	out.put("examples", examples.filled())
	return out.Node
}

func firstExample(examples map[string]model.Example) *document.Node {
	if e, ok := examples["default"]; ok {
		return raw(e.Value)
	}
	name := ""
	for n := range examples {
		if name == "" || n < name {
			name = n
		}
	}
	return raw(examples[name].Value)
}

func (w *writer) firstType(representations []model.Representation) *document.Node {
	for i := range representations {
		if ref := w.reference(representations[i].SchemaID, representations[i].TypeName); ref != nil {
			return ref
		}
	}
	return nil
}

// bodyParameters has the body, or the fields of a form: Swagger 2 takes one of
// the two.
func (w *writer) bodyParameters(o *model.Operation) []*document.Node {
	if o.Request == nil || len(o.Request.Representations) == 0 {
		return nil
	}
	representations := o.Request.Representations
	if form := formOf(representations); form != nil {
		out := make([]*document.Node, len(form))
		for i := range form {
			out[i] = w.parameter(&form[i], "formData")
			if strings.EqualFold(form[i].Type, "file") {
				out[i].Get("type").Text = "file"
			}
		}
		return out
	}
	body := newObject()
	body.text("name", "body")
	body.text("in", "body")
	body.text("description", o.Request.Description)
	schema := w.firstType(representations)
	if schema == nil {
		schema = newObject().Node
	}
	body.put("schema", schema)
	return []*document.Node{body.Node}
}

// formOf returns the fields of the first form where all representations are
// forms.
func formOf(representations []model.Representation) []model.Parameter {
	var fields []model.Parameter
	for i := range representations {
		if len(representations[i].FormParameters) == 0 {
			return nil
		}
		if fields == nil {
			fields = representations[i].FormParameters
		}
	}
	return fields
}
