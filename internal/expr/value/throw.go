package value

// The full names of the .NET exceptions that the language and the library throw most.
const (
	ArgumentException           = "System.ArgumentException"
	ArgumentNullException       = "System.ArgumentNullException"
	ArgumentOutOfRangeException = "System.ArgumentOutOfRangeException"
	DivideByZeroException       = "System.DivideByZeroException"
	FormatException             = "System.FormatException"
	IndexOutOfRangeException    = "System.IndexOutOfRangeException"
	InvalidCastException        = "System.InvalidCastException"
	InvalidOperationException   = "System.InvalidOperationException"
	KeyNotFoundException        = "System.Collections.Generic.KeyNotFoundException"
	NotSupportedException       = "System.NotSupportedException"
	NullReferenceException      = "System.NullReferenceException"
	OverflowException           = "System.OverflowException"
)

// NullReference returns the exception of a member access on null.
func NullReference() *Exception {
	return Throw(NullReferenceException, "Object reference not set to an instance of an object.")
}

// NullArgument returns the exception of a null argument where none may be.
func NullArgument(param string) *Exception {
	e := Throw(ArgumentNullException, "Value cannot be null. (Parameter '"+param+"')")
	e.Param = param
	return e
}

// OutOfRange returns the exception of an argument outside of its range; message may be empty.
func OutOfRange(param, message string) *Exception {
	if message == "" {
		message = "Specified argument was out of the range of valid values."
	}
	if param != "" {
		message += " (Parameter '" + param + "')"
	}
	e := Throw(ArgumentOutOfRangeException, message)
	e.Param = param
	return e
}

// Argument returns an ArgumentException; param may be empty.
func Argument(param, message string) *Exception {
	if param != "" {
		message += " (Parameter '" + param + "')"
	}
	e := Throw(ArgumentException, message)
	e.Param = param
	return e
}

// BadFormat returns a FormatException.
func BadFormat(message string) *Exception { return Throw(FormatException, message) }

// maxShown is how many bytes of a text that is no number its exception shows.
const maxShown = 4096

// BadNumber returns the FormatException of a text that is no number.
func BadNumber(text string) *Exception {
	text = text[:min(len(text), maxShown)]
	return BadFormat("The input string '" + text + "' was not in a correct format.")
}

// Overflow returns an OverflowException.
func Overflow(message string) *Exception {
	if message == "" {
		message = "Arithmetic operation resulted in an overflow."
	}
	return Throw(OverflowException, message)
}

// DivideByZero returns a DivideByZeroException.
func DivideByZero() *Exception {
	return Throw(DivideByZeroException, "Attempted to divide by zero.")
}

// IndexOutOfRange returns the exception of an index outside of an array or string.
func IndexOutOfRange() *Exception {
	return Throw(IndexOutOfRangeException, "Index was outside the bounds of the array.")
}

// IndexArgument returns the exception of an index outside of a list.
func IndexArgument() *Exception {
	return OutOfRange("index", "Index was out of range. Must be non-negative and less than the size of the collection.")
}

// InvalidOperation returns an InvalidOperationException.
func InvalidOperation(message string) *Exception { return Throw(InvalidOperationException, message) }

// NotSupported returns a NotSupportedException.
func NotSupported(message string) *Exception { return Throw(NotSupportedException, message) }

// KeyNotFound returns the exception of a key that a dictionary does not have.
func KeyNotFound(key string) *Exception {
	return Throw(KeyNotFoundException, "The given key '"+key+"' was not present in the dictionary.")
}

// BadCast returns the exception of a cast between the types with these .NET names.
func BadCast(from, to string) *Exception {
	return Throw(InvalidCastException, "Unable to cast object of type '"+from+"' to type '"+to+"'.")
}
