package wadl

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer/markup"
	"github.com/sallyport/sallyport/internal/model"
)

// operationReader reads one method.
type operationReader struct {
	walk
	out      *model.Operation
	request  model.Request
	query    []string
	declared map[string]bool // Parameters of the template, in lower case.
}

func (o *operationReader) read(method *markup.Element) {
	for _, p := range o.params {
		o.param(p)
	}
	request := method.First(o.space, "request")
	_, o.request.Description = o.doc(request)
	for p := range request.All(o.space, "param") {
		if p = o.follow(p); p != nil {
			o.param(p)
		}
	}
	o.request.Representations = o.representations(request)
	if len(o.query) > 0 {
		o.out.URLTemplate += "?" + strings.Join(o.query, "&")
	}
	o.undeclared()
	r := &o.request
	if len(r.QueryParameters)+len(r.Headers)+len(r.Representations) > 0 || r.Description != "" {
		o.out.Request = r
	}
	o.responses(method)
}

// param reads a parameter of the path, the query or the header.
func (o *operationReader) param(e *markup.Element) {
	if !o.count(e) {
		return
	}
	p := o.parameter(e)
	key := strings.ToLower(p.Name)
	switch style := e.Attribute("style"); style {
	case "template":
		if !o.declared[key] && strings.Contains(strings.ToLower(o.out.URLTemplate), "{"+key+"}") {
			p.Required = true
			o.declared[key] = true
			o.out.TemplateParameters = append(o.out.TemplateParameters, p)
		}
	case "query", "":
		if fixed := e.Attribute("fixed"); p.Required && templateSafe(fixed) && templateSafe(p.Name) {
			o.query = append(o.query, p.Name+"="+fixed)
			return
		}
		if p.Required && !o.options.QueryStaysQuery && !o.declared[key] && templateSafe(p.Name) &&
			!strings.Contains(strings.ToLower(o.out.URLTemplate), "{"+key+"}") {
			o.declared[key] = true
			o.query = append(o.query, p.Name+"={"+p.Name+"}")
			o.out.TemplateParameters = append(o.out.TemplateParameters, p)
			return
		}
		o.request.QueryParameters = append(o.request.QueryParameters, p)
	case "header":
		o.request.Headers = append(o.request.Headers, p)
	default:
		o.warn(e, fmt.Sprintf("the parameter %q has the style %q, which is not imported", clip(p.Name), clip(style)))
	}
}

// templateSafe reports whether a name may stand between braces in a template.
func templateSafe(name string) bool {
	return name != "" && !strings.ContainsAny(name, "{}*?&=/# ")
}

// undeclared defines the parameters of the template that the document does not.
func (o *operationReader) undeclared() {
	names, err := model.TemplateNames(o.out.URLTemplate)
	if err != nil {
		return // method says so.
	}
	for _, name := range names {
		if !o.declared[strings.ToLower(name)] {
			o.out.TemplateParameters = append(o.out.TemplateParameters, model.Parameter{Name: name, Type: "string", Required: true})
		}
	}
}

func (o *operationReader) parameter(e *markup.Element) model.Parameter {
	_, text := o.doc(e)
	out := model.Parameter{
		Name: e.Attribute("name"), Type: jsonType(e), Description: text,
		DefaultValue: e.Attribute("default"), Required: e.Attribute("required") == "true",
	}
	if fixed := e.Attribute("fixed"); fixed != "" {
		out.Values = []string{fixed}
	}
	for v := range e.All(o.space, "option") {
		out.Values = append(out.Values, v.Attribute("value"))
	}
	if out.Name == "" {
		o.fail(e, "the parameter has no name", "")
	}
	return out
}

// jsonType gives a type of XML Schema the name that parameters have for it.
func jsonType(e *markup.Element) string {
	if e.Attribute("repeating") == "true" {
		return "array"
	}
	_, local, ok := strings.Cut(e.Attribute("type"), ":")
	if !ok {
		local = e.Attribute("type")
	}
	switch local {
	case "boolean":
		return "boolean"
	case "decimal", "float", "double":
		return "number"
	case "int", "integer", "long", "short", "byte", "unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte",
		"nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger":
		return "integer"
	default:
		return "string"
	}
}

// representations reads the bodies of a request or a response; parameters of a
// body are the fields of a form.
func (o *operationReader) representations(e *markup.Element) []model.Representation {
	var out []model.Representation
	for c := range e.All(o.space, "representation") {
		c = o.follow(c)
		mediaType := c.Attribute("mediaType")
		if c == nil || mediaType == "" || !o.count(c) {
			continue
		}
		r := model.Representation{ContentType: mediaType}
		for p := range c.All(o.space, "param") {
			if p = o.follow(p); p != nil && formStyle(p) && o.count(p) {
				r.FormParameters = append(r.FormParameters, o.parameter(p))
			}
		}
		out = append(out, r)
	}
	return out
}

func formStyle(p *markup.Element) bool {
	style := p.Attribute("style")
	return style == "" || style == "query" || style == "plain" && p.Attribute("path") == ""
}

// responses reads the answers; one without a status is 200, and of several with
// the same status the first counts, with the bodies of all.
func (o *operationReader) responses(method *markup.Element) {
	index := map[int]int{}
	for e := range method.All(o.space, "response") {
		codes := strings.Fields(e.Attribute("status"))
		if len(codes) == 0 {
			codes = []string{"200"}
		}
		for _, text := range codes {
			code, err := strconv.Atoi(text)
			if err != nil || code < 100 || code > 999 {
				o.fail(e, fmt.Sprintf("the status %q is not a status code", clip(text)), "give a code, as in 200")
				continue
			}
			if i, ok := index[code]; ok {
				o.out.Responses[i].Representations = append(o.out.Responses[i].Representations, o.representations(e)...)
				continue
			}
			index[code] = len(o.out.Responses)
			o.out.Responses = append(o.out.Responses, o.response(e, code))
		}
	}
}

func (o *operationReader) response(e *markup.Element, code int) model.Response {
	_, text := o.doc(e)
	if !o.count(e) {
		return model.Response{StatusCode: code}
	}
	out := model.Response{StatusCode: code, Description: text, Representations: o.representations(e)}
	for p := range e.All(o.space, "param") {
		if p = o.follow(p); p != nil && p.Attribute("style") == "header" && o.count(p) {
			out.Headers = append(out.Headers, o.parameter(p))
		}
	}
	return out
}
