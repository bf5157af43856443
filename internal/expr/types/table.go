package types

// Table declares one .NET type: its head, and its members by their C# signatures.
//
//	types.Table{
//		Namespace: "System.Text",
//		Decl:      "sealed class StringBuilder",
//		Members: []types.Entry{
//			{Sig: "StringBuilder()", Impl: types.Func(newStringBuilder)},
//			{Sig: "StringBuilder Append(string value)", Impl: types.Func(appendString)},
//			{Sig: "int Length { get; set; }", Impl: types.ObjInt(length), Set: types.Func(setLength)},
//			{Sig: "char this[int index] { get; }", Impl: types.Func(charAt)},
//		},
//	}
//
// An extension method stands in the table of its static class with a `this` parameter. Enum members are
// written "Ordinal = 4". The names in signatures are resolved among all the tables of the library.
type Table struct {
	// Namespace is the .NET namespace.
	Namespace string
	// Decl is the head: "class List<T> : IList<T>", "enum Formatting", "delegate TResult Func<in T, out TResult>(T arg)".
	Decl string
	// Special marks a type that the language knows.
	Special Special
	// Storage says how values are kept; the zero value is Val.
	Storage Storage
	// Flags says that an enum prints as a combination.
	Flags bool
	// Hidden says that expressions may meet the type but not name it.
	Hidden bool
	// Members are the members.
	Members []Entry
}

// Entry is one member of a table.
type Entry struct {
	// Sig is the C# signature, as Microsoft's page has it.
	Sig string
	// Impl is the implementation of the method, constructor, operator or getter.
	Impl Impl
	// Set is the implementation of the setter.
	Set Impl
	// Traits are facts about the member that the signature does not say.
	Traits Traits
}

// Traits are facts about a member that its C# signature does not say.
type Traits uint8

// The traits.
const (
	// Pure members fold when their arguments are constant.
	Pure Traits = 1 << iota
	// ReadsRequestBody and ReadsResponseBody make the gateway buffer that body.
	ReadsRequestBody
	ReadsResponseBody
	// Transient members keep nothing of their Call when they have returned, in no closure either, so that it is used again.
	Transient
	// Unlisted members are not on Microsoft's page, but policies use them.
	Unlisted
	// Unnamed members of an enum can be met as values, but not named.
	Unnamed
)
