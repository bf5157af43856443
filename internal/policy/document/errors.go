package document

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/problem"
)

// Error is one thing that is wrong in a document.
type Error struct {
	// Pos is where it is wrong, in the document as the user wrote it.
	Pos Position
	// Element is the name of the innermost element there; it may be empty.
	Element string
	// Message says what is wrong: lower case, no full stop.
	Message string
	// Hint says what would be right; it may be empty.
	Hint string
}

// Error gives "line:column: element: message (hint)".
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Pos.String() + ": ")
	if e.Element != "" {
		b.WriteString(e.Element + ": ")
	}
	b.WriteString(e.Message)
	if e.Hint != "" {
		b.WriteString(" (" + e.Hint + ")")
	}
	return b.String()
}

// Problem returns e as a problem in the file.
func (e *Error) Problem(file string) problem.Problem {
	return problem.Problem{
		Location: problem.Location{File: file, Line: e.Pos.Line, Column: e.Pos.Column, Element: e.Element},
		Message:  e.Message,
		Hint:     e.Hint,
	}
}

// Errors are two or more errors of one document, in its order.
type Errors []*Error

// Error gives one error a line.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.As find the first error.
func (es Errors) Unwrap() []error {
	list := make([]error, len(es))
	for i, e := range es {
		list[i] = e
	}
	return list
}

// Problems returns the errors in the chain of err, which Parse returned, as
// problems in the file.
func Problems(err error, file string) problem.Problems {
	if several, ok := errors.AsType[Errors](err); ok {
		ps := make(problem.Problems, len(several))
		for i, e := range several {
			ps[i] = e.Problem(file)
		}
		return ps
	}
	if one, ok := errors.AsType[*Error](err); ok {
		return problem.Problems{one.Problem(file)}
	}
	return problem.Of(err).InFile(file)
}

// asError returns the errors of a document as one error, or nil.
func asError(list []*Error) error {
	slices.SortStableFunc(list, func(a, b *Error) int { return cmp.Compare(a.Pos.Offset, b.Pos.Offset) })
	switch len(list) {
	case 0:
		return nil
	case 1:
		return list[0]
	}
	return Errors(list)
}
