package openapi

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer/document"
	"github.com/sallyport/sallyport/internal/model"
)

const (
	formURLEncoded = "application/x-www-form-urlencoded"
	formMultipart  = "multipart/form-data"
	jsonType       = "application/json"
)

// body reads the request body of OpenAPI 3.
func (r *operationReader) body(request *model.Request) {
	body := r.follow(r.node.Get("requestBody"))
	if body == nil {
		return
	}
	request.Description = body.Get("description").String()
	request.Representations = r.content(body.Get("content"), r.where+".Request")
}

// content reads the media types of a body.
func (r *operationReader) content(content *document.Node, where string) []model.Representation {
	if content == nil {
		return nil
	}
	if !content.Is(document.Object) {
		r.errorAt(content, where, "content is "+content.Kind.String()+", not an object of media types", "")
		return nil
	}
	var out []model.Representation
	for i := range content.Members {
		media := &content.Members[i]
		representation := model.Representation{ContentType: media.Name, Examples: r.examples(media.Value)}
		if schema := media.Value.Get("schema"); schema != nil {
			if isForm(media.Name) {
				representation.FormParameters = r.formParameters(schema)
			} else {
				representation.SchemaID, representation.TypeName = r.typeName(schema, where+"."+media.Name)
			}
		}
		out = append(out, representation)
	}
	return out
}

func isForm(contentType string) bool {
	return strings.HasPrefix(contentType, formURLEncoded) || strings.HasPrefix(contentType, formMultipart)
}

// formParameters makes a parameter of each property of a form's schema.
func (r *operationReader) formParameters(schema *document.Node) []model.Parameter {
	schema = r.follow(schema)
	needed := map[string]bool{}
	if list := schema.Get("required"); list.Is(document.List) {
		for _, name := range list.Items {
			needed[name.String()] = true
		}
	}
	properties := schema.Get("properties")
	if !properties.Is(document.Object) {
		return nil
	}
	var out []model.Parameter
	for i := range properties.Members {
		p := r.follow(properties.Members[i].Value)
		name := properties.Members[i].Name
		out = append(out, model.Parameter{
			Name: name, Type: schemaType(p), Description: p.Get("description").String(), Required: needed[name],
		})
	}
	return out
}

// swaggerBody reads the body and form parameters of Swagger 2.
func (r *operationReader) swaggerBody(item *document.Node, request *model.Request) {
	var schema *document.Node
	var form []model.Parameter
	for _, p := range r.allParameters(item) {
		switch p.Get("in").String() {
		case "body":
			schema = p.Get("schema")
			request.Description = p.Get("description").String()
		case "formData":
			form = append(form, r.parameter(p))
		}
	}
	switch {
	case schema != nil:
		schemaID, typeName := r.typeName(schema, r.where+".Request")
		for _, contentType := range r.mediaTypes("consumes", jsonType) {
			request.Representations = append(request.Representations, model.Representation{
				ContentType: contentType, SchemaID: schemaID, TypeName: typeName,
			})
		}
	case len(form) > 0:
		for _, contentType := range r.mediaTypes("consumes", formURLEncoded) {
			request.Representations = append(request.Representations, model.Representation{
				ContentType: contentType, FormParameters: form,
			})
		}
	}
}

// mediaTypes returns consumes or produces of the operation, else of the
// document, else the default.
func (r *operationReader) mediaTypes(name, fallback string) []string {
	list := r.node.Get(name)
	if !list.Is(document.List) {
		list = r.root.Get(name)
	}
	if !list.Is(document.List) || len(list.Items) == 0 {
		return []string{fallback}
	}
	out := make([]string, len(list.Items))
	for i, item := range list.Items {
		out[i] = item.String()
	}
	return out
}

// responses reads all responses. A range such as 4XX is its first code, and
// "default" is 200, each where nothing else in the document has that code.
func (r *operationReader) responses() {
	list := r.node.Get("responses")
	if list == nil {
		return
	}
	if !list.Is(document.Object) {
		r.errorAt(list, r.where, "responses is "+list.Kind.String()+", not an object of status codes", "")
		return
	}
	taken := map[int]bool{}
	for i := range list.Members {
		if code, exact := statusCode(list.Members[i].Name); exact {
			taken[code] = true
		}
	}
	for i := range list.Members {
		m := &list.Members[i]
		if strings.HasPrefix(m.Name, "x-") {
			continue
		}
		code, exact := statusCode(m.Name)
		if code == 0 {
			r.errorAt(at(m.Line, m.Column), r.where, "the response "+cut(m.Name, 40)+" is not a status code", "give a code, as in 200, or default")
			continue
		}
		if !exact && taken[code] {
			continue
		}
		taken[code] = true
		if response := r.follow(m.Value); response != nil {
			r.out.Responses = append(r.out.Responses, r.response(code, response))
		}
	}
}

// statusCode reads the name of a response: 0 is none.
func statusCode(name string) (code int, exact bool) {
	if name == "default" {
		return 200, false
	}
	if len(name) == 3 && strings.EqualFold(name[1:], "xx") && name[0] >= '1' && name[0] <= '5' {
		return int(name[0]-'0') * 100, false
	}
	n, err := strconv.Atoi(name)
	if err != nil || n < 100 || n > 999 {
		return 0, false
	}
	return n, true
}

func (r *operationReader) response(code int, n *document.Node) model.Response {
	out := model.Response{StatusCode: code, Description: n.Get("description").String()}
	where := r.where + strconv.Itoa(code)
	if headers := n.Get("headers"); headers.Is(document.Object) {
		for i := range headers.Members {
			h := r.parameter(r.follow(headers.Members[i].Value))
			h.Name = headers.Members[i].Name
			out.Headers = append(out.Headers, h)
		}
	}
	if !r.swagger {
		out.Representations = r.content(n.Get("content"), where)
		return out
	}
	out.Representations = r.swaggerRepresentations(n, where)
	return out
}

// swaggerRepresentations makes one of each media type that the operation
// produces or the response has an example of.
func (r *operationReader) swaggerRepresentations(n *document.Node, where string) []model.Representation {
	schema, examples := n.Get("schema"), n.Get("examples")
	if schema == nil && !examples.Is(document.Object) {
		return nil
	}
	var types []string
	if schema != nil {
		types = r.mediaTypes("produces", jsonType)
	}
	if examples.Is(document.Object) {
		for i := range examples.Members {
			if name := examples.Members[i].Name; !slices.Contains(types, name) {
				types = append(types, name)
			}
		}
	}
	out := make([]model.Representation, len(types))
	for i, contentType := range types {
		out[i].ContentType = contentType
		if schema != nil {
			out[i].SchemaID, out[i].TypeName = r.typeName(schema, where)
		}
		if e := examples.Get(contentType); e != nil {
			out[i].Examples = map[string]model.Example{"default": {Value: rawJSON(e)}}
		}
	}
	return out
}
