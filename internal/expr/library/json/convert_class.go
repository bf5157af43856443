package json

import (
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

func serialize(c *value.Call) (value.Value, *value.Exception) {
	t, e := From(c.Thread, c.Args[0])
	if e != nil {
		return value.Nil, e
	}
	indent := false
	if len(c.Args) > 1 {
		indent = c.Args[1].Int() == 1
	}
	s, e := Text(c.Thread, t, indent)
	return value.OfGo(s), e
}

func deserialize(c *value.Call) (value.Value, *value.Exception) {
	if c.Args[0].IsNull() {
		return value.Nil, value.NullArgument("value")
	}
	text := c.Args[0].StringOrNull().Go()
	to, _ := c.Result.(*types.Type)
	if blank(text) {
		return To(c.Thread, nil, to)
	}
	t, e := Parse(c.Thread, text, true)
	if e != nil {
		return value.Nil, e
	}
	if t.kind == Date && to.Special() == types.String {
		t, e = Parse(c.Thread, text, false)
		if e != nil {
			return value.Nil, e
		}
	}
	return To(c.Thread, t, to)
}

func blank(s string) bool {
	for _, c := range []byte(s) {
		if c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			return false
		}
	}
	return true
}

func lineNumber(_ *value.Thread, o value.Value) (int64, *value.Exception) {
	return int64(placeOf(o).line), nil
}

func linePosition(_ *value.Thread, o value.Value) (int64, *value.Exception) {
	return int64(placeOf(o).position), nil
}

func errorPath(_ *value.Thread, o value.Value) (value.String, *value.Exception) {
	_ = o
	return value.Str(""), nil
}

func placeOf(v value.Value) *place {
	o, _ := v.Object()
	if e, ok := o.(*value.Exception); ok {
		if p, ok := e.Detail.(*place); ok {
			return p
		}
	}
	return &place{}
}

// exceptionTables are the exceptions of Newtonsoft.Json, which expressions may catch.
func exceptionTables() []types.Table {
	return []types.Table{
		{Namespace: "Newtonsoft.Json", Decl: "class JsonException : Exception"},
		{Namespace: "Newtonsoft.Json", Decl: "class JsonReaderException : JsonException", Members: []types.Entry{
			{Sig: "int LineNumber { get; }", Impl: types.ObjInt(lineNumber)},
			{Sig: "int LinePosition { get; }", Impl: types.ObjInt(linePosition)},
			{Sig: "string Path { get; }", Impl: types.ObjStr(errorPath)},
		}},
		{Namespace: "Newtonsoft.Json", Decl: "class JsonSerializationException : JsonException"},
		{Namespace: "Newtonsoft.Json", Decl: "class JsonWriterException : JsonException"},
	}
}

// convertTables are JsonConvert, Formatting and JTokenType.
func convertTables() []types.Table {
	kinds := types.Table{Namespace: linq, Decl: "enum JTokenType", Storage: types.Int}
	for i, name := range kindNames {
		kinds.Members = append(kinds.Members, types.Entry{Sig: name + " = " + itoa(i)})
	}
	return []types.Table{
		{Namespace: "Newtonsoft.Json", Decl: "enum Formatting", Storage: types.Int, Members: []types.Entry{
			{Sig: "None = 0"}, {Sig: "Indented = 1"},
		}},
		kinds,
		{Namespace: "Newtonsoft.Json", Decl: "static class JsonConvert", Members: []types.Entry{
			{Sig: "static string SerializeObject(object value)", Impl: types.Func(serialize)},
			{Sig: "static string SerializeObject(object value, Formatting formatting)", Impl: types.Func(serialize)},
			{Sig: "static object DeserializeObject(string value)", Impl: types.Func(deserialize)},
			{Sig: "static T DeserializeObject<T>(string value)", Impl: types.Func(deserialize)},
			{Sig: "static T DeserializeAnonymousType<T>(string value, T anonymousTypeObject)", Impl: types.Func(deserialize)},
		}},
		{Namespace: linq, Decl: "enum MergeArrayHandling", Storage: types.Int, Members: []types.Entry{
			{Sig: "Concat = 0"}, {Sig: "Union = 1"}, {Sig: "Replace = 2"}, {Sig: "Merge = 3"},
		}},
		{Namespace: linq, Decl: "class JsonMergeSettings", Members: []types.Entry{
			{Sig: "JsonMergeSettings()", Impl: types.Func(newMergeSettings)},
			{Sig: "MergeArrayHandling MergeArrayHandling { get; set; }", Impl: types.ObjInt(mergeArraysGet), Set: types.Func(mergeArraysSet)}, //nolint:dupword // The type and the property have one name.
		}},
		{Namespace: "System.Numerics", Decl: "struct BigInteger", Hidden: true},
	}
}
