// Package odata reads the metadata of OData services in XML: versions 1 to 3
// and 4. Entity sets, singletons, functions and actions that the entity
// container offers become operations, and the document stays as the API's
// schema.
package odata

import (
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/control/transfer/markup"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
)

// Limits of imports.
const (
	// MaxOperations bounds the operations that a document makes.
	MaxOperations = 20_000
	// MaxParameters bounds the parameters of a function, and the properties of a
	// key.
	MaxParameters = 100
	// MaxBases bounds how many types may be based on each other in a row.
	MaxBases = 32
	// MaxProblems bounds the problems that one import reports.
	MaxProblems = 100
)

// The name and the content type of the Schema that keeps the document.
const (
	SchemaName = "odata"
	SchemaType = "application/vnd.ms-azure-apim.odata.schema"
)

const (
	edmx4Space    = "http://docs.oasis-open.org/odata/ns/edmx"
	edm4Space     = "http://docs.oasis-open.org/odata/ns/edm"
	edmxSpace     = "http://schemas.microsoft.com/ado/2007/06/edmx"
	metadataSpace = "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"
)

// edmSpaces are those of the schemas of versions 1 to 3.
var edmSpaces = map[string]bool{
	"http://schemas.microsoft.com/ado/2006/04/edm": true,
	"http://schemas.microsoft.com/ado/2007/05/edm": true,
	"http://schemas.microsoft.com/ado/2008/01/edm": true,
	"http://schemas.microsoft.com/ado/2008/09/edm": true,
	"http://schemas.microsoft.com/ado/2009/08/edm": true,
	"http://schemas.microsoft.com/ado/2009/11/edm": true,
}

// Options change how a document is read.
type Options struct {
	// File is named in problems.
	File string
}

// Read imports a document for an API. Where a problem is an error the import
// must not be used.
func Read(api model.ID, data []byte, o Options) (*transfer.Import, problem.Problems) {
	r := &reader{
		api: api, options: o, names: map[string]bool{}, declared: map[string][]*markup.Element{}, aliases: map[string]string{},
		keysOf: map[*markup.Element][]model.Parameter{},
		out:    &transfer.Import{Positions: map[model.Key]transfer.Position{}},
	}
	root, text, err := markup.Parse(data)
	if err != nil {
		p := markup.Problem(err, o.File, string(api))
		return r.out, problem.Problems{p}
	}
	r.read(root)
	r.out.Properties.Type = model.APIOData
	r.out.Schemas = []*model.Schema{{
		ID: api.Child("schemas", SchemaName), ContentType: SchemaType, Document: model.SchemaDocument{Value: string(text)},
	}}
	return r.out, r.problems
}

type reader struct {
	api     model.ID
	options Options
	v4      bool
	// declared has the types, functions and actions, by their full names with
	// the namespace and not the alias. Functions may have several overloads.
	declared map[string][]*markup.Element
	aliases  map[string]string
	keysOf   map[*markup.Element][]model.Parameter // Of entity types that were read.
	names    map[string]bool                       // Of operations.
	full     bool                                  // MaxOperations was reached.
	out      *transfer.Import
	problems problem.Problems
}

func (r *reader) fail(at *markup.Element, message, hint string) {
	r.report(problem.SeverityError, at, message, hint)
}

func (r *reader) report(s problem.Severity, at *markup.Element, message, hint string) {
	// Warnings leave room for errors, which decide whether the import is used.
	if n := len(r.problems); n >= MaxProblems || n >= MaxProblems/2 && s != problem.SeverityError {
		return
	}
	r.problems = append(r.problems, problem.Problem{
		Severity: s, Message: message, Hint: hint,
		Location: problem.Location{
			File: r.options.File, Line: at.Line, Column: at.Column, Element: at.Name.Local, Resource: string(r.api),
		},
	})
}

func (r *reader) read(root *markup.Element) {
	r.v4 = root.Name.Space == edmx4Space
	if !r.v4 && root.Name.Space != edmxSpace || root.Name.Local != "Edmx" {
		r.fail(root, "the document is no OData metadata: its root is not Edmx of "+edmx4Space,
			"give what the service answers at $metadata, in XML")
		return
	}
	schemas := r.schemas(root.First(root.Name.Space, "DataServices"))
	if len(schemas) == 0 {
		r.fail(root, "the document has no schema in its DataServices", "")
		return
	}
	for _, s := range schemas {
		r.declare(s)
	}
	found := false
	for _, s := range schemas {
		for c := range s.All(s.Name.Space, "EntityContainer") {
			if !found {
				r.out.Properties.DisplayName = c.Attribute("Name")
				r.system(c)
			}
			found = true
			r.container(c)
		}
	}
	if !found {
		r.fail(root, "the document has no EntityContainer, so it offers nothing", "")
	}
}

// schemas returns the schemas of a version that is known.
func (r *reader) schemas(services *markup.Element) []*markup.Element {
	if services == nil {
		return nil
	}
	var out []*markup.Element
	for _, s := range services.Children {
		if s.Name.Local != "Schema" {
			continue
		}
		if r.v4 && s.Name.Space != edm4Space || !r.v4 && !edmSpaces[s.Name.Space] {
			r.fail(s, fmt.Sprintf("the namespace %q is of no version of OData that is read", clip(s.Name.Space)), "versions 1 to 4 are")
			continue
		}
		out = append(out, s)
	}
	return out
}

// declare notes what the schema defines.
func (r *reader) declare(s *markup.Element) {
	namespace := s.Attribute("Namespace")
	if alias := s.Attribute("Alias"); alias != "" {
		r.aliases[alias] = namespace
	}
	for _, c := range s.Children {
		switch c.Name {
		case xml.Name{Space: s.Name.Space, Local: "EntityType"}, xml.Name{Space: s.Name.Space, Local: "Function"},
			xml.Name{Space: s.Name.Space, Local: "Action"}:
			name := c.Name.Local + " " + namespace + "." + c.Attribute("Name")
			r.declared[name] = append(r.declared[name], c)
		}
	}
}

// find returns what is declared under a full name, with namespace or alias.
func (r *reader) find(local, name string) []*markup.Element {
	at := strings.LastIndexByte(name, '.')
	if at < 0 {
		return nil
	}
	space := name[:at]
	if full, ok := r.aliases[space]; ok {
		space = full
	}
	return r.declared[local+" "+space+name[at:]]
}

// clip shortens what an error repeats of a document.
func clip(text string) string {
	const most = 120
	for i := range text {
		if i >= most {
			return text[:i] + "…"
		}
	}
	return text
}
