// Package odata reads and applies the $filter of the lists of the management API.
//
// The grammar is the part of OData 4 that the API documents, with the functions
// of OData 3 that its clients still send: and, or, not, parentheses; eq, ne, gt,
// lt, ge, le; substringof, contains, startswith, endswith, alone or compared with
// true or false; any and all over a list of strings; strings, numbers, true,
// false, null, datetime'…', times and GUIDs. A list says in its Fields what it
// can be filtered by; anything else is refused with its column and with what is
// allowed. Decision 0075 says how values are compared.
package odata

import (
	"fmt"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/problem"
)

// Bounds of a filter.
const (
	// maxLength is the longest filter, in bytes.
	maxLength = 4 << 10
	// maxDepth is how deep parentheses, not and lambdas may be inside each other.
	maxDepth = 32
	// maxNodes is how many comparisons, functions and connectives a filter may have.
	maxNodes = 256
)

// Filter is a filter that was read. It does not change, and may be used by many
// goroutines.
type Filter struct {
	root node
}

// Parse reads a filter for a list with these fields. An empty filter matches
// everything, and so does every filter where fields is empty but not nil: such a
// list documents the option as "not used". Where fields is nil the list has no
// filter, and none may be given.
//
// The error is a *problem.Error (400, ValidationError) with the target "$filter".
func Parse(filter string, fields Fields) (*Filter, error) {
	if len(filter) > maxLength {
		return nil, fault("it has %d bytes; at most %d are allowed", len(filter), maxLength)
	}
	if !utf8.ValidString(filter) {
		return nil, fault("it is not valid UTF-8")
	}
	p := &parser{lexer: lexer{text: filter}, fields: fields}
	if err := p.next(); err != nil {
		return nil, err
	}
	if p.token.kind == end || fields != nil && len(fields) == 0 {
		return &Filter{root: everything{}}, nil
	}
	if fields == nil {
		return nil, fault("this list cannot be filtered; leave it out")
	}
	root, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.token.kind != end {
		return nil, p.unexpected("and, or, or the end")
	}
	return &Filter{root: root}, nil
}

// Match says whether an entity, {"name":…, "properties":{…}} as it is listed, is
// in the list that the filter leaves.
func (f *Filter) Match(tree map[string]any) bool {
	return f.root.match(&subject{tree: tree})
}

// fault makes the error for a filter.
func fault(format string, args ...any) error {
	return problem.Validation("The $filter is not valid: %s.", fmt.Sprintf(format, args...)).WithTarget("$filter")
}
