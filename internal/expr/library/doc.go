// Package library assembles the tables of all .NET types that policies may see. The tables themselves are in
// its sub-packages, one file a .NET type; all.go is the only list of them.
package library

import (
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// New builds the library of every table, with the answers of that runtime.
func New(runtime value.Runtime) (*types.Library, error) {
	return types.NewFor(runtime, tables(runtime)...)
}
