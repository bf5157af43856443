package library

import "github.com/sallyport/sallyport/internal/expr/types"

// tables lists the tables of every sub-package.
func tables() [][]types.Table { return nil }
