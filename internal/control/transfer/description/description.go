// Package description reads the documents that describe APIs, in all formats
// that the management API imports. It is the one front of the packages that
// read a format each.
package description

import (
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/control/transfer/graphql"
	"github.com/sallyport/sallyport/internal/control/transfer/grpc"
	"github.com/sallyport/sallyport/internal/control/transfer/odata"
	"github.com/sallyport/sallyport/internal/control/transfer/openapi"
	"github.com/sallyport/sallyport/internal/control/transfer/wadl"
	"github.com/sallyport/sallyport/internal/control/transfer/wsdl"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
)

// Import is what a document says of an API.
type Import = transfer.Import

// Options change how a document is read. The zero value is API Management's
// default.
type Options struct {
	// File is named in problems; for a document that was fetched, its URL.
	File string
	// APIType is the property apiType of the request: it decides whether WSDL
	// becomes an API that passes SOAP through (soap) or a REST API (http, or
	// empty).
	APIType model.APIType
	// WSDLService and WSDLEndpoint are wsdlSelector: the service and the port
	// to take. Where they are empty the first is taken.
	WSDLService, WSDLEndpoint string
	// QueryStaysQuery keeps required query parameters out of URL templates, as
	// translateRequiredQueryParameters does with the value "query".
	QueryStaysQuery bool
}

// family is what a format's documents are written in.
type family string

const (
	openAPI family = "openapi"
	wadlXML family = "wadl"
	wsdlXML family = "wsdl"
	sdl     family = "graphql"
	proto   family = "grpc"
	edmx    family = "odata"
)

// format is one value of the property format.
type format struct {
	family family
	linked bool
}

// formats are the names that the management API has (ContentFormat), and
// three that its clients use besides: swagger-link, swagger and graphql.
var formats = map[string]format{
	"openapi":           {openAPI, false},
	"openapi+json":      {openAPI, false},
	"openapi-link":      {openAPI, true},
	"openapi+json-link": {openAPI, true},
	"swagger":           {openAPI, false},
	"swagger-json":      {openAPI, false},
	"swagger-link":      {openAPI, true},
	"swagger-link-json": {openAPI, true},
	"wadl-xml":          {wadlXML, false},
	"wadl-link-json":    {wadlXML, true},
	"wsdl":              {wsdlXML, false},
	"wsdl-link":         {wsdlXML, true},
	"graphql":           {sdl, false},
	"graphql-link":      {sdl, true},
	"grpc":              {proto, false},
	"grpc-link":         {proto, true},
	"odata":             {edmx, false},
	"odata-link":        {edmx, true},
}

// Known reports whether the format is one that can be imported. The case of
// letters does not count.
func Known(format string) bool {
	_, ok := formats[strings.ToLower(format)]
	return ok
}

// Family is what documents in the format are written in: openapi (also of
// Swagger), wadl, wsdl, graphql, grpc or odata; "" where the format is unknown.
func Family(format string) string { return string(formats[strings.ToLower(format)].family) }

// Linked reports whether a value in this format is the URL of a document, which
// the caller fetches, and not the document.
func Linked(format string) bool { return formats[strings.ToLower(format)].linked }

// Read imports a document for an API. Data is the document in each format, also
// in those that are linked. Where a problem is an error the import holds what
// could be read, and must not be used.
func Read(api model.ID, format string, data []byte, o Options) (*Import, problem.Problems) {
	f, ok := formats[strings.ToLower(format)]
	if !ok {
		return &Import{}, problem.Problems{{
			Location: problem.Location{Element: "format", Resource: string(api)},
			Message:  fmt.Sprintf("the format %q is not known", clip(format)),
			Hint:     "give openapi, swagger-json, wadl-xml, wsdl, graphql, grpc or odata, or the -link form of one",
		}}
	}
	out, problems := f.family.read(api, data, o)
	out.Properties.ID = api
	out.Properties.DisplayName = firstRunes(out.Properties.DisplayName, maxDisplayName)
	return out, append(problems, check(out, o.File)...)
}

// check finds what the document says and the management API does not allow,
// such as a URL template that is too long, and says where in the document.
func check(in *Import, file string) problem.Problems {
	var out problem.Problems
	for _, o := range in.Operations {
		for _, p := range model.Validate(o) {
			if len(out) == maxInvalid {
				return out
			}
			at := in.Positions[o.ID.Key()]
			p.File, p.Line, p.Column = file, at.Line, at.Column
			out = append(out, p)
		}
	}
	return out
}

// maxInvalid bounds the problems that check reports.
const maxInvalid = 50

func (f family) read(api model.ID, data []byte, o Options) (*Import, problem.Problems) {
	switch f {
	case openAPI:
		return readOpenAPI(api, data, o)
	case wsdlXML:
		return wsdl.Read(api, data, wsdl.Options{
			File: o.File, Service: o.WSDLService, Endpoint: o.WSDLEndpoint, REST: o.APIType != model.APISOAP,
		})
	case wadlXML:
		return wadl.Read(api, data, wadl.Options{File: o.File, QueryStaysQuery: o.QueryStaysQuery})
	case edmx:
		return odata.Read(api, data, odata.Options{File: o.File})
	case proto:
		return grpc.Read(api, data, grpc.Options{File: o.File})
	default:
		return graphql.Read(api, data, graphql.Options{File: o.File})
	}
}

// readOpenAPI reads OpenAPI 3.0, 3.1 and Swagger 2, JSON or YAML, whichever of
// them the format says: documents are told apart by what they hold.
func readOpenAPI(api model.ID, data []byte, o Options) (*Import, problem.Problems) {
	in, problems := openapi.Read(api, data, openapi.Options{File: o.File, QueryStaysQuery: o.QueryStaysQuery})
	out := &Import{
		Properties: model.API{
			DisplayName: in.Title, Description: in.Description, ServiceURL: in.ServiceURL,
			TermsOfServiceURL: in.TermsOfService, Contact: in.Contact, License: in.License, Protocols: in.Protocols,
		},
		Operations: in.Operations,
		Tags:       in.Tags,
		Positions:  in.Positions,
	}
	if in.Schema != nil {
		out.Schemas = append(out.Schemas, in.Schema)
	}
	return out, problems
}

// maxDisplayName bounds the displayName of an API, in characters; titles of
// documents may be longer.
const maxDisplayName = 300

func firstRunes(text string, n int) string {
	for i := range text {
		if n--; n < 0 {
			return text[:i]
		}
	}
	return text
}

// clip shortens a text of a user for an error.
func clip(text string) string {
	const most = 80
	if short := firstRunes(text, most); len(short) < len(text) {
		return short + "…"
	}
	return text
}
