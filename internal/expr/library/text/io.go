package text

import (
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// reader is a StringReader.
type reader struct {
	class value.Type
	units []uint16
	at    int
}

// ObjectType returns the type StringReader.
func (r *reader) ObjectType() value.Type { return r.class }

func newReader(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(0, "s"); e != nil {
		return value.Nil, e
	}
	s := c.Args[0].StringOrNull().Go()
	if e := c.Thread.Budget.Alloc(2 * int64(len(s))); e != nil {
		return value.Nil, e
	}
	return value.OfObject(&reader{class: c.Declaring, units: value.Units(s)}), nil
}

func asReader(v value.Value) *reader {
	o, _ := v.Object()
	r, ok := o.(*reader)
	if !ok {
		return &reader{}
	}
	return r
}

// lineBytes is what a UTF-16 unit takes of the memory budget while it becomes text again.
const lineBytes = 4

func readLine(c *value.Call) (value.Value, *value.Exception) {
	r := asReader(c.Args[0])
	if r.at >= len(r.units) {
		return value.Nil, nil
	}
	end := r.at
	for end < len(r.units) && r.units[end] != '\n' && r.units[end] != '\r' {
		end++
	}
	if e := c.Thread.Budget.Alloc(lineBytes * int64(end-r.at)); e != nil {
		return value.Nil, e
	}
	line := value.FromUnits(r.units[r.at:end])
	if end+1 < len(r.units) && r.units[end] == '\r' && r.units[end+1] == '\n' {
		end++
	}
	r.at = end + 1
	return c.ReturnString(line)
}

func readToEnd(c *value.Call) (value.Value, *value.Exception) {
	r := asReader(c.Args[0])
	rest := r.units[min(r.at, len(r.units)):]
	if e := c.Thread.Budget.Alloc(lineBytes * int64(len(rest))); e != nil {
		return value.Nil, e
	}
	s := value.FromUnits(rest)
	r.at = len(r.units)
	return c.ReturnString(s)
}

// readChar makes Read (by 1) and Peek (by 0): -1 at the end.
func readChar(by int) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		r := asReader(c.Args[0])
		if r.at >= len(r.units) {
			return c.ReturnInt(-1)
		}
		u := r.units[r.at]
		r.at += by
		return c.ReturnInt(int64(u))
	}
}

// write is TextWriter.Write and WriteLine of a StringWriter, which is a Builder.
func write(newLine string) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		s, e := writtenText(c)
		if e != nil {
			return value.Nil, e
		}
		b := asBuilder(c.Args[0])
		if e := b.add(c.Thread, s); e != nil {
			return value.Nil, e
		}
		return value.Nil, b.add(c.Thread, newLine)
	}
}

func writtenText(c *value.Call) (string, *value.Exception) {
	switch len(c.Args) {
	case 1:
		return "", nil
	case 2:
		return textOf(c.Thread, c.Args[1])
	}
	return formatArgs(c, 1)
}

// ioTables are StringReader and StringWriter.
func ioTables() []types.Table {
	writer := types.Table{Namespace: "System.IO", Decl: "class StringWriter : IDisposable", Members: []types.Entry{
		{Sig: "StringWriter()", Impl: types.Func(newBuilder)},
		{Sig: "void Flush()", Impl: types.Func(ignore)},
		{Sig: "void Close()", Impl: types.Func(ignore)},
		{Sig: "string ToString()", Impl: types.Func(builderText)},
	}}
	for _, name := range []string{"Write", "WriteLine"} {
		end := ""
		if name == "WriteLine" {
			end = "\n"
			writer.Members = append(writer.Members, types.Entry{Sig: "void WriteLine()", Impl: write(end)})
		}
		for _, t := range []string{"string", "char", "char[]", "bool", "int", "long", "double", "decimal", "object"} {
			writer.Members = append(writer.Members, types.Entry{Sig: "void " + name + "(" + t + " value)", Impl: write(end)})
		}
		for _, args := range []string{"object arg0", "object arg0, object arg1", "params object[] arg"} {
			writer.Members = append(writer.Members, types.Entry{Sig: "void " + name + "(string format, " + args + ")", Impl: write(end)})
		}
	}
	return []types.Table{writer, {Namespace: "System.IO", Decl: "class StringReader : IDisposable", Members: []types.Entry{
		{Sig: "StringReader(string s)", Impl: types.Func(newReader)},
		{Sig: "int Peek()", Impl: readChar(0)},
		{Sig: "int Read()", Impl: readChar(1)},
		{Sig: "string ReadLine()", Impl: types.Func(readLine)},
		{Sig: "string ReadToEnd()", Impl: types.Func(readToEnd)},
		{Sig: "void Close()", Impl: types.Func(ignore)},
	}}}
}

// Tables returns the tables of this package.
func Tables() []types.Table {
	return append([]types.Table{builderTable(), encodingTable()}, ioTables()...)
}
