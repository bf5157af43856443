// Package export writes descriptions of APIs from what is configured, for
// those who call them through the gateway: OpenAPI 3.0, Swagger 2 and WADL. A
// WSDL document is given back as it was imported.
//
// As with API Management, an exported description is for clients: it names the
// gateway as the server and asks for subscription keys, and says nothing of
// backends and policies. Reading it again makes the same operations.
package export

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
)

// Source is what an API is described from.
type Source struct {
	API        *model.API
	Operations []*model.Operation
	// Schemas are those of the API.
	Schemas []*model.Schema
	// Tags are the names of the tags of operations, by the operations' ids.
	Tags map[model.Key][]string
	// Servers are the URLs under which the gateway serves the API, with its
	// path and version. The first is the one that clients use by default.
	Servers []string
}

// Document is a description as it is sent.
type Document struct {
	// ContentType is its media type, and Extension what its file's name ends in,
	// with the dot.
	ContentType, Extension string
	Data                   []byte
}

// writers has one for each of the names that the management API has for
// exports (ExportFormat).
var writers = map[string]struct {
	write func(*writer) Document
	// result is the name that the answer has for the format
	// (ExportResultFormat).
	result string
}{
	"openapi-link":      {(*writer).openAPIYAML, "openapi-link"},
	"openapi+json-link": {(*writer).openAPIJSON, "openapi-link"},
	"swagger-link":      {(*writer).swaggerJSON, "swagger-link-json"},
	"wadl-link":         {(*writer).wadlXML, "wadl-link-json"},
	"wsdl-link":         {(*writer).wsdlXML, "wsdl-link+xml"},
}

// Known reports whether the format is one that can be exported. The case of
// letters does not count.
func Known(format string) bool { return ResultFormat(format) != "" }

// ResultFormat returns the name that an answer has for what was asked for:
// "swagger-link-json" for "swagger-link". It is "" where the format is unknown.
func ResultFormat(format string) string { return writers[strings.ToLower(format)].result }

// Write describes an API in one of the formats of exports. Warnings say what
// the format has no place for; the document then lacks it.
func Write(format string, s Source) (Document, problem.Problems) {
	f, ok := writers[strings.ToLower(format)]
	w := &writer{source: s}
	if !ok {
		w.report(problem.SeverityError, "", fmt.Sprintf("the format %q is not known", format),
			"give openapi-link, openapi+json-link, swagger-link, wadl-link or wsdl-link")
		return Document{}, w.problems
	}
	return f.write(w), w.problems
}

// writer is the state of one export.
type writer struct {
	source   Source
	swagger  bool
	types    types
	problems problem.Problems
}

func (w *writer) warn(resource model.ID, message, hint string) {
	w.report(problem.SeverityWarning, resource, message, hint)
}

func (w *writer) report(s problem.Severity, resource model.ID, message, hint string) {
	if resource == "" {
		resource = w.source.API.ID
	}
	w.problems = append(w.problems, problem.Problem{
		Severity: s, Location: problem.Location{Resource: string(resource)}, Message: message, Hint: hint,
	})
}

func (w *writer) openAPIYAML() Document {
	return Document{ContentType: "application/vnd.oai.openapi", Extension: ".yaml", Data: encodeYAML(w.openAPI())}
}

func (w *writer) openAPIJSON() Document {
	return Document{ContentType: "application/vnd.oai.openapi+json", Extension: ".json", Data: indent(w.openAPI().AppendJSON(nil))}
}

func (w *writer) swaggerJSON() Document {
	return Document{ContentType: "application/json", Extension: ".json", Data: indent(w.swagger2().AppendJSON(nil))}
}

func indent(data []byte) []byte {
	var out bytes.Buffer
	if err := json.Indent(&out, data, "", "  "); err != nil {
		return data // Nodes are always written as JSON.
	}
	out.WriteByte('\n')
	return out.Bytes()
}

// title is what the API is called.
func (s *Source) title() string { return cmp.Or(s.API.DisplayName, s.API.ID.Name()) }

// version is the API's; a description must have one.
func (s *Source) version() string { return cmp.Or(s.API.APIVersion, "1.0") }
