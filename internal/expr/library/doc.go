// Package library assembles the tables of all .NET types that policies may see. The tables themselves are in
// its sub-packages, one file a .NET type; all.go is the only list of them.
package library

import "github.com/sallyport/sallyport/internal/expr/types"

// New builds the library of every table.
func New() (*types.Library, error) { return types.New(tables()...) }
