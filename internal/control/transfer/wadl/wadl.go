// Package wadl reads WADL documents: each method of each resource becomes an
// operation. References within the document are followed, others refused.
package wadl

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/control/transfer/markup"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
)

// Limits of imports.
const (
	// MaxOperations bounds the methods of a document, with those that resource
	// types add.
	MaxOperations = 5000
	// MaxReferences bounds how many references are followed in all.
	MaxReferences = 50_000
	// MaxParts bounds the parameters, bodies and answers of all methods.
	MaxParts = 200_000
	// MaxNesting bounds how deep resources may be nested, with those of types.
	MaxNesting = 32
	// MaxProblems bounds the problems that one import reports.
	MaxProblems = 100
)

// The name and the content type of the Schema that keeps the grammars of a
// document.
const (
	GrammarsSchema = "grammars"
	GrammarsType   = "application/vnd.ms-azure-apim.wadl.grammars+xml"
)

// namespaces are those of the two versions of WADL; they differ in nothing
// that is read.
var namespaces = []string{"http://wadl.dev.java.net/2009/02", "http://research.sun.com/wadl/2006/10"}

// Options change how a document is read.
type Options struct {
	// File is named in problems.
	File string
	// QueryStaysQuery keeps required query parameters out of URL templates.
	QueryStaysQuery bool
}

// Read imports a document for an API. Where a problem is an error the import
// must not be used.
func Read(api model.ID, data []byte, o Options) (*transfer.Import, problem.Problems) {
	r := &reader{
		api: api, options: o, names: map[string]bool{}, shapes: map[string]string{}, byID: map[string]*markup.Element{},
		out: &transfer.Import{Positions: map[model.Key]transfer.Position{}},
	}
	root, text, err := markup.Parse(data)
	if err != nil {
		p := markup.Problem(err, o.File, string(api))
		return r.out, problem.Problems{p}
	}
	r.read(root, text)
	return r.out, r.problems
}

type reader struct {
	api        model.ID
	options    Options
	space      string
	byID       map[string]*markup.Element
	names      map[string]bool   // Of operations.
	shapes     map[string]string // Method and template, to the operation's name.
	references int
	parts      int
	out        *transfer.Import
	problems   problem.Problems
}

func (r *reader) fail(at *markup.Element, message, hint string) {
	r.report(problem.SeverityError, at, message, hint)
}

func (r *reader) warn(at *markup.Element, message string) {
	r.report(problem.SeverityWarning, at, message, "")
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

func (r *reader) read(root *markup.Element, text []byte) {
	for _, space := range namespaces {
		if root.Is(space, "application") {
			r.space = space
		}
	}
	if r.space == "" {
		r.fail(root, "the document is not WADL: its root is not application of "+namespaces[0], "")
		return
	}
	r.index(root)
	p := &r.out.Properties
	p.DisplayName, p.Description = r.doc(root)
	for list := range root.All(r.space, "resources") {
		if p.ServiceURL == "" {
			p.ServiceURL = r.base(list)
		}
		w := walk{reader: r}
		for resource := range list.All(r.space, "resource") {
			w.resource(resource)
		}
	}
	if g := root.First(r.space, "grammars"); g != nil && len(g.Children) > 0 {
		r.out.Schemas = append(r.out.Schemas, &model.Schema{
			ID: r.api.Child("schemas", GrammarsSchema), ContentType: GrammarsType,
			Document: model.SchemaDocument{Value: g.Standalone(text)},
		})
	}
	if len(r.out.Operations) == 0 && !r.problems.HasErrors() {
		r.warn(root, "the document has no methods")
	}
}

// index finds what references may name.
func (r *reader) index(e *markup.Element) {
	if id := e.Attribute("id"); id != "" && e.Name.Space == r.space {
		if _, ok := r.byID[id]; !ok {
			r.byID[id] = e
		}
	}
	for _, c := range e.Children {
		r.index(c)
	}
}

// base is the URL of the backend.
func (r *reader) base(resources *markup.Element) string {
	text := resources.Attribute("base")
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		if text != "" {
			r.warn(resources, fmt.Sprintf("the base %q is not an http or https URL, and is not used", clip(text)))
		}
		return ""
	}
	return strings.TrimSuffix(text, "/")
}

// follow returns what an element refers to by href, or the element itself. It
// is nil, and has said why, where the reference leads nowhere.
func (r *reader) follow(e *markup.Element) *markup.Element {
	href := e.Attribute("href")
	if href == "" {
		return e
	}
	return r.target(e, href, e.Name.Local)
}

// target finds what a reference names; local is the element that it must be.
func (r *reader) target(e *markup.Element, href, local string) *markup.Element {
	if r.references++; r.references > MaxReferences {
		if r.references == MaxReferences+1 {
			r.fail(e, fmt.Sprintf("the document has more than %d references (limit MaxReferences)", MaxReferences), "")
		}
		return nil
	}
	id, ok := strings.CutPrefix(href, "#")
	if !ok {
		r.fail(e, fmt.Sprintf("the reference %q leads out of the document, and is not fetched", clip(href)),
			"put what it refers to in the document")
		return nil
	}
	t := r.byID[id]
	if !t.Is(r.space, local) || t.Attribute("href") != "" {
		r.fail(e, fmt.Sprintf("the document has no %s with the id %q", local, clip(id)), "")
		return nil
	}
	return t
}

// doc returns title and text of an element's documentation.
func (r *reader) doc(e *markup.Element) (title, text string) {
	d := e.First(r.space, "doc")
	return d.Attribute("title"), d.AllText()
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
