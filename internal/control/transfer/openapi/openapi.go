// Package openapi turns OpenAPI 3.0, OpenAPI 3.1 and Swagger 2 documents, in
// JSON or YAML, into the operations and the schema of an API, as the import of
// API Management does.
//
// Security schemes, callbacks, links and cookie parameters are ignored, as
// they are there. References must stay within the document. Recursive schemas
// are kept as references and never expanded.
package openapi

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/control/transfer/document"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
)

// Limits of imports.
const (
	// MaxSize bounds a document, in bytes.
	MaxSize = 32 << 20
	// MaxOperations bounds the operations of a document.
	MaxOperations = 20_000
	// MaxReferences bounds how many references may be followed in a row.
	MaxReferences = 32
	// MaxProblems bounds the problems that one import reports.
	MaxProblems = 100
)

// SchemaName is the name of the Schema that an import makes.
const SchemaName = "specification"

// Options change how a document is read. The zero value is API Management's
// default.
type Options struct {
	// File is named in problems.
	File string
	// QueryStaysQuery keeps required query parameters out of URL templates, as
	// the property translateRequiredQueryParameters does with the value
	// "query".
	QueryStaysQuery bool
}

// Import is what a document says.
type Import struct {
	// Version is the document's own word: "3.0.3", "3.1.0" or "2.0".
	Version     string
	Title       string
	Description string
	// ServiceURL is the first https server; for Swagger 2, the URL of scheme,
	// host and base path. It may be empty.
	ServiceURL string
	// TermsOfService, Contact and License are those of the document's info;
	// they may be empty.
	TermsOfService string
	Contact        *model.Contact
	License        *model.License
	// Protocols are those of Swagger's schemes that an API may have.
	Protocols []model.Protocol
	// Operations are in the order of the document.
	Operations []*model.Operation
	// Tags are those that the document describes, then those that operations
	// have besides, each once.
	Tags []transfer.ImportedTag
	// Schema has the types that operations name; nil where there are none.
	Schema *model.Schema
	// Positions say where operations are in the document.
	Positions map[model.Key]transfer.Position
}

// Read imports a document for an API. Where a problem is an error the import
// holds what could be read, and must not be used to serve.
func Read(api model.ID, data []byte, o Options) (*Import, problem.Problems) {
	m := &importer{api: api, options: o, out: &Import{Positions: map[model.Key]transfer.Position{}}}
	if len(data) > MaxSize {
		m.errorAt(nil, "", fmt.Sprintf("the specification has %d bytes (limit MaxSize, %d)", len(data), MaxSize),
			"leave out what is not needed, or divide it into several APIs")
		return m.out, m.problems
	}
	root, err := document.Parse(data)
	if err != nil {
		m.syntax(err)
		return m.out, m.problems
	}
	m.root = root
	m.read()
	return m.out, m.problems
}

// importer is the state of one import.
type importer struct {
	api      model.ID
	options  Options
	root     *document.Node
	swagger  bool // Swagger 2.
	out      *Import
	problems problem.Problems

	names     map[string]bool           // Of operations, in lower case.
	templates map[string]string         // Method and shape of the template, to the operation's name.
	targets   map[string]*document.Node // Of references that were found.
	broken    map[string]bool           // References that were reported.
	inline    []inlineSchema
	typeNames map[*document.Node]string // Of inline schemas.
	taken     map[string]bool           // Names of types.
	tags      map[string]int            // Names of tags in lower case, to their place in the import.
}

func (m *importer) errorAt(n *document.Node, element, message, hint string) {
	m.report(problem.SeverityError, n, element, message, hint)
}

func (m *importer) warnAt(n *document.Node, element, message, hint string) {
	m.report(problem.SeverityWarning, n, element, message, hint)
}

func (m *importer) report(s problem.Severity, n *document.Node, element, message, hint string) {
	// Warnings leave room for errors, which decide whether the import is used.
	if n := len(m.problems); n >= MaxProblems || n >= MaxProblems/2 && s != problem.SeverityError {
		return
	}
	line, column := n.Position()
	m.problems = append(m.problems, problem.Problem{
		Severity: s,
		Location: problem.Location{File: m.options.File, Line: line, Column: column, Element: element, Resource: string(m.api)},
		Message:  message,
		Hint:     hint,
	})
}

func (m *importer) syntax(err error) {
	var at *document.SyntaxError
	if !errors.As(err, &at) {
		m.errorAt(nil, "", err.Error(), "")
		return
	}
	m.errorAt(&document.Node{Line: int32(at.Line), Column: int32(at.Column)}, "",
		"the specification is neither JSON nor YAML: "+at.Message, "")
}

// read finds out which version the document has, and reads it.
func (m *importer) read() {
	openapi, swagger := m.root.Get("openapi").String(), m.root.Get("swagger").String()
	switch {
	case openapi == "3.0" || strings.HasPrefix(openapi, "3.0.") || openapi == "3.1" || strings.HasPrefix(openapi, "3.1."):
		m.out.Version = openapi
	case openapi == "" && (swagger == "2.0" || swagger == "2"):
		m.out.Version, m.swagger = swagger, true
	case openapi == "" && swagger == "":
		m.errorAt(m.root, "", "the document has neither openapi nor swagger, so it is no OpenAPI specification",
			"give openapi: 3.0.3, or swagger: \"2.0\"")
		return
	default:
		m.errorAt(m.root.Get("openapi"), "openapi", fmt.Sprintf("version %q is not supported", openapi+swagger), "versions 2.0, 3.0 and 3.1 are")
		return
	}
	m.information()
	m.out.ServiceURL = m.serviceURL()
	m.out.Protocols = m.protocols()
	m.names = map[string]bool{}
	m.templates = map[string]string{}
	m.targets = map[string]*document.Node{}
	m.broken = map[string]bool{}
	m.typeNames = map[*document.Node]string{}
	m.taken = map[string]bool{}
	m.tags = map[string]int{}
	for _, s := range m.schemas() {
		m.taken[s.Name] = true
	}
	m.describedTags()
	m.paths()
	m.schemaDocument()
}
