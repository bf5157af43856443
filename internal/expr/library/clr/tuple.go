package clr

import (
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// maxTuple is the largest number of elements of a Tuple.
const maxTuple = 7

// tupleTables declares System.Tuple. ValueTuple is the language's own.
func tupleTables() []types.Table {
	static := types.Table{Namespace: system, Decl: "static class Tuple"}
	list := []types.Table{}
	for n := 1; n <= maxTuple; n++ {
		var params, args []string
		for i := 1; i <= n; i++ {
			params = append(params, "T"+strconv.Itoa(i))
			args = append(args, "T"+strconv.Itoa(i)+" item"+strconv.Itoa(i))
		}
		name := "Tuple<" + strings.Join(params, ", ") + ">"
		create := types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			class := c.Result
			return value.OfObject(&value.Record{Class: class, Items: append([]value.Value(nil), c.Args...)}), nil
		})
		members := []types.Entry{
			{Sig: "Tuple(" + strings.Join(args, ", ") + ")", Impl: create},
			{Sig: "bool Equals(object obj)", Impl: types.Func(equals)},
		}
		for i := range n {
			members = append(members, types.Entry{Sig: params[i] + " Item" + strconv.Itoa(i+1) + " { get; }", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
				r, _ := c.Object(0).(*value.Record)
				return r.Items[i], nil
			})})
		}
		list = append(list, types.Table{Namespace: system, Decl: "class " + name, Members: members})
		static.Members = append(static.Members, types.Entry{Sig: "static " + name + " Create<" + strings.Join(params, ", ") + ">(" + strings.Join(args, ", ") + ")", Impl: create})
	}
	return append(list, static)
}

// interfaceTables declares the interfaces that the structs implement.
func interfaceTables() []types.Table {
	return []types.Table{
		{Namespace: system, Decl: "interface IComparable", Members: []types.Entry{{Sig: "int CompareTo(object obj)", Impl: types.Func(Compare)}}},
		{Namespace: system, Decl: "interface IComparable<in T>", Members: []types.Entry{{Sig: "int CompareTo(T other)", Impl: types.Func(Compare)}}},
		{Namespace: system, Decl: "interface IEquatable<T>", Members: []types.Entry{{Sig: "bool Equals(T other)", Impl: types.Func(equals)}}},
		{Namespace: system, Decl: "interface IFormattable", Members: []types.Entry{{Sig: "string ToString(string format, IFormatProvider formatProvider)", Impl: types.Func(formatted)}}},
		{Namespace: system, Decl: "interface IConvertible"},
		{Namespace: system, Decl: "interface IFormatProvider"},
	}
}

func cultureTables() []types.Table {
	get := types.Func(func(c *value.Call) (value.Value, *value.Exception) {
		return value.OfObject(&plainObject{class: c.Result}), nil
	})
	const globalization = "System.Globalization"
	return []types.Table{
		{Namespace: globalization, Decl: "class CultureInfo : IFormatProvider", Members: []types.Entry{
			{Sig: "static CultureInfo InvariantCulture { get; }", Impl: get, Traits: types.Unlisted},
		}},
		{Namespace: globalization, Decl: "enum NumberStyles", Flags: true, Members: []types.Entry{
			{Sig: "None = 0"}, {Sig: "AllowLeadingWhite = 1"}, {Sig: "AllowTrailingWhite = 2"}, {Sig: "AllowLeadingSign = 4"},
			{Sig: "Integer = 7"}, {Sig: "AllowTrailingSign = 8"}, {Sig: "AllowParentheses = 16"}, {Sig: "AllowDecimalPoint = 32"},
			{Sig: "AllowThousands = 64"}, {Sig: "Number = 111"}, {Sig: "AllowExponent = 128"}, {Sig: "Float = 167"},
			{Sig: "AllowCurrencySymbol = 256"}, {Sig: "Currency = 383"}, {Sig: "Any = 511"}, {Sig: "AllowHexSpecifier = 512"}, {Sig: "HexNumber = 515"},
		}},
		{Namespace: globalization, Decl: "enum DateTimeStyles", Flags: true, Members: []types.Entry{
			{Sig: "None = 0"}, {Sig: "AllowLeadingWhite = 1"}, {Sig: "AllowTrailingWhite = 2"}, {Sig: "AllowInnerWhite = 4"}, {Sig: "AllowWhiteSpaces = 7"},
			{Sig: "NoCurrentDateDefault = 8"}, {Sig: "AdjustToUniversal = 16"}, {Sig: "AssumeLocal = 32"}, {Sig: "AssumeUniversal = 64"}, {Sig: "RoundtripKind = 128"},
		}},
		{Namespace: globalization, Decl: "enum UnicodeCategory", Members: categoryEntries()},
		{Namespace: system, Decl: "enum TypeCode", Members: []types.Entry{
			{Sig: "Empty = 0"}, {Sig: "Object = 1"}, {Sig: "DBNull = 2"}, {Sig: "Boolean = 3"}, {Sig: "Char = 4"}, {Sig: "SByte = 5"}, {Sig: "Byte = 6"}, {Sig: "Int16 = 7"},
			{Sig: "UInt16 = 8"}, {Sig: "Int32 = 9"}, {Sig: "UInt32 = 10"}, {Sig: "Int64 = 11"}, {Sig: "UInt64 = 12"}, {Sig: "Single = 13"}, {Sig: "Double = 14"},
			{Sig: "Decimal = 15"}, {Sig: "DateTime = 16"}, {Sig: "String = 18"},
		}},
		{Namespace: system, Decl: "enum Base64FormattingOptions", Flags: true, Members: []types.Entry{{Sig: "None = 0"}, {Sig: "InsertLineBreaks = 1"}}},
	}
}

func categoryEntries() []types.Entry {
	var list []types.Entry
	for i, name := range strings.Fields("UppercaseLetter LowercaseLetter TitlecaseLetter ModifierLetter OtherLetter NonSpacingMark SpacingCombiningMark " +
		"EnclosingMark DecimalDigitNumber LetterNumber OtherNumber SpaceSeparator LineSeparator ParagraphSeparator Control Format Surrogate PrivateUse " +
		"ConnectorPunctuation DashPunctuation OpenPunctuation ClosePunctuation InitialQuotePunctuation FinalQuotePunctuation OtherPunctuation MathSymbol " +
		"CurrencySymbol ModifierSymbol OtherSymbol OtherNotAssigned") {
		list = append(list, types.Entry{Sig: name + " = " + strconv.Itoa(i)})
	}
	return list
}
