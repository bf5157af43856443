// Package convert makes the conversions of typed expressions: which there is, from the static type, the
// constant or the shape of an expression, and the nodes that do it. It reports why there is none.
package convert

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// Host is what conversions need of the checker.
type Host interface {
	// Report adds an error.
	Report(at syntax.Node, code, format string, args ...any)
	// Errors is the number of errors reported so far.
	Errors() int
	// Temp adds a temporary to the current function.
	Temp(t *types.Type) *bound.Local
	// Overflow says whether arithmetic is in a checked context, and whether it is explicitly in an
	// unchecked one, so that constants wrap too.
	Overflow() (checked, unchecked bool)
	// Uses notes that a member is used.
	Uses(m *types.Member)
}

// Shape is an expression that has no type of its own and fits some types: a lambda, a method group.
type Shape interface {
	bound.Expr
	// FitsTo reports whether it converts to a type.
	FitsTo(to *types.Type) bool
	// To converts it to a type that it fits.
	To(to *types.Type) bound.Expr
	// Mismatch reports why it does not fit.
	Mismatch(to *types.Type, at syntax.Node)
}

// Converter makes conversions.
type Converter struct {
	// Lib has the types.
	Lib *types.Library
	// Host is the checker.
	Host Host
}

// Checked reports whether overflow throws here.
func (c *Converter) Checked() bool {
	checked, _ := c.Host.Overflow()
	return checked
}

// FoldChecked reports whether the overflow of a constant is an error here.
func (c *Converter) FoldChecked() bool {
	_, unchecked := c.Host.Overflow()
	return !unchecked
}

// Node returns the place and the type of a new node.
func Node(at syntax.Node, t *types.Type) bound.Node {
	return bound.Node{Span: at.Range(), T: t}
}

// Bad returns the node that stands for an error.
func (c *Converter) Bad(at syntax.Node) bound.Expr {
	return &bound.Bad{Node: Node(at, c.Lib.Basic(types.Invalid))}
}

// IsBad reports whether x is an error that has been reported.
func IsBad(x bound.Expr) bool { return x == nil || x.Type().Kind == types.Invalid }

// Special returns a type of the language.
func (c *Converter) Special(s types.Special) *types.Type {
	if t := c.Lib.Special(s); t != nil {
		return t
	}
	return c.Lib.Basic(types.Invalid)
}

// Plain reports whether a type says all about how its expression converts.
func Plain(t *types.Type) bool {
	switch t.Kind {
	case types.Null, types.DefaultLiteral, types.Typeless, types.Invalid, types.Void:
		return false
	default:
		return true
	}
}

// IntLiteral is a constant of the type int.
func (c *Converter) IntLiteral(at syntax.Node, n int) bound.Expr {
	t := c.Special(types.Int32)
	return &bound.Literal{Node: Node(at, t), Value: value.Boxed(t, uint64(n))}
}
