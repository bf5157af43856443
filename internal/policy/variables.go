package policy

import (
	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// Variables is context.Variables of one request: typed values by name, in the
// order of their first insertion. Requests have few, so they are searched in
// line. The zero Variables is empty.
type Variables struct {
	entries []variable
}

type variable struct {
	name  string
	value value.Value
}

var _ host.Variables = (*Variables)(nil)

// Get returns a variable and whether it is set.
func (v *Variables) Get(name string) (value.Value, bool) {
	for i := range v.entries {
		if v.entries[i].name == name {
			return v.entries[i].value, true
		}
	}
	return value.Nil, false
}

// Set sets a variable.
func (v *Variables) Set(name string, val value.Value) {
	for i := range v.entries {
		if v.entries[i].name == name {
			v.entries[i].value = val
			return
		}
	}
	v.entries = append(v.entries, variable{name, val})
}

// Each calls f with each variable in order until f returns false.
func (v *Variables) Each(f func(name string, val value.Value) bool) {
	for i := range v.entries {
		if !f(v.entries[i].name, v.entries[i].value) {
			return
		}
	}
}

// Len returns the number of variables.
func (v *Variables) Len() int { return len(v.entries) }

// Reset empties the variables and keeps their memory.
func (v *Variables) Reset() {
	clear(v.entries)
	v.entries = v.entries[:0]
}
