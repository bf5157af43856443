package types

import "github.com/sallyport/sallyport/internal/expr/value"

// Impl is the implementation of a member. The set of conventions is closed: Func is the general one, the
// others let compiled code call typed Go functions directly, without a Call and without boxing. A receiver
// is never null: compiled code throws NullReferenceException before.
//
// An implementation charges its own loops and allocations to the thread's budget. It never panics, never
// blocks, and keeps nothing of its arguments' slice.
type Impl interface{ impl() }

type (
	// Func is the general convention.
	Func func(c *value.Call) (value.Value, *value.Exception)

	// StrInt is an instance member of string, or a static one of a non-null string, that yields an Int.
	StrInt func(t *value.Thread, s string) (int64, *value.Exception)
	// StrIntInt takes an integer as well, such as the indexer.
	StrIntInt func(t *value.Thread, s string, i int64) (int64, *value.Exception)
	// StrBool yields a Bool.
	StrBool func(s string) bool
	// StrStr yields a non-null string and charges the budget for it.
	StrStr func(t *value.Thread, s string) (string, *value.Exception)
	// NullStrBool is a static member of a string that may be null, such as string.IsNullOrEmpty.
	NullStrBool func(s value.String) bool
	// StrStrBool takes the receiver and one string argument that may be null.
	StrStrBool func(s string, a value.String) (bool, *value.Exception)
	// StrStrInt is like StrStrBool and yields an Int.
	StrStrInt func(s string, a value.String) (int64, *value.Exception)
	// StrStrStr is like StrStrBool and yields a string.
	StrStrStr func(t *value.Thread, s string, a value.String) (value.String, *value.Exception)

	// IntInt is a function of an integer.
	IntInt func(x int64) (int64, *value.Exception)
	// IntIntInt is a function of two integers.
	IntIntInt func(x, y int64) (int64, *value.Exception)
	// FloatFloat is a function of a floating-point number.
	FloatFloat func(x float64) float64
	// Float2 is a function of two floating-point numbers.
	Float2 func(x, y float64) float64

	// ObjStr reads a string property of a reference.
	ObjStr func(t *value.Thread, o value.Value) (value.String, *value.Exception)
	// ObjInt reads an integer property of a reference.
	ObjInt func(t *value.Thread, o value.Value) (int64, *value.Exception)
	// ObjBool reads a bool property of a reference.
	ObjBool func(t *value.Thread, o value.Value) (bool, *value.Exception)
	// ObjVal reads any other property of a reference.
	ObjVal func(t *value.Thread, o value.Value) (value.Value, *value.Exception)
	// ObjStrVal takes a reference and a string, such as an indexer by name.
	ObjStrVal func(t *value.Thread, o value.Value, a value.String) (value.Value, *value.Exception)
	// ObjStrValAs is a generic method of one type argument that takes a reference, a string and a default of
	// that type, such as Variables.GetValueOrDefault<T>(name, default).
	ObjStrValAs func(t *value.Thread, o value.Value, a value.String, def value.Value, as value.Type) (value.Value, *value.Exception)
	// ObjStrBool takes a reference and a string, such as ContainsKey.
	ObjStrBool func(t *value.Thread, o value.Value, a value.String) (bool, *value.Exception)
	// ObjStrStrStr takes a reference and two strings, such as GetValueOrDefault(name, default).
	ObjStrStrStr func(t *value.Thread, o value.Value, a, b value.String) (value.String, *value.Exception)

	// NullStrTest is a static member of a string that may be null, and whatever a Binder knew of the other arguments.
	NullStrTest func(t *value.Thread, s value.String) (bool, *value.Exception)
	// NullStrStr is like NullStrTest and yields a string.
	NullStrStr func(t *value.Thread, s value.String) (value.String, *value.Exception)
	// RunStr is what a Binder makes where all operands are known: a function of the run.
	RunStr func(t *value.Thread) (value.String, *value.Exception)
	// RunInt is like RunStr and yields an integer.
	RunInt func(t *value.Thread) (int64, *value.Exception)
	// RunBool is like RunStr and yields a truth value.
	RunBool func(t *value.Thread) (bool, *value.Exception)
	// RunVal is like RunStr and yields any value.
	RunVal func(t *value.Thread) (value.Value, *value.Exception)
)

func (Func) impl()         {}
func (StrInt) impl()       {}
func (StrIntInt) impl()    {}
func (StrBool) impl()      {}
func (StrStr) impl()       {}
func (NullStrBool) impl()  {}
func (StrStrBool) impl()   {}
func (StrStrInt) impl()    {}
func (StrStrStr) impl()    {}
func (IntInt) impl()       {}
func (IntIntInt) impl()    {}
func (FloatFloat) impl()   {}
func (Float2) impl()       {}
func (ObjStr) impl()       {}
func (ObjInt) impl()       {}
func (ObjBool) impl()      {}
func (ObjVal) impl()       {}
func (ObjStrVal) impl()    {}
func (ObjStrValAs) impl()  {}
func (ObjStrBool) impl()   {}
func (ObjStrStrStr) impl() {}
func (NullStrTest) impl()  {}
func (NullStrStr) impl()   {}
func (RunStr) impl()       {}
func (RunInt) impl()       {}
func (RunBool) impl()      {}
func (RunVal) impl()       {}
