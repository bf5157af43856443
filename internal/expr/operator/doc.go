// Package operator makes the operators of typed expressions: numeric promotion, lifting to nullables,
// enums, string concatenation, equality of references, user-defined operators, and the folding of constants.
package operator

import (
	"github.com/sallyport/sallyport/internal/expr/convert"
	"github.com/sallyport/sallyport/internal/expr/overload"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// Host is what operators, overloads and conversions need of the checker.
type Host interface {
	convert.Host
	overload.Binder
}

// Builder makes operators.
type Builder struct {
	*overload.Resolver
}

// New returns a builder for a library.
func New(lib *types.Library, host Host) *Builder {
	c := &convert.Converter{Lib: lib, Host: host}
	return &Builder{&overload.Resolver{Converter: c, Binder: host}}
}
