package types

import "github.com/sallyport/sallyport/internal/expr/value"

// Bindable is an implementation that has narrower forms for what is known where a member is used: a constant pattern
// is compiled once, a chain of properties from context becomes one function of the run.
type Bindable struct {
	// Impl is the form for any operands.
	Impl
	// Bind returns a narrower form.
	Bind Binder
}

// Binder returns the implementation for one use of a member, or nil where the general one serves. What it returns
// takes the operands that are not known, in their order; a receiver that is rooted counts as known.
type Binder func(u *Use) Impl

// Use is what is known, when a program is compiled, of one use of a member.
type Use struct {
	// Lib is the library that the member belongs to.
	Lib *Library
	// Rooted says that the receiver is context, or a chain of properties from it. Path is that chain, such as
	// "Request.Headers", and empty for context itself.
	Rooted bool
	Path   string
	// Args are the arguments without the receiver, each known or not.
	Args []Operand
	// TypeArgs are the type arguments of a generic method.
	TypeArgs []*Type
	// Result is the closed type of the result.
	Result *Type
}

// Operand is an argument of a use.
type Operand struct {
	// Known says that the argument is a constant, which Value is.
	Known bool
	Value value.Value
}

// Text returns the i-th argument where it is a known string that is not null.
func (u *Use) Text(i int) (string, bool) {
	if i >= len(u.Args) || !u.Args[i].Known {
		return "", false
	}
	s, ok := u.Args[i].Value.Str()
	return s.Go(), ok
}

// AllKnown reports whether each argument is known.
func (u *Use) AllKnown() bool {
	for _, a := range u.Args {
		if !a.Known {
			return false
		}
	}
	return true
}
