// Package graphql reads GraphQL schemas in the schema definition language. The
// schema is checked, and kept as the API's schema resource as it was written;
// an API of GraphQL has no operations of its own.
package graphql

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"

	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
)

// Limits of imports.
const (
	// MaxSize bounds a schema, in bytes.
	MaxSize = 4 << 20
	// MaxTokens bounds the words and signs of a schema.
	MaxTokens = 400_000
)

// SchemaName is the name of the Schema that keeps the document; it is the one
// that API Management has.
const SchemaName = "graphql"

// Options change how a document is read.
type Options struct {
	// File is named in problems.
	File string
}

// Read imports a schema for an API. Where a problem is an error the import must
// not be used.
func Read(api model.ID, data []byte, o Options) (*transfer.Import, problem.Problems) {
	out := &transfer.Import{Properties: model.API{Type: model.APIGraphQL}}
	p := problem.Problem{Location: problem.Location{File: o.File, Resource: string(api)}}
	if err := check(data); err != nil {
		p.Message = err.Error()
		if at, ok := errors.AsType[*gqlerror.Error](err); ok {
			p.Message = clip(at.Message)
			if len(at.Locations) > 0 {
				p.Line, p.Column = at.Locations[0].Line, at.Locations[0].Column
			}
		}
		return out, problem.Problems{p}
	}
	out.Schemas = []*model.Schema{{
		ID: api.Child("schemas", SchemaName), ContentType: model.SchemaGraphQL, Document: model.SchemaDocument{Value: string(data)},
	}}
	return out, nil
}

// check parses and validates a schema.
func check(data []byte) error {
	if len(data) > MaxSize {
		return fmt.Errorf("the schema has %d bytes (limit MaxSize, %d)", len(data), MaxSize)
	}
	if !utf8.Valid(data) {
		return errors.New("the schema is not UTF-8")
	}
	if text := strings.TrimSpace(string(data)); strings.HasPrefix(text, "{") {
		return errors.New("the document is JSON, perhaps the answer to an introspection; " +
			"give the schema definition language, as in type Query { … }")
	}
	source := &ast.Source{Input: string(data)}
	document, err := parser.ParseSchemaWithLimit(source, MaxTokens)
	if err != nil {
		return err
	}
	prelude, err := parser.ParseSchema(validator.Prelude)
	if err != nil {
		return fmt.Errorf("reading the types that are built in: %w", err)
	}
	prelude.Merge(document)
	schema, err := validator.ValidateSchemaDocument(prelude)
	if err != nil {
		return err
	}
	if schema.Query == nil {
		return errors.New("the schema has no query type; give type Query { … }")
	}
	return nil
}

// clip shortens what an error repeats of a document.
func clip(text string) string {
	const most = 300
	for i := range text {
		if i >= most {
			return text[:i] + "…"
		}
	}
	return text
}
