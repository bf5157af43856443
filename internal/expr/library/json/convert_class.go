package json

import (
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/library/json/jsontext"
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
	switch {
	case jsontext.Blank(text) && !to.AcceptsNull():
		return value.Nil, value.Throw(serialError, "No JSON content found and type '"+to.FullName()+"' is not nullable. Path ''.")
	case jsontext.Blank(text):
		return value.Nil, nil
	}
	r := &reader{Scanner: jsontext.Scanner{Text: text, Thread: c.Thread}, world: of(c.Thread), dates: true, raw: keepsText(to)}
	t, e := r.whole()
	if e != nil {
		if strings.HasPrefix(e.Message, "Unexpected end of content") {
			e = value.Throw(serialError, "Unexpected end when deserializing. Path ''.")
		}
		return value.Nil, e
	}
	return To(c.Thread, t, to)
}

// keepsText reports whether the values inside a type depend on how numbers, dates and truth values are written.
func keepsText(to *types.Type) bool {
	for {
		switch to = to.Underlying(); {
		case to.Elem != nil:
			to = to.Elem
		case len(to.Args) > 0:
			to = to.Args[len(to.Args)-1]
		default:
			return to.Special() == types.String || to.Special() == types.Int32 || to.Special() == types.Decimal ||
				to.Def != nil && to.Def.Name == "DateTimeOffset"
		}
	}
}

// convertTables are JsonConvert, Formatting and JTokenType.
func convertTables() []types.Table {
	kinds := types.Table{Namespace: linq, Decl: "enum JTokenType", Storage: types.Int}
	for i, name := range kindNames {
		kinds.Members = append(kinds.Members, types.Entry{Sig: name + " = " + strconv.Itoa(i)})
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
		}},
		{Namespace: "System.Numerics", Decl: "struct BigInteger", Hidden: true},
	}
}
