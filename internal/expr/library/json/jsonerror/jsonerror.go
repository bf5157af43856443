// Package jsonerror declares the exceptions of Newtonsoft.Json, which expressions may catch.
package jsonerror

import (
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// Reader is the full name of the exception of a text that is no JSON.
const Reader = "Newtonsoft.Json.JsonReaderException"

// Place is where a text could not be read: the detail of a JsonReaderException.
type Place struct{ Line, Position int }

func placeOf(v value.Value) *Place {
	o, _ := v.Object()
	if e, ok := o.(*value.Exception); ok {
		if p, ok := e.Detail.(*Place); ok {
			return p
		}
	}
	return &Place{}
}

func lineNumber(_ *value.Thread, o value.Value) (int64, *value.Exception) {
	return int64(placeOf(o).Line), nil
}

func linePosition(_ *value.Thread, o value.Value) (int64, *value.Exception) {
	return int64(placeOf(o).Position), nil
}

func errorPath(*value.Thread, value.Value) (value.String, *value.Exception) {
	return value.Str(""), nil
}

// Tables returns the tables of the exceptions.
func Tables() []types.Table {
	return []types.Table{
		{Namespace: "Newtonsoft.Json", Decl: "class JsonException : Exception"},
		{Namespace: "Newtonsoft.Json", Decl: "class JsonReaderException : JsonException", Members: []types.Entry{
			{Sig: "int LineNumber { get; }", Impl: types.ObjInt(lineNumber)},
			{Sig: "int LinePosition { get; }", Impl: types.ObjInt(linePosition)},
			{Sig: "string Path { get; }", Impl: types.ObjStr(errorPath)},
		}},
		{Namespace: "Newtonsoft.Json", Decl: "class JsonSerializationException : JsonException"},
	}
}
