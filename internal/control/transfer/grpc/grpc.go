// Package grpc reads Protocol Buffers definitions (.proto). Each method of each
// service becomes an operation, and the document stays as the API's schema.
//
// A document stands for itself: of what it may import only the well-known types
// of google/protobuf are there.
package grpc

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/reporter"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/control/transfer/openapi"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
)

// Limits of imports.
const (
	// MaxSize bounds a document, in bytes.
	MaxSize = 1 << 20
	// MaxNesting bounds how deep brackets may be nested.
	MaxNesting = 64
	// MaxOperations bounds the methods of a document.
	MaxOperations = 5000
	// MaxProblems bounds the problems that one import reports.
	MaxProblems = 50
)

// The name and the content type of the Schema that keeps the document.
const (
	SchemaName = "grpc"
	SchemaType = "text/protobuf"
)

// contentType is that of the messages of gRPC.
const contentType = "application/grpc"

// Options change how a document is read.
type Options struct {
	// File is named in problems.
	File string
}

// Read imports a document for an API. Where a problem is an error the import
// must not be used.
func Read(api model.ID, data []byte, o Options) (*transfer.Import, problem.Problems) {
	r := &reader{
		api: api, options: o, names: map[string]bool{},
		out: &transfer.Import{Properties: model.API{Type: model.APIGRPC}, Positions: map[model.Key]transfer.Position{}},
	}
	r.read(string(data))
	return r.out, r.problems
}

type reader struct {
	api      model.ID
	options  Options
	names    map[string]bool // Of operations.
	out      *transfer.Import
	problems problem.Problems
}

func (r *reader) fail(line, column int, message, hint string) {
	if len(r.problems) >= MaxProblems {
		return
	}
	r.problems = append(r.problems, problem.Problem{
		Message: clip(message), Hint: hint,
		Location: problem.Location{File: r.options.File, Line: line, Column: column, Resource: string(r.api)},
	})
}

func (r *reader) read(text string) {
	switch {
	case len(text) > MaxSize:
		r.fail(0, 0, fmt.Sprintf("the document has %d bytes (limit MaxSize, %d)", len(text), MaxSize), "")
		return
	case !utf8.ValidString(text):
		r.fail(0, 0, "the document is not UTF-8", "")
		return
	}
	if line, column, ok := nested(text); !ok {
		r.fail(line, column, fmt.Sprintf("brackets are nested deeper than %d (limit MaxNesting)", MaxNesting), "")
		return
	}
	file, ok := r.compile(text)
	if !ok {
		return
	}
	r.services(file)
	if len(r.out.Operations) == 0 && !r.problems.HasErrors() {
		r.fail(0, 0, "the document has no service with a method", "give the file that defines the service")
	}
	r.out.Schemas = []*model.Schema{{
		ID: r.api.Child("schemas", SchemaName), ContentType: SchemaType, Document: model.SchemaDocument{Value: text},
	}}
}

// fileName is what the document is called while it is compiled; no import can
// have this name.
const fileName = "\x00.proto"

var errNotThere = errors.New("only the well-known types of google/protobuf can be imported; put all other definitions in the document")

// compile parses and links the document.
func (r *reader) compile(text string) (protoreflect.FileDescriptor, bool) {
	c := protocompile.Compiler{
		Resolver: protocompile.WithStandardImports(protocompile.ResolverFunc(func(name string) (protocompile.SearchResult, error) {
			if name != fileName {
				return protocompile.SearchResult{}, errNotThere
			}
			return protocompile.SearchResult{Source: strings.NewReader(text)}, nil
		})),
		MaxParallelism: 1,
		SourceInfoMode: protocompile.SourceInfoStandard,
		Reporter: reporter.NewReporter(func(err reporter.ErrorWithPos) error {
			at := err.GetPosition()
			r.fail(at.Line, at.Col, err.Unwrap().Error(), "")
			if len(r.problems) >= MaxProblems {
				return err
			}
			return nil
		}, nil),
	}
	files, err := c.Compile(context.Background(), fileName)
	if err != nil && !r.problems.HasErrors() {
		r.unreported(err)
	}
	if r.problems.HasErrors() || len(files) == 0 {
		return nil, false
	}
	return files[0], true
}

// unreported takes an error that ended the compilation by itself: an import
// that is not there.
func (r *reader) unreported(err error) {
	if at, ok := errors.AsType[reporter.ErrorWithPos](err); ok {
		r.fail(at.GetPosition().Line, at.GetPosition().Col, at.Unwrap().Error(), "")
		return
	}
	r.fail(0, 0, strings.ReplaceAll(err.Error(), fileName, "the document"), "")
}

func (r *reader) services(file protoreflect.FileDescriptor) {
	services := file.Services()
	for i := range services.Len() {
		s := services.Get(i)
		if r.out.Properties.DisplayName == "" {
			r.out.Properties.DisplayName = string(s.Name())
			r.out.Properties.Description = comment(s)
		}
		methods := s.Methods()
		for j := range methods.Len() {
			if len(r.out.Operations) == MaxOperations {
				r.fail(0, 0, fmt.Sprintf("the document has more than %d methods (limit MaxOperations)", MaxOperations), "")
				return
			}
			r.method(s, methods.Get(j))
		}
	}
}

// method makes the operation of a method: POST to its full name, as gRPC has
// it.
func (r *reader) method(s protoreflect.ServiceDescriptor, m protoreflect.MethodDescriptor) {
	base := openapi.Normalize(string(s.Name()) + "-" + string(m.Name()))
	name := base
	for i := 1; r.names[name]; i++ {
		name = fmt.Sprintf("%s-%d", base, i)
	}
	r.names[name] = true
	out := &model.Operation{
		ID: r.api.Child("operations", name), DisplayName: clip(string(m.Name())), Description: comment(m),
		Method: "POST", URLTemplate: "/" + string(s.FullName()) + "/" + string(m.Name()),
		Request:   &model.Request{Representations: representation(m.Input())},
		Responses: []model.Response{{StatusCode: 200, Representations: representation(m.Output())}},
	}
	r.out.Operations = append(r.out.Operations, out)
	at := m.ParentFile().SourceLocations().ByDescriptor(m)
	r.out.Positions[out.ID.Key()] = transfer.Position{Line: at.StartLine + 1, Column: at.StartColumn + 1}
}

func representation(m protoreflect.MessageDescriptor) []model.Representation {
	return []model.Representation{{ContentType: contentType, SchemaID: SchemaName, TypeName: string(m.FullName())}}
}

// comment is what stands in front of a definition.
func comment(d protoreflect.Descriptor) string {
	return strings.TrimSpace(d.ParentFile().SourceLocations().ByDescriptor(d).LeadingComments)
}

// clip shortens what is repeated of a document.
func clip(text string) string {
	const most = 300
	for i := range text {
		if i >= most {
			return text[:i] + "…"
		}
	}
	return text
}
