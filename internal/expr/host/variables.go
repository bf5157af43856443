package host

import (
	"errors"

	"github.com/sallyport/sallyport/internal/expr/value"
)

// ErrConsumed is what Body.Bytes fails with after the body was read without preserve.
var ErrConsumed = errors.New("the message body has already been consumed")

// Variables is context.Variables: typed values by name, in the order of their first insertion.
type Variables interface {
	// Get returns a variable and whether it is set.
	Get(name string) (value.Value, bool)
	// Set sets a variable.
	Set(name string, v value.Value)
	// Each calls f with each variable in order until f returns false.
	Each(f func(name string, v value.Value) bool)
	// Len returns the number of variables.
	Len() int
}
