package clr

import (
	"strings"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// enumOf returns the enum that the first argument, a System.Type, stands for.
func enumOf(c *value.Call) (*types.Type, *value.Exception) {
	r, ok := c.Object(0).(*value.TypeRef)
	if !ok {
		return nil, value.NullArgument("enumType")
	}
	t, _ := r.Of.(*types.Type)
	if t == nil || t.Kind != types.Enum {
		return nil, value.Argument("enumType", "Type provided must be an Enum.")
	}
	return t, nil
}

func enumParse(c *value.Call) (value.Value, *value.Exception) {
	t, e := enumOf(c)
	if e != nil {
		return value.Nil, e
	}
	if e := c.NotNull(1, "value"); e != nil {
		return value.Nil, e
	}
	n, ok := object.ParseEnum(t, c.Go(1), len(c.Args) > 2 && c.Bool(2))
	if !ok {
		return value.Nil, value.Argument("", "Requested value '"+c.Go(1)+"' was not found.")
	}
	return value.Boxed(t, uint64(n)), nil
}

// enumTryParse is the generic TryParse: value, [ignoreCase,] out result.
func enumTryParse(c *value.Call) (value.Value, *value.Exception) {
	t, _ := c.TypeArgs[0].(*types.Type)
	out := len(c.Args) - 1
	n, ok := object.ParseEnum(t, c.Go(0), out == 2 && c.Bool(1))
	c.Args[out] = value.Boxed(t, uint64(n))
	return c.ReturnBool(ok)
}

func enumTable() types.Table {
	return types.Table{Namespace: system, Decl: "abstract class Enum : IComparable, IFormattable, IConvertible", Special: types.EnumBase, Members: []types.Entry{
		{Sig: "static object Parse(Type enumType, string value)", Impl: types.Func(enumParse)},
		{Sig: "static object Parse(Type enumType, string value, bool ignoreCase)", Impl: types.Func(enumParse)},
		{Sig: "static bool TryParse<TEnum>(string value, out TEnum result)", Impl: types.Func(enumTryParse)},
		{Sig: "static bool TryParse<TEnum>(string value, bool ignoreCase, out TEnum result)", Impl: types.Func(enumTryParse)},
		{Sig: "static bool IsDefined(Type enumType, object value)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			t, e := enumOf(c)
			if e != nil {
				return value.Nil, e
			}
			if s, ok := c.Args[1].Str(); ok {
				for _, m := range t.Def.Members {
					if m.Name == s.Go() {
						return c.ReturnBool(true)
					}
				}
				return c.ReturnBool(false)
			}
			return c.ReturnBool(object.EnumName(t, c.Int(1)) != "")
		}), Traits: types.Unlisted},
		{Sig: "bool HasFlag(Enum flag)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			return c.ReturnBool(c.Int(0)&c.Int(1) == c.Int(1))
		}), Traits: types.Unlisted},
		{Sig: "string ToString(string format)", Impl: types.Func(formatted)},
	}}
}

// exceptionNames are the exceptions that policies may name, each with its base.
var exceptionNames = []struct{ namespace, name, base string }{
	{system, "SystemException", "Exception"},
	{system, "ArgumentException", "SystemException"}, {system, "ArgumentNullException", "ArgumentException"},
	{system, "ArgumentOutOfRangeException", "ArgumentException"}, {system, "ArithmeticException", "SystemException"},
	{system, "DivideByZeroException", "ArithmeticException"}, {system, "OverflowException", "ArithmeticException"},
	{system, "FormatException", "SystemException"}, {system, "UriFormatException", "FormatException"},
	{system, "IndexOutOfRangeException", "SystemException"}, {system, "InvalidCastException", "SystemException"},
	{system, "InvalidOperationException", "SystemException"},
	{system, "NotSupportedException", "SystemException"}, {system, "NullReferenceException", "SystemException"},
	{system, "TimeoutException", "SystemException"},
	{system, "InsufficientExecutionStackException", "SystemException"},
	{system, "TimeZoneNotFoundException", "Exception"}, {system, "InvalidTimeZoneException", "Exception"},
	{system, "ArrayTypeMismatchException", "SystemException"},
	{"System.Collections.Generic", "KeyNotFoundException", "SystemException"},
	{"System.Security.Cryptography", "CryptographicException", "SystemException"},
	{"System.Text.RegularExpressions", "RegexMatchTimeoutException", "TimeoutException"},
	{"System.Xml", "XmlException", "SystemException"},
}

