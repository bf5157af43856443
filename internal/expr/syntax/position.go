package syntax

import "fmt"

// Pos is a byte offset into the source text of one expression, counted from 0.
type Pos int32

// Span is the half-open range of source text [Start, End) that a node or a diagnostic covers.
type Span struct {
	Start Pos
	End   Pos
}

// To returns the span from the start of s to the end of t.
func (s Span) To(t Span) Span { return Span{Start: s.Start, End: t.End} }

// Range returns the span itself; it makes every struct that embeds a Span a Node.
func (s Span) Range() Span { return s }

// Diagnostic is one error of the compiler, by the number that the C# compiler gives it.
type Diagnostic struct {
	// Span is the source text that the diagnostic is about.
	Span
	// Code is the C# error number, such as "CS0103", or a number of ours ("SP0001") where C# has none.
	Code string
	// Message says what is wrong in the words of the C# compiler.
	Message string
}

// Error returns the number and the message, without the position.
func (d Diagnostic) Error() string { return fmt.Sprintf("%s: %s", d.Code, d.Message) }

// Diagnostics collects the errors of one compilation in the order in which they are found.
// It holds at most MaxDiagnostics of them; further ones are counted and dropped.
type Diagnostics struct {
	list    []Diagnostic
	dropped int
}

// MaxDiagnostics is the number of errors that one compilation reports.
const MaxDiagnostics = 100

// Report adds one error; format and args make its message.
func (d *Diagnostics) Report(at Span, code, format string, args ...any) {
	if len(d.list) >= MaxDiagnostics {
		d.dropped++
		return
	}
	msg := format
	if len(args) > 0 {
		msg = fmt.Sprintf(format, args...)
	}
	d.list = append(d.list, Diagnostic{Span: at, Code: code, Message: msg})
}

// Len returns the number of errors held.
func (d *Diagnostics) Len() int { return len(d.list) }

// Truncate forgets every error after the first n: a speculative binding that failed leaves no trace.
func (d *Diagnostics) Truncate(n int) {
	if n < len(d.list) {
		d.list = d.list[:n]
	}
}

// All returns the errors held, in the order in which they were reported.
func (d *Diagnostics) All() []Diagnostic { return d.list }
