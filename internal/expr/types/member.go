package types

import (
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// Member is one member of a type. Members of a constructed type are made from those of its definition by
// substitution; Origin leads back to the declared one.
type Member struct {
	// Kind is the kind of member.
	Kind syntax.MemberKind
	// Name is the C# name; ".ctor" for a constructor, "this" for an indexer, the operator's text otherwise.
	Name string
	// Declaring is the type that the member belongs to.
	Declaring *Type
	// Static says that it has no receiver; Extension that its first parameter is `this`.
	Static, Extension bool
	// Implicit tells an implicit conversion operator from an explicit one.
	Implicit bool
	// CanGet and CanSet are the accessors of a property, an indexer or a field.
	CanGet, CanSet bool
	// TypeParams are those of a generic method.
	TypeParams []*Type
	// Params are the parameters.
	Params []Parameter
	// Result is the type of the result, the property, the field, the constant; the new type for a constructor.
	Result *Type
	// Const is the value of a constant or an enum member, valid where Kind says so.
	Const value.Value
	// Impl is the implementation; nil for constants and for members the compiler itself implements.
	Impl Impl
	// SetImpl is the implementation of the setter of a property or an indexer: the value is the last argument.
	SetImpl Impl
	// Bind returns a narrower implementation for one use, and is nil where there is none.
	Bind Binder
	// Pure says that equal arguments give equal results without effects, so that calls of constants fold.
	Pure bool
	// ReadsRequestBody and ReadsResponseBody say that a call needs that body buffered.
	ReadsRequestBody, ReadsResponseBody bool
	// Transient says that Impl keeps nothing of its Call.
	Transient bool
	// Unlisted says that Microsoft's page does not name the member.
	Unlisted bool
	// Unnamed says that expressions cannot name the member of an enum.
	Unnamed bool
	// Origin is the member as declared in the table; the member itself where nothing was substituted.
	Origin *Member
	// Text is the signature as the table has it.
	Text string
}

// Parameter is one parameter of a member.
type Parameter struct {
	// Name is the parameter's name, for named arguments.
	Name string
	// Type is its type; for a params parameter the array.
	Type *Type
	// Mode is syntax.KwOut, KwRef, KwIn, or syntax.Invalid for a value.
	Mode syntax.Kind
	// Params says that further arguments are collected into the array.
	Params bool
	// Optional says that the parameter has a default, and Default is it.
	Optional bool
	Default  value.Value
}
