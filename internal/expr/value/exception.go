package value

// Exception is a .NET exception: what a run of a policy expression ends with where it does not end with a
// value. It is itself an Object, so that catch blocks can hold it. It is no Go error: expr.Exception is.
type Exception struct {
	// Type is the .NET type's full name, such as "System.FormatException".
	Type string
	// Message is the Message property.
	Message string
	// Param is the ParamName of an ArgumentException, or "".
	Param string
	// Inner is the InnerException, or nil.
	Inner *Exception
	// Detail holds further properties of the exception's type, or is nil.
	Detail any
	// Pos is the byte offset in the source where it was raised; -1 until compiled code sets it.
	Pos int32
	// Budget names the limit that was exceeded, or is "". Such an exception cannot be caught by a policy.
	Budget string
	// Class is the run-time type, for catch and GetType; nil where only Type is known.
	Class Type
}

// ObjectType returns the run-time type.
func (e *Exception) ObjectType() Type { return e.Class }

// Throw returns a new exception of the .NET type with that full name.
func Throw(netType, message string) *Exception {
	return &Exception{Type: netType, Message: message, Pos: -1}
}
