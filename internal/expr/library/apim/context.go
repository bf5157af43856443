package apim

import "github.com/sallyport/sallyport/internal/expr/value"

// Context returns the variable context of a run.
func Context(t *value.Thread) value.Value { return value.Nil }
