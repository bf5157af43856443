// Package wsdl reads WSDL 1.1 documents. A service with a SOAP 1.1 or SOAP 1.2
// binding becomes an API that passes SOAP through, with one operation for each
// SOAPAction, or a REST API whose operations have policies that make SOAP calls
// of JSON and JSON of their answers.
//
// A document stands for itself: what it imports must be in it.
package wsdl

import (
	"fmt"

	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/control/transfer/markup"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
)

// Limits of imports.
const (
	// MaxOperations bounds the operations of a binding.
	MaxOperations = 2000
	// MaxFields bounds the fields of one message that becomes JSON, and
	// MaxFieldsInAll those of all messages of all operations.
	MaxFields      = 400
	MaxFieldsInAll = 50_000
	// MaxNesting bounds how deep types may be nested in each other.
	MaxNesting = 32
	// MaxProblems bounds the problems that one import reports.
	MaxProblems = 100
)

// Names and content types of the schemas that an import makes.
const (
	// DocumentSchema is the name of the Schema that keeps the document itself,
	// and DocumentType its content type. An export gives it back.
	DocumentSchema = "wsdl"
	DocumentType   = "application/wsdl+xml"
	// TypesType is the content type of the XML schemas of the document.
	TypesType = "application/vnd.ms-azure-apim.xsd+xml"
	// restSchema is the name of the Schema with the JSON types of a REST API.
	restSchema = "specification"
)

const (
	wsdlSpace   = "http://schemas.xmlsoap.org/wsdl/"
	wsdl2Space  = "http://www.w3.org/ns/wsdl"
	soap11Space = "http://schemas.xmlsoap.org/wsdl/soap/"
	soap12Space = "http://schemas.xmlsoap.org/wsdl/soap12/"
	xsdSpace    = "http://www.w3.org/2001/XMLSchema"
)

// Options change how a document is read.
type Options struct {
	// File is named in problems.
	File string
	// Service and Endpoint name the service and the port to take. Where one is
	// empty it is the first that has a SOAP binding.
	Service, Endpoint string
	// REST makes a REST API; else SOAP is passed through.
	REST bool
}

// Read imports a document for an API. Where a problem is an error the import
// must not be used.
func Read(api model.ID, data []byte, o Options) (*transfer.Import, problem.Problems) {
	r := &reader{
		api: api, options: o, names: map[string]bool{},
		out: &transfer.Import{Positions: map[model.Key]transfer.Position{}},
	}
	root, text, err := markup.Parse(data)
	if err != nil {
		p := markup.Problem(err, o.File, string(api))
		return r.out, problem.Problems{p}
	}
	r.root, r.text = root, text
	r.read()
	return r.out, r.problems
}

type reader struct {
	api      model.ID
	options  Options
	root     *markup.Element
	text     []byte
	types    *types
	out      *transfer.Import
	names    map[string]bool // Of operations.
	problems problem.Problems
}

func (r *reader) fail(at *markup.Element, element, message, hint string) {
	r.report(problem.SeverityError, at, element, message, hint)
}

func (r *reader) warn(at *markup.Element, element, message string) {
	r.report(problem.SeverityWarning, at, element, message, "")
}

func (r *reader) report(s problem.Severity, at *markup.Element, element, message, hint string) {
	// Warnings leave room for errors, which decide whether the import is used.
	if n := len(r.problems); n >= MaxProblems || n >= MaxProblems/2 && s != problem.SeverityError {
		return
	}
	p := problem.Problem{
		Severity: s, Message: message, Hint: hint,
		Location: problem.Location{File: r.options.File, Element: element, Resource: string(r.api)},
	}
	if at != nil {
		p.Line, p.Column = at.Line, at.Column
	}
	r.problems = append(r.problems, p)
}

func (r *reader) read() {
	if r.root.Name.Space == wsdl2Space {
		r.fail(r.root, r.root.Name.Local, "WSDL 2.0 is not read", "give WSDL 1.1")
		return
	}
	if !r.root.Is(wsdlSpace, "definitions") {
		r.fail(r.root, r.root.Name.Local, "the document is not WSDL 1.1: its root is not definitions of "+wsdlSpace, "")
		return
	}
	r.types = newTypes(r)
	r.imports()
	b, ok := r.choose()
	if !ok || r.problems.HasErrors() {
		return
	}
	p := &r.out.Properties
	p.DisplayName = b.service.Attribute("name")
	p.Description = documentation(b.service, r.root)
	r.schemas()
	operations := b.operations()
	if len(operations) > MaxOperations {
		r.fail(b.element, "binding", fmt.Sprintf("the binding has %d operations (limit MaxOperations, %d)", len(operations), MaxOperations), "")
		return
	}
	if r.options.REST {
		r.rest(b, operations)
		return
	}
	p.Type, p.ServiceURL = model.APISOAP, b.address
	r.passThrough(b, operations)
}

// documentation returns the first that there is of the elements'.
func documentation(elements ...*markup.Element) string {
	for _, e := range elements {
		if text := e.First(wsdlSpace, "documentation").AllText(); text != "" {
			return text
		}
	}
	return ""
}

// imports refuses what leads out of the document. That a schema imports another
// one of the document is fine.
func (r *reader) imports() {
	const hint = "put what it refers to in one document"
	for e := range r.root.All(wsdlSpace, "import") {
		r.fail(e, "wsdl:import", fmt.Sprintf("the document imports %q, which is not fetched", clip(e.Attribute("location"))), hint)
	}
	for _, schema := range r.types.schemas {
		for _, c := range schema.Children {
			if c.Name.Space != xsdSpace {
				continue
			}
			switch c.Name.Local {
			case "include", "redefine":
				r.fail(c, "xsd:"+c.Name.Local,
					fmt.Sprintf("the schema includes %q, which is not fetched", clip(c.Attribute("schemaLocation"))), hint)
			case "import":
				space := c.Attribute("namespace")
				if !r.types.spaces[space] && c.Attribute("schemaLocation") != "" {
					r.fail(c, "xsd:import",
						fmt.Sprintf("the schema of %q, which is not in the document, is not fetched", clip(space)), hint)
				}
			}
		}
	}
}

// schemas keeps the document and its XML schemas.
func (r *reader) schemas() {
	r.out.Schemas = append(r.out.Schemas, &model.Schema{
		ID: r.api.Child("schemas", DocumentSchema), ContentType: DocumentType,
		Document: model.SchemaDocument{Value: string(r.text)},
	})
	if r.options.REST {
		return
	}
	for i, s := range r.types.schemas {
		r.out.Schemas = append(r.out.Schemas, &model.Schema{
			ID: r.api.Child("schemas", schemaName(i)), ContentType: TypesType,
			Document: model.SchemaDocument{Value: s.Standalone(r.text)},
		})
	}
}

// schemaName is the name of the Schema of the XML schema at i.
func schemaName(i int) string {
	if i == 0 {
		return "types"
	}
	return fmt.Sprintf("types-%d", i)
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
