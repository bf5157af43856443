package export

import (
	"encoding/xml"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer/markup"
	"github.com/sallyport/sallyport/internal/control/transfer/wsdl"
	"github.com/sallyport/sallyport/internal/problem"
)

// wsdlXML gives back the document that the API was imported from, with the
// gateway as the address of its ports: the address in it is the backend's.
func (w *writer) wsdlXML() Document {
	for _, s := range w.source.Schemas {
		if s.ContentType == wsdl.DocumentType && s.Document.Value != "" {
			return Document{ContentType: "text/xml", Extension: ".wsdl", Data: w.readdressed(s.Document.Value)}
		}
	}
	w.report(problem.SeverityError, "", "the API has no WSDL document: it was not imported from one", "export it as OpenAPI")
	return Document{}
}

// readdressed replaces the location of each SOAP address. Nothing else of the
// document changes.
func (w *writer) readdressed(document string) []byte {
	root, text, err := markup.Parse([]byte(document))
	if err != nil || len(w.source.Servers) == 0 {
		return []byte(document)
	}
	var out []byte
	done := 0
	for s := range root.All(root.Name.Space, "service") {
		for p := range s.All(root.Name.Space, "port") {
			for _, a := range p.Children {
				if a.Name.Local != "address" || !strings.HasPrefix(a.Name.Space, "http://schemas.xmlsoap.org/wsdl/soap") {
					continue
				}
				out = append(out, text[done:a.Start]...)
				out = append(out, address(a, w.source.Servers[0])...)
				done = a.End
			}
		}
	}
	return append(out, text[done:]...)
}

// address writes the element anew, with another location.
func address(a *markup.Element, location string) string {
	var b strings.Builder
	b.WriteString("<address xmlns=\"" + escape(a.Name.Space) + "\"")
	for _, attribute := range a.Attributes {
		if attribute.Name == (xml.Name{Local: "location"}) {
			b.WriteString(" location=\"" + escape(location) + "\"")
		}
	}
	b.WriteString("/>")
	return b.String()
}
