package types

import (
	"strconv"
	"strings"
)

// keywords are the C# names of the types that have one.
var keywords = map[Special]string{
	Object: "object", String: "string", Boolean: "bool", Char: "char", SByte: "sbyte", Byte: "byte",
	Int16: "short", UInt16: "ushort", Int32: "int", UInt32: "uint", Int64: "long", UInt64: "ulong",
	Single: "float", Double: "double", Decimal: "decimal",
}

// basicNames are the names of the kinds that no table declares.
var basicNames = map[Kind]string{
	Invalid: "?", Void: "void", Null: "<null>", DefaultLiteral: "default", Typeless: "method group or lambda",
}

// Name returns the C# name, such as "int" or "List<string>".
func (t *Type) Name() string {
	switch t.Kind {
	case Array:
		return t.arrayName((*Type).Name)
	case Tuple:
		return "(" + t.listNames(" ") + ")"
	case Anonymous:
		return "<anonymous type: " + t.listNames(" ") + ">"
	case Param:
		return t.ParamName
	}
	if t.Def == nil {
		return basicNames[t.Kind]
	}
	if e := t.NullableElem(); e != nil {
		return e.Name() + "?"
	}
	if k, ok := keywords[t.Def.Special]; ok {
		return k
	}
	if len(t.Args) == 0 {
		return t.Def.Name
	}
	return t.Def.Name + "<" + joinNames(t.Args, (*Type).Name) + ">"
}

// FullName returns the .NET name as Type.ToString() has it: System.Collections.Generic.List`1[System.String].
func (t *Type) FullName() string {
	switch t.Kind {
	case Array:
		return t.arrayName((*Type).FullName)
	case Tuple:
		return arityName("System.ValueTuple", len(t.Args)) + "[" + joinNames(t.Args, (*Type).FullName) + "]"
	case Anonymous:
		return arityName("<>f__AnonymousType0", len(t.Args)) + "[" + joinNames(t.Args, (*Type).FullName) + "]"
	case Param:
		return t.ParamName
	case Void:
		return "System.Void"
	}
	if t.Def == nil {
		return basicNames[t.Kind]
	}
	full := strings.ReplaceAll(qualified("", t.Def.Name), ".", "+")
	full = arityName(qualified(t.Def.Namespace, full), len(t.Def.Params))
	if len(t.Args) == 0 {
		return full
	}
	return full + "[" + joinNames(t.Args, (*Type).FullName) + "]"
}

// String returns the C# name.
func (t *Type) String() string { return t.Name() }

// arrayName returns the name of an array: the innermost element, then the ranks from the outermost in.
func (t *Type) arrayName(name func(*Type) string) string {
	elem, ranks := t, ""
	for elem.Kind == Array {
		ranks += "[" + strings.Repeat(",", elem.Rank-1) + "]"
		elem = elem.Elem
	}
	return name(elem) + ranks
}

// listNames returns the elements of a tuple or an anonymous type with their names.
func (t *Type) listNames(sep string) string {
	list := make([]string, len(t.Args))
	for i, a := range t.Args {
		list[i] = a.Name()
		if t.Names[i] != "" {
			list[i] += sep + t.Names[i]
		}
	}
	return strings.Join(list, ", ")
}

func joinNames(list []*Type, name func(*Type) string) string {
	names := make([]string, len(list))
	for i, t := range list {
		names[i] = name(t)
	}
	return strings.Join(names, ",")
}

// arityName returns a name as .NET writes it for a number of type parameters.
func arityName(name string, arity int) string {
	if arity == 0 {
		return name
	}
	return name + "`" + strconv.Itoa(arity)
}

// qualified returns a name with its namespace.
func qualified(namespace, name string) string {
	if namespace == "" {
		return name
	}
	return namespace + "." + name
}
