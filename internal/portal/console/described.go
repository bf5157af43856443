package console

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/reference"
	"github.com/sallyport/sallyport/internal/portal/reference/description"
	"github.com/sallyport/sallyport/internal/portal/reference/sample"
)

// enrich adds to an operation what the API's description says beyond it: choices,
// defaults, parameters, and bodies with their examples. Where there is no
// description, the operation stays as it is.
func enrich(ctx context.Context, l *reference.Library, p *place, o *client.Operation) {
	if l == nil {
		return
	}
	described, err := l.API(ctx, p.API, p.Revision)
	if err != nil {
		return
	}
	if read, of := described.Read(p.Operation); of != nil {
		adopt(read, o)
	}
}

// adopt is enrich for what was read.
func adopt(read *description.Operation, o *client.Operation) {
	if o.Request == nil {
		o.Request = &client.Request{}
	}
	for i := range read.Parameters {
		given := parameterOf(&read.Parameters[i])
		switch read.Parameters[i].In {
		case "path":
			o.TemplateParameters = merged(o.TemplateParameters, given)
		case "query":
			if !inTemplate(o.URLTemplate, given.Name) {
				o.Request.QueryParameters = merged(o.Request.QueryParameters, given)
			}
		case "header":
			if !strings.EqualFold(given.Name, "Accept") && !strings.EqualFold(given.Name, "Authorization") {
				o.Request.Headers = merged(o.Request.Headers, given)
			}
		}
	}
	if read.Body != nil && len(read.Body.Media) > 0 {
		o.Request.Representations = nil
		for i := range read.Body.Media {
			o.Request.Representations = append(o.Request.Representations, representationOf(&read.Body.Media[i]))
		}
	}
}

// inTemplate says whether a query parameter stands in the URL template.
func inTemplate(template, name string) bool {
	return slices.ContainsFunc(templateParameters(template), func(p parameter) bool { return p.Query && p.Name == name })
}

// merged adds a parameter to a list, or completes the one that is there.
func merged(list []client.Parameter, given client.Parameter) []client.Parameter {
	for i := range list {
		p := &list[i]
		if p.Name != given.Name {
			continue
		}
		p.Required = p.Required || given.Required
		if p.Type == "" || given.Type != "" {
			p.Type = given.Type
		}
		if given.Description != "" {
			p.Description = given.Description
		}
		if p.DefaultValue == "" {
			p.DefaultValue = given.DefaultValue
		}
		if len(given.Values) > 0 {
			p.Values = given.Values
		}
		if len(given.Examples) > 0 {
			p.Examples = given.Examples
		}
		return list
	}
	return append(list, given)
}

// parameterOf is a parameter of a description as the management API has it.
func parameterOf(p *description.Parameter) client.Parameter {
	out := client.Parameter{Name: p.Name, Description: p.Text, Required: p.Required}
	if s := p.Schema; s != nil {
		out.Type = strings.Join(s.Types, " or ")
		for _, value := range s.Enum {
			out.Values = append(out.Values, plainText(value))
		}
		for _, f := range s.Facts {
			if f.Word == "default" {
				out.DefaultValue = plainText(f.Value)
			}
		}
	}
	for _, e := range p.Examples {
		if e.Value != "" {
			out.Examples = map[string]client.Example{"default": {Value: quoted(e.Value)}}
			break
		}
	}
	return out
}

// plainText is a JSON text without its quotes; other values are as they are.
func plainText(value string) string {
	var text string
	if json.Unmarshal([]byte(value), &text) == nil {
		return text
	}
	return value
}

// quoted is a text as JSON.
func quoted(text string) json.RawMessage {
	raw, err := json.Marshal(text)
	if err != nil {
		return nil // Texts can always be written.
	}
	return raw
}

// representationOf is a body of a description as the management API has it.
func representationOf(m *description.Media) client.Representation {
	r := client.Representation{ContentType: m.Type}
	if strings.Contains(m.Type, "*") {
		r.ContentType = "application/json"
	}
	if kind := strings.ToLower(m.Type); kind == formMedia || kind == multipartMedia {
		r.ContentType = kind
		for _, f := range m.Fields() {
			p := client.Parameter{Name: f.Name, DefaultValue: f.Value}
			if f.File {
				p.Type, p.DefaultValue = "file", ""
			}
			r.FormParameters = append(r.FormParameters, p)
		}
		return r
	}
	if body, _ := m.Example(description.Request); body != "" {
		r.Examples = map[string]client.Example{"default": {Value: quoted(body)}}
	}
	return r
}

// curl is a request as a command line, as the reference writes it.
func curl(v sentView) string {
	r := sample.Request{Method: v.Method, URL: v.URL, Body: v.Body}
	for _, f := range v.Header {
		r.Headers = append(r.Headers, sample.Pair{Name: f.Name, Value: f.Value})
	}
	for _, l := range sample.Languages() {
		if l.Name == "curl" {
			return l.Write(r)
		}
	}
	return ""
}
