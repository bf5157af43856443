package export

import (
	"encoding/xml"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer/wadl"
	"github.com/sallyport/sallyport/internal/model"
)

const wadlSpace = "http://wadl.dev.java.net/2009/02"

// wadlXML describes the operations in WADL, a resource each.
func (w *writer) wadlXML() Document {
	x := &xmlWriter{}
	x.b.WriteString(xml.Header)
	a := w.source.API
	x.start("application", "xmlns", wadlSpace, "xmlns:xsd", "http://www.w3.org/2001/XMLSchema")
	x.doc(w.source.title(), a.Description)
	for _, s := range w.source.Schemas {
		if s.ContentType == wadl.GrammarsType {
			x.line(s.Document.Value)
		}
	}
	base := ""
	if len(w.source.Servers) > 0 {
		base = w.source.Servers[0]
	}
	x.start("resources", "base", base)
	for _, o := range w.source.Operations {
		x.operation(o)
	}
	x.end()
	x.end()
	return Document{ContentType: "application/vnd.sun.wadl+xml", Extension: ".wadl", Data: []byte(x.b.String())}
}

func (x *xmlWriter) operation(o *model.Operation) {
	path, query, _ := strings.Cut(o.URLTemplate, "?")
	t := split(o.URLTemplate)
	x.start("resource", "path", path)
	for i := range o.TemplateParameters {
		if p := &o.TemplateParameters[i]; !t.query[strings.ToLower(strings.TrimPrefix(p.Name, "*"))] {
			x.param(p, "template")
		}
	}
	x.start("method", "name", o.Method, "id", o.ID.Name())
	x.doc(o.DisplayName, o.Description)
	x.start("request")
	x.fixed(query)
	for i := range o.TemplateParameters {
		if p := o.TemplateParameters[i]; t.query[strings.ToLower(p.Name)] {
			p.Required = true
			x.param(&p, "query")
		}
	}
	if r := o.Request; r != nil {
		x.doc("", r.Description)
		for i := range r.QueryParameters {
			x.param(&r.QueryParameters[i], "query")
		}
		for i := range r.Headers {
			x.param(&r.Headers[i], "header")
		}
		x.representations(r.Representations)
	}
	x.end()
	for i := range o.Responses {
		r := &o.Responses[i]
		x.start("response", "status", strconv.Itoa(r.StatusCode))
		x.doc("", r.Description)
		for j := range r.Headers {
			x.param(&r.Headers[j], "header")
		}
		x.representations(r.Representations)
		x.end()
	}
	x.end()
	x.end()
}

// fixed writes the parts of a template's query that have a value.
func (x *xmlWriter) fixed(query string) {
	for pair := range strings.SplitSeq(query, "&") {
		name, value, ok := strings.Cut(pair, "=")
		if ok && name != "" && value != "" && !strings.HasPrefix(value, "{") {
			x.start("param", "name", name, "style", "query", "required", "true", "fixed", value)
			x.end()
		}
	}
}

func (x *xmlWriter) representations(list []model.Representation) {
	for i := range list {
		r := &list[i]
		x.start("representation", "mediaType", r.ContentType, "element", r.TypeName)
		for j := range r.FormParameters {
			x.param(&r.FormParameters[j], "query")
		}
		x.end()
	}
}

func (x *xmlWriter) param(p *model.Parameter, style string) {
	required, repeating := "", ""
	if p.Required {
		required = "true"
	}
	if strings.EqualFold(p.Type, "array") {
		repeating = "true"
	}
	x.start("param", "name", p.Name, "style", style, "type", xsdType(p.Type),
		"required", required, "repeating", repeating, "default", p.DefaultValue)
	x.doc("", p.Description)
	for _, v := range p.Values {
		x.start("option", "value", v)
		x.end()
	}
	x.end()
}

// xsdType is the type of XML Schema for a parameter's.
func xsdType(typeName string) string {
	switch strings.ToLower(typeName) {
	case "integer":
		return "xsd:integer"
	case "number":
		return "xsd:double"
	case "boolean":
		return "xsd:boolean"
	default:
		return "xsd:string"
	}
}