func exceptionTables() []types.Table {
	get := func(f func(x *value.Exception) value.Value) types.ObjVal {
		return func(_ *value.Thread, o value.Value) (value.Value, *value.Exception) {
			x, _ := o.Object()
			e, _ := x.(*value.Exception)
			if e == nil {
				return value.Nil, nil
			}
			return f(e), nil
		}
	}
	text := func(f func(x *value.Exception) string) types.ObjStr {
		return func(_ *value.Thread, o value.Value) (value.String, *value.Exception) {
			x, _ := o.Object()
			e, _ := x.(*value.Exception)
			if e == nil {
				return value.Null, nil
			}
			return value.Str(f(e)), nil
		}
	}
	root := types.Table{Namespace: system, Decl: "class Exception", Special: types.Exception, Members: append(exceptionCtors("Exception"),
		types.Entry{Sig: "string Message { get; }", Impl: text(func(x *value.Exception) string { return x.Message })},
		types.Entry{Sig: "string Source { get; }", Impl: text(func(*value.Exception) string { return "" })},
		types.Entry{Sig: "string StackTrace { get; }", Impl: text(func(*value.Exception) string { return "" })},
		types.Entry{Sig: "Exception InnerException { get; }", Impl: get(func(x *value.Exception) value.Value {
			if x.Inner == nil {
				return value.Nil
			}
			return value.OfObject(x.Inner)
		})},
		types.Entry{Sig: "Exception GetBaseException()", Impl: get(func(x *value.Exception) value.Value {
			for x.Inner != nil {
				x = x.Inner
			}
			return value.OfObject(x)
		})},
	)}
	list := []types.Table{root}
	for _, n := range exceptionNames {
		members := exceptionCtors(n.name)
		if strings.HasPrefix(n.name, "Argument") {
			members = append(members, types.Entry{Sig: n.name + "(string message, string paramName)", Impl: types.Func(newArgumentException)})
		}
		if n.name == "ArgumentException" {
			members = append(members, types.Entry{Sig: "string ParamName { get; }", Impl: text(func(x *value.Exception) string { return x.Param })})
		}
		list = append(list, types.Table{Namespace: n.namespace, Decl: "class " + n.name + " : System." + n.base, Members: members})
	}
	return list
}

func exceptionCtors(name string) []types.Entry {
	return []types.Entry{
		{Sig: name + "()", Impl: types.Func(newException)},
		{Sig: name + "(string message)", Impl: types.Func(newException)},
		{Sig: name + "(string message, Exception innerException)", Impl: types.Func(newException)},
	}
}

// usualMessages are the messages of exceptions that are made without one.
var usualMessages = map[string]string{
	"System.SystemException":            "System error.",
	"System.ArithmeticException":        "Overflow or underflow in the arithmetic operation.",
	"System.TimeoutException":           "The operation has timed out.",
	"System.ArrayTypeMismatchException": "Attempted to access an element as a type incompatible with the array.",
	value.ArgumentException:             "Value does not fall within the expected range.",
	value.ArgumentNullException:         "Value cannot be null.",
	value.ArgumentOutOfRangeException:   "Specified argument was out of the range of valid values.",
	value.DivideByZeroException:         "Attempted to divide by zero.",
	value.FormatException:               "One of the identified items was in an invalid format.",
	value.IndexOutOfRangeException:      "Index was outside the bounds of the array.",
	value.InvalidCastException:          "Specified cast is not valid.",
	value.InvalidOperationException:     "Operation is not valid due to the current state of the object.",
	value.KeyNotFoundException:          "The given key was not present in the dictionary.",
	value.NotSupportedException:         "Specified method is not supported.",
	value.NullReferenceException:        "Object reference not set to an instance of an object.",
	value.OverflowException:             "Arithmetic operation resulted in an overflow.",
}

func newException(c *value.Call) (value.Value, *value.Exception) {
	x := &value.Exception{Type: c.Declaring.FullName(), Class: c.Declaring, Pos: -1}
	if x.Message = usualMessages[x.Type]; x.Message == "" {
		x.Message = "Exception of type '" + x.Type + "' was thrown."
	}
	switch {
	case len(c.Args) > 0 && (x.Type == value.ArgumentNullException || x.Type == value.ArgumentOutOfRangeException) && len(c.Args) == 1:
		of := value.NullArgument(c.Go(0))
		if x.Type == value.ArgumentOutOfRangeException {
			of = value.OutOfRange(c.Go(0), "")
		}
		x.Message, x.Param = of.Message, of.Param
	case len(c.Args) > 0 && !c.Args[0].IsNull():
		x.Message = c.Go(0)
	}
	if len(c.Args) > 1 {
		x.Inner, _ = c.Object(1).(*value.Exception)
	}
	return value.OfObject(x), nil
}

// newArgumentException takes message and parameter, or for ArgumentNull and OutOfRange the other way round.
func newArgumentException(c *value.Call) (value.Value, *value.Exception) {
	message, param := c.Go(0), c.Go(1)
	if c.Declaring.FullName() != value.ArgumentException {
		message, param = param, message
	}
	x := value.Argument(param, message)
	x.Type, x.Class = c.Declaring.FullName(), c.Declaring
	return value.OfObject(x), nil
}
