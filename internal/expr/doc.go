// Package expr compiles the C# of policy expressions and runs it: Source in, Program out.
//
// A program is compiled once, when a snapshot is, and shared by all requests. The way there:
//
//	parse    text → tree of package syntax, with positions
//	types    the .NET types and members that exist, declared in tables by their C# signatures
//	check    tree → typed tree (package bound), with all errors by their C# numbers; of its parts, lower rewrites
//	         queries, convert
//	         makes conversions, overload chooses methods, operator makes operators, fold computes constants, scope
//	         holds what is declared,
//	         flow checks definite assignment and returns
//	plan     typed tree → closures over typed slots
//	value    what they compute with: strings, numbers, objects, exceptions, budgets
//	host     what the gateway hands to a run: Context and its interfaces
//	library  the tables, one file a .NET type, and their implementations
//
// # Adding a .NET type
//
// Write one file in the sub-package of library where it belongs (clr, collections, linq, json, xml, crypto,
// text, apim): a function that returns its types.Table, with each member by the C# signature of Microsoft's page
// beside its implementation, and list that function in the package's Tables. Choose the narrowest convention
// of types.Impl that fits: types.StrBool for bool-valued members of string costs one call, types.Func a
// slice of arguments. Mark what depends on nothing but its arguments with types.Pure, and what reads a body
// with types.ReadsRequestBody. Charge loops and allocations to the thread's budget. A member that is in no
// table does not exist, so there is nothing to forbid.
//
// # Where things are
//
// In check, statements, local functions, lambda bodies and queries are in
// stmt_*.go, lambda_*.go and query_*.go; expressions and patterns in expr_*.go, over convert, overload
// and operator; checker.go holds the state they share and says what each calls of the other.
// plan does not decide: whatever depends on a type is a node or a field in bound, set by check.
//
// # Errors
//
// Compile returns Errors: every error with its place in the policy document and the C# compiler's number.
// A run fails with *Exception: the .NET exception's type and message with its place. Nothing panics.
package expr
