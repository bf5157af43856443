package problem

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Severity says what a Problem means for the configuration that has it.
type Severity int

// The severities. The zero value is the strictest one.
const (
	// SeverityError means that the configuration cannot be used.
	SeverityError Severity = iota
	// SeverityWarning means that it can be used but does not do what it says.
	SeverityWarning
	// SeverityInformation is a remark.
	SeverityInformation
)

// String gives "error", "warning" or "information".
func (s Severity) String() string {
	switch s {
	case SeverityError:
		return "error"
	case SeverityWarning:
		return "warning"
	case SeverityInformation:
		return "information"
	}
	return "severity(" + strconv.Itoa(int(s)) + ")"
}

// MarshalText writes the severity's name, so that JSON has a word and no number.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a severity's name.
func (s *Severity) UnmarshalText(text []byte) error {
	for _, known := range []Severity{SeverityError, SeverityWarning, SeverityInformation} {
		if known.String() == string(text) {
			*s = known
			return nil
		}
	}
	return fmt.Errorf("unknown severity %q", text)
}

// Location says where in the configuration a Problem is. Each field may be
// empty or zero where it is not known.
type Location struct {
	// File is the path of the file as the user wrote it.
	File string `json:"file,omitempty"`
	// Line counts from 1.
	Line int `json:"line,omitempty"`
	// Column counts characters (not bytes) from 1.
	Column int `json:"column,omitempty"`
	// Element is the policy element, attribute or JSON path that is wrong.
	Element string `json:"element,omitempty"`
	// Resource is the id of the resource that is wrong, for example "apis/echo".
	Resource string `json:"resource,omitempty"`
}

// String gives "file:line:column: element", leaving out what is not known. The
// resource stands in for the file when there is no file.
func (l Location) String() string {
	var parts []string
	place := l.File
	if place == "" {
		place = l.Resource
	}
	if place != "" {
		parts = append(parts, place)
	}
	if l.Line > 0 {
		parts = append(parts, strconv.Itoa(l.Line))
		if l.Column > 0 {
			parts = append(parts, strconv.Itoa(l.Column))
		}
	}
	s := strings.Join(parts, ":")
	if l.Element == "" {
		return s
	}
	if s == "" {
		return l.Element
	}
	return s + ": " + l.Element
}

// Problem is one thing that is wrong in the configuration.
type Problem struct {
	Severity Severity `json:"severity"`
	Location
	// Message says what is wrong: lower case, no full stop.
	Message string `json:"message"`
	// Hint says what would be right; it may be empty.
	Hint string `json:"hint,omitempty"`
}

// String gives "file:line:column: element: message (hint)". A problem that is no
// error has its severity in front of the element.
func (p Problem) String() string {
	var b strings.Builder
	l := p.Location
	element := l.Element
	l.Element = ""
	for _, part := range []string{l.String(), p.label(), element} {
		if part != "" {
			b.WriteString(part + ": ")
		}
	}
	b.WriteString(p.Message)
	if p.Hint != "" {
		b.WriteString(" (" + p.Hint + ")")
	}
	return b.String()
}

func (p Problem) label() string {
	if p.Severity == SeverityError {
		return ""
	}
	return p.Severity.String()
}

// Problems is a list of problems. As an error it stands for a configuration that
// cannot be used; get it with Err, which gives nil where no problem is an error.
type Problems []Problem

// Sort orders by file, line, column, resource, element and message, in place.
func (ps Problems) Sort() {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Resource, b.Resource),
			cmp.Compare(a.Element, b.Element),
			cmp.Compare(a.Severity, b.Severity),
			cmp.Compare(a.Message, b.Message),
		)
	})
}

// Count returns how many problems have the severity s.
func (ps Problems) Count(s Severity) int {
	n := 0
	for _, p := range ps {
		if p.Severity == s {
			n++
		}
	}
	return n
}

// HasErrors says whether one of the problems is an error.
func (ps Problems) HasErrors() bool { return ps.Count(SeverityError) > 0 }

// Err returns ps, sorted, as an error, or nil when no problem is an error.
func (ps Problems) Err() error {
	if !ps.HasErrors() {
		return nil
	}
	ps.Sort()
	return ps
}

// Error gives one problem a line.
func (ps Problems) Error() string { return ps.String() }

// String gives one problem a line.
func (ps Problems) String() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// InFile sets the file of every problem that has none, and returns ps. A reader
// that sees only bytes leaves the file to its caller.
func (ps Problems) InFile(file string) Problems {
	for i := range ps {
		if ps[i].File == "" {
			ps[i].File = file
		}
	}
	return ps
}

// ToError returns a ValidationError with one detail for each problem that is an
// error. The target of a detail is the problem's element or else its resource.
func (ps Problems) ToError(message string) *Error {
	e := Validation("%s", message).WithCause(ps)
	for _, p := range ps {
		if p.Severity == SeverityError {
			e.Details = append(e.Details, Detail{
				Code:    CodeValidation,
				Target:  cmp.Or(p.Element, p.Resource),
				Message: p.String(),
			})
		}
	}
	return e
}

// Of returns the problems in the chain of err; an error without any becomes one
// problem with its text. Of returns nil for nil.
func Of(err error) Problems {
	if err == nil {
		return nil
	}
	if ps, ok := errors.AsType[Problems](err); ok {
		return ps
	}
	return Problems{{Message: err.Error()}}
}
