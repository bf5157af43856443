package wsdl

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer/document"
	"github.com/sallyport/sallyport/internal/model"
	policydocument "github.com/sallyport/sallyport/internal/policy/document"
)

const jsonType = "application/json"

// rest makes an operation POST /NAME of each, and a policy that turns its JSON
// into a SOAP call and the answer into JSON.
func (r *reader) rest(b *binding, operations []operation) {
	u, err := url.Parse(b.address)
	if err != nil {
		return // endpoint has checked it.
	}
	r.out.Properties.Type = model.APIHTTP
	r.out.Properties.ServiceURL = u.Scheme + "://" + u.Host
	s := newSchemas()
	seen := map[string]bool{}
	for i := range operations {
		o := &operations[i]
		input, output, ok := r.messages(o)
		if !ok {
			continue
		}
		template := "/" + url.PathEscape(o.name)
		if seen[strings.ToLower(template)] {
			r.warn(o.element, "operation", "another operation has the same name, and this one is left out")
			continue
		}
		seen[strings.ToLower(template)] = true
		out := r.operation(o)
		out.Method, out.URLTemplate = "POST", template
		if len(input.fields) > 0 {
			out.Request = &model.Request{Description: o.input.name, Representations: s.representation(input)}
		}
		out.Responses = []model.Response{{StatusCode: 200, Description: o.output.name}}
		if output != nil {
			out.Responses[0].Representations = s.representation(output)
		}
		r.add(o, out)
		g := &generator{binding: b, operation: o, path: u.RequestURI()}
		value := g.policy(input, output)
		if len(value) > policydocument.MaxDocumentBytes {
			r.fail(o.element, "operation",
				fmt.Sprintf("its policy would have %d bytes (limit MaxDocumentBytes of policies, %d)", len(value), policydocument.MaxDocumentBytes),
				"import the service with the type soap")
			continue
		}
		r.out.Policies = append(r.out.Policies, &model.Policy{
			ID: model.PolicyID(out.ID), Format: model.PolicyRawXML, Value: value,
		})
	}
	if r.problems.HasErrors() {
		return
	}
	if schema := s.schema(r.api); schema != nil {
		r.out.Schemas = append(r.out.Schemas, schema)
	}
}

// messages resolves what the operation takes and gives. There is no output
// where the operation answers nothing.
func (r *reader) messages(o *operation) (input, output *field, ok bool) {
	const hint = "only literal messages in document style, with one part that names an element, become JSON; " +
		"import the service with the type soap"
	switch {
	case o.rpc:
		r.fail(o.element, "operation", "its style is rpc", hint)
		return nil, nil, false
	case o.encoded:
		r.fail(o.element, "operation", "its messages are SOAP-encoded", hint)
		return nil, nil, false
	case o.input.parts != 1 || o.input.element.Local == "":
		r.fail(o.element, "operation", "its input is not one element", hint)
		return nil, nil, false
	case o.output.parts > 1 || o.output.parts == 1 && o.output.element.Local == "":
		r.fail(o.element, "operation", "its output is not one element", hint)
		return nil, nil, false
	}
	if input = r.types.message(o.element, o.input.element); input == nil {
		return nil, nil, false
	}
	if o.output.parts == 0 {
		return input, nil, true
	}
	output = r.types.message(o.element, o.output.element)
	return input, output, output != nil
}

// schemas collects the JSON types of messages.
type schemas struct {
	b     []byte
	names map[string]bool
}

func newSchemas() *schemas { return &schemas{names: map[string]bool{}} }

// representation is the message as an object with one member, as the policies
// read and write it.
func (s *schemas) representation(message *field) []model.Representation {
	name := message.name.Local
	if !s.names[name] {
		s.names[name] = true
		if len(s.b) > 0 {
			s.b = append(s.b, ',')
		}
		s.b = document.AppendString(s.b, name)
		s.b = append(s.b, ':')
		s.object([]*field{message})
	}
	return []model.Representation{{ContentType: jsonType, SchemaID: restSchema, TypeName: name}}
}

func (s *schemas) object(fields []*field) {
	s.b = append(s.b, `{"type":"object"`...)
	if len(fields) > 0 {
		s.b = append(s.b, `,"properties":{`...)
		seen := map[string]bool{}
		for _, f := range fields {
			if seen[f.json()] {
				continue
			}
			if len(seen) > 0 {
				s.b = append(s.b, ',')
			}
			seen[f.json()] = true
			s.b = document.AppendString(s.b, f.json())
			s.b = append(s.b, ':')
			s.field(f)
		}
		s.b = append(s.b, '}')
	}
	s.b = append(s.b, '}')
}

func (s *schemas) field(f *field) {
	if f.list {
		s.b = append(s.b, `{"type":"array","items":`...)
		defer func() { s.b = append(s.b, '}') }()
	}
	if f.kind == kindObject {
		s.object(f.fields)
		return
	}
	s.b = append(s.b, `{"type":"`+string(f.kind)+`"`...)
	if f.nillable {
		s.b = append(s.b, `,"nullable":true`...)
	}
	s.b = append(s.b, '}')
}

func (s *schemas) schema(api model.ID) *model.Schema {
	if len(s.b) == 0 {
		return nil
	}
	return &model.Schema{
		ID: api.Child("schemas", restSchema), ContentType: model.SchemaOpenAPI,
		Document: model.SchemaDocument{Components: []byte(`{"schemas":{` + string(s.b) + `}}`)},
	}
}
