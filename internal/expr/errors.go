package expr

import (
	"fmt"
	"strings"
)

// Error is one error of the compiler.
type Error struct {
	// File is the document's name, or "".
	File string
	// Line and Column are where it is in the document, EndLine and EndColumn where it ends.
	Line, Column, EndLine, EndColumn int
	// Offset and End are the same as byte offsets in Source.Code.
	Offset, End int
	// Code is the C# compiler's number, such as "CS0103", or a number of ours ("SP0001").
	Code string
	// Message says what is wrong in the compiler's words.
	Message string
}

// Error returns position, number and message.
func (e Error) Error() string {
	if e.File != "" {
		return fmt.Sprintf("%s:%d:%d: %s: %s", e.File, e.Line, e.Column, e.Code, e.Message)
	}
	return fmt.Sprintf("%d:%d: %s: %s", e.Line, e.Column, e.Code, e.Message)
}

// Errors are all errors of one expression, in the order of the text. Compile returns it as its error.
type Errors []Error

// Error returns one line for each error.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Exception is the .NET exception that a run ended with. It is what LastError reports.
type Exception struct {
	// Type is the .NET type's full name, such as "System.FormatException".
	Type string
	// Message is the exception's message.
	Message string
	// Inner is the inner exception, or nil.
	Inner *Exception
	// Budget names the limit that was exceeded, or is "".
	Budget string
	// File, Line and Column are where it was raised in the document.
	File         string
	Line, Column int
}

// Error returns the position, the type and the message.
func (e *Exception) Error() string {
	return fmt.Sprintf("%d:%d: %s: %s", e.Line, e.Column, e.Type, e.Message)
}

// Unwrap returns the inner exception.
func (e *Exception) Unwrap() error {
	if e.Inner == nil {
		return nil
	}
	return e.Inner
}
