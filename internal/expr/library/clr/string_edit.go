package clr

import (
	"strings"
	"unicode"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

func stringEditMembers() []types.Entry {
	list := []types.Entry{
		{Sig: "string Substring(int startIndex)", Impl: types.Func(substring)},
		{Sig: "string Substring(int startIndex, int length)", Impl: types.Func(substring)},
		{Sig: "string Remove(int startIndex)", Impl: types.Func(remove)},
		{Sig: "string Remove(int startIndex, int count)", Impl: types.Func(remove)},
		{Sig: "string Insert(int startIndex, string value)", Impl: types.Func(insert)},
		{Sig: "string Replace(char oldChar, char newChar)", Impl: types.Func(replaceChar)},
		{Sig: "string Replace(string oldValue, string newValue)", Impl: types.Func(replace)},
		{Sig: "string Replace(string oldValue, string newValue, StringComparison comparisonType)", Impl: types.Func(replaceBy)},
		{Sig: "static string Concat(object arg0)", Impl: types.Func(concat)},
		{Sig: "static string Concat(object arg0, object arg1)", Impl: types.Func(concat)},
		{Sig: "static string Concat(object arg0, object arg1, object arg2)", Impl: types.Func(concat)},
		{Sig: "static string Concat(params object[] args)", Impl: types.Func(concatAll)},
		{Sig: "static string Concat(string str0, string str1)", Impl: types.Func(concat)},
		{Sig: "static string Concat(string str0, string str1, string str2)", Impl: types.Func(concat)},
		{Sig: "static string Concat(string str0, string str1, string str2, string str3)", Impl: types.Func(concat)},
		{Sig: "static string Concat(params string[] values)", Impl: types.Func(concatAll)},
		{Sig: "static string Concat(System.Collections.Generic.IEnumerable<string> values)", Impl: types.Func(concatAll)},
		{Sig: "static string Concat<T>(System.Collections.Generic.IEnumerable<T> values)", Impl: types.Func(concatAll)},
		{Sig: "static string Join(string separator, params string[] value)", Impl: types.Func(join)},
		{Sig: "static string Join(string separator, params object[] values)", Impl: types.Func(join)},
		{Sig: "static string Join(string separator, System.Collections.Generic.IEnumerable<string> values)", Impl: types.Func(join)},
		{Sig: "static string Join<T>(string separator, System.Collections.Generic.IEnumerable<T> values)", Impl: types.Func(join)},
		{Sig: "static string Join(string separator, string[] value, int startIndex, int count)", Impl: types.Func(joinPart)},
		{Sig: "static string Join(char separator, params string[] value)", Impl: types.Func(join)},
		{Sig: "static string Join(char separator, params object[] values)", Impl: types.Func(join)},
		{Sig: "static string Join<T>(char separator, System.Collections.Generic.IEnumerable<T> values)", Impl: types.Func(join)},
		{Sig: "static string Format(string format, object arg0)", Impl: types.Func(formatStatic(0, false))},
		{Sig: "static string Format(string format, object arg0, object arg1)", Impl: types.Func(formatStatic(0, false))},
		{Sig: "static string Format(string format, object arg0, object arg1, object arg2)", Impl: types.Func(formatStatic(0, false))},
		{Sig: "static string Format(string format, params object[] args)", Impl: types.Func(formatStatic(0, true))},
		{Sig: "static string Format(IFormatProvider provider, string format, object arg0)", Impl: types.Func(formatStatic(1, false))},
		{Sig: "static string Format(IFormatProvider provider, string format, object arg0, object arg1)", Impl: types.Func(formatStatic(1, false))},
		{Sig: "static string Format(IFormatProvider provider, string format, params object[] args)", Impl: types.Func(formatStatic(1, true))},
	}
	for _, sig := range []string{
		"params char[] separator", "char[] separator, int count", "char[] separator, StringSplitOptions options",
		"char[] separator, int count, StringSplitOptions options", "string[] separator, StringSplitOptions options",
		"string[] separator, int count, StringSplitOptions options", "char separator, StringSplitOptions options = 0",
		"char separator, int count, StringSplitOptions options = 0", "string separator, StringSplitOptions options = 0",
		"string separator, int count, StringSplitOptions options = 0",
	} {
		n, o := 0, 0
		if strings.Contains(sig, "int count") {
			n = 2
		}
		if strings.Contains(sig, "options") {
			o = max(n, 1) + 1
		}
		list = append(list, types.Entry{Sig: "string[] Split(" + sig + ")", Impl: types.Func(split(n, o))})
	}
	return list
}

func substring(c *value.Call) (value.Value, *value.Exception) {
	s := c.Go(0)
	ascii := value.ASCII(s)
	length := len(s)
	if !ascii {
		length = value.Len(s)
	}
	start := c.Int(1)
	n := int64(length) - start
	if len(c.Args) == 3 {
		n = c.Int(2)
	}
	if len(c.Args) == 2 && start > int64(length) {
		return value.Nil, value.OutOfRange("startIndex", "startIndex cannot be larger than length of string.")
	}
	if e := checkRange(length, start, n); e != nil {
		return value.Nil, e
	}
	if ascii {
		r, e := part(c.Thread, s[start:start+n], s)
		return value.OfGo(r), e
	}
	if e := c.Thread.Budget.Room(2 * unitBytes * int64(len(s))); e != nil {
		return value.Nil, e
	}
	return c.ReturnString(value.Slice(s, int(start), int(n)))
}

func remove(c *value.Call) (value.Value, *value.Exception) {
	u, e := unitsOf(c.Thread, c.Go(0))
	if e == nil {
		e = c.Thread.Budget.Room(3 * unitBytes * int64(len(u)))
	}
	if e != nil {
		return value.Nil, e
	}
	start, n := c.Int(1), int64(len(u))-c.Int(1)
	if start < 0 {
		return value.Nil, value.OutOfRange("startIndex", "StartIndex cannot be less than zero.")
	}
	if len(c.Args) == 3 {
		n = c.Int(2)
		if n < 0 {
			return value.Nil, value.OutOfRange("count", "Count cannot be less than zero.")
		}
	}
	if start > int64(len(u)) || start+n > int64(len(u)) {
		return value.Nil, value.OutOfRange("count", "Index and count must refer to a location within the string.")
	}
	return c.ReturnString(value.FromUnits(append(append([]uint16(nil), u[:start]...), u[start+n:]...)))
}

func insert(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(2, "value"); e != nil {
		return value.Nil, e
	}
	s, at := c.Go(0), c.Int(1)
	if at < 0 || at > int64(value.Len(s)) {
		return value.Nil, value.OutOfRange("startIndex", "")
	}
	i := value.ByteOffset(s, int(at))
	b := value.NewText(c.Thread)
	b.Grow(len(s) + len(c.Go(2)))
	b.Add(s[:i])
	b.Add(c.Go(2))
	b.Add(s[i:])
	return b.Value()
}

func replaceChar(c *value.Call) (value.Value, *value.Exception) {
	old, repl := value.UnitString(uint16(c.Int(1))), value.UnitString(uint16(c.Int(2)))
	return replaced(c, c.Go(0), old, repl)
}

func replace(c *value.Call) (value.Value, *value.Exception) {
	switch {
	case c.Args[1].IsNull():
		return value.Nil, value.NullArgument("oldValue")
	case c.Go(1) == "":
		return value.Nil, value.Argument("oldValue", "The value cannot be an empty string.")
	}
	return replaced(c, c.Go(0), c.Go(1), c.Go(2))
}

func replaced(c *value.Call, s, old, repl string) (value.Value, *value.Exception) {
	n := strings.Count(s, old)
	if n == 0 {
		return c.Args[0], nil
	}
	if e := c.Thread.Budget.AllocString(int64(len(s)) + int64(n)*int64(len(repl)-len(old))); e != nil {
		return value.Nil, e
	}
	return value.OfGo(strings.ReplaceAll(s, old, repl)), nil
}

func replaceBy(c *value.Call) (value.Value, *value.Exception) {
	k, e := comparisonOf(c, 3)
	if e != nil {
		return value.Nil, e
	}
	if !k.ignoresCase() || c.Go(1) == "" {
		return replace(c)
	}
	s, old := c.Go(0), c.Go(1)
	if e := c.Thread.Budget.Room(2 * int64(len(s)+len(old))); e != nil {
		return value.Nil, e
	}
	b := value.NewText(c.Thread)
	for b.Err() == nil {
		i := k.index(s, old, 0)
		if i < 0 {
			break
		}
		if e := c.Thread.Budget.Step(); e != nil {
			return value.Nil, e
		}
		b.Add(s[:i])
		b.Add(c.Go(2))
		s = s[min(i+len(old), len(s)):]
	}
	b.Add(s)
	return b.Value()
}

func joined(c *value.Call, list []value.Value, sep string) (value.Value, *value.Exception) {
	texts, e := value.Make[string](c.Thread, len(list))
	if e != nil {
		return value.Nil, e
	}
	n := int64(0)
	for i, v := range list {
		s, e := object.TextIn(c.Thread, v)
		if e != nil {
			return value.Nil, e
		}
		texts[i] = s.Go()
		n += int64(len(s.Go()) + len(sep))
	}
	if e := c.Thread.Budget.AllocString(n); e != nil {
		return value.Nil, e
	}
	return value.OfGo(strings.Join(texts, sep)), nil
}

func concat(c *value.Call) (value.Value, *value.Exception) { return joined(c, c.Args, "") }

func concatAll(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(0, "values"); e != nil {
		return value.Nil, e
	}
	list, e := object.List(c.Thread, c.Args[0])
	if e != nil {
		return value.Nil, e
	}
	return joined(c, list, "")
}

func separator(v value.Value) string {
	if s, ok := v.Str(); ok || v.IsNull() {
		return s.Go()
	}
	return value.UnitString(uint16(v.Int()))
}

func join(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(1, "values"); e != nil {
		return value.Nil, e
	}
	list, e := object.List(c.Thread, c.Args[1])
	if e != nil {
		return value.Nil, e
	}
	return joined(c, list, separator(c.Args[0]))
}

func joinPart(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(1, "value"); e != nil {
		return value.Nil, e
	}
	list, e := object.List(c.Thread, c.Args[1])
	if e != nil {
		return value.Nil, e
	}
	start, n := c.Int(2), c.Int(3)
	if start < 0 || n < 0 || start+n > int64(len(list)) {
		return value.Nil, value.OutOfRange("startIndex", "")
	}
	return joined(c, list[start:start+n], c.Go(0))
}

// formatStatic implements string.Format with the format at an argument; params says that one array follows.
func formatStatic(at int, params bool) func(c *value.Call) (value.Value, *value.Exception) {
	return func(c *value.Call) (value.Value, *value.Exception) {
		if e := c.NotNull(at, "format"); e != nil {
			return value.Nil, e
		}
		args := c.Args[at+1:]
		if params {
			if e := c.NotNull(at+1, "args"); e != nil {
				return value.Nil, e
			}
			list, e := object.List(c.Thread, args[0])
			if e != nil {
				return value.Nil, e
			}
			args = list
		}
		s, e := format(c.Thread, c.Go(at), args)
		return value.OfGo(s), e
	}
}

// The options of Split.
const (
	removeEmpty = 1
	trimEntries = 2
)

func splitOptionsTable() types.Table {
	return types.Table{Namespace: system, Decl: "enum StringSplitOptions", Flags: true, Members: []types.Entry{
		{Sig: "None = 0"}, {Sig: "RemoveEmptyEntries = 1"}, {Sig: "TrimEntries = 2"},
	}}
}

// split implements Split; count and options are the places of those arguments, 0 for none.
func split(count, options int) func(c *value.Call) (value.Value, *value.Exception) {
	return func(c *value.Call) (value.Value, *value.Exception) {
		most, opts := int64(1<<31-1), int64(0)
		if count > 0 {
			most = c.Int(count)
		}
		if options > 0 {
			opts = c.Int(options)
		}
		if most < 0 {
			return value.Nil, value.OutOfRange("count", "Count cannot be less than zero.")
		}
		seps, e := separators(c.Thread, c.Args[1])
		if e != nil {
			return value.Nil, e
		}
		parts, e := splitText(c.Thread, c.Go(0), seps, int(min(most, c.Thread.Budget.Limits.Elements+1)), opts)
		if e != nil {
			return value.Nil, e
		}
		return stringArray(c.Thread, parts)
	}
}

// separators returns the texts to split at; nil means white space, an empty list nothing.
func separators(t *value.Thread, v value.Value) ([]string, *value.Exception) {
	if s, ok := v.Str(); ok {
		if s.Go() == "" {
			return []string{}, nil
		}
		return []string{s.Go()}, nil
	}
	if o, ok := v.Object(); ok {
		a, _ := o.(value.Vector)
		if a == nil || a.Count() == 0 {
			return nil, nil
		}
		list, e := value.Make[string](t, a.Count())
		list = list[:0]
		for i := 0; e == nil && i < a.Count(); i++ {
			if s := separator(a.At(i)); s != "" {
				list = append(list, s)
			}
		}
		return list, e
	}
	if v.IsNull() {
		return nil, nil
	}
	return []string{value.UnitString(uint16(v.Int()))}, nil
}

// stringArray returns a string[].
func stringArray(t *value.Thread, parts []string) (value.Value, *value.Exception) {
	if e := t.Budget.AllocElements(int64(len(parts)), object.ElementSize); e != nil {
		return value.Nil, e
	}
	return object.Of(t).Strings(parts), nil
}

// splitAt finds the first separator in s from an offset.
func splitAt(s string, from int, seps []string) (at, width int) {
	if seps == nil {
		for i, r := range s[from:] {
			if unicode.IsSpace(r) {
				return from + i, len(string(r))
			}
		}
		return -1, 0
	}
	at = -1
	for _, sep := range seps {
		end := len(s)
		if at >= 0 {
			end = min(at+len(sep), len(s))
		}
		if i := strings.Index(s[from:end], sep); i >= 0 && (at < 0 || from+i < at) {
			at, width = from+i, len(sep)
		}
	}
	return at, width
}

func splitText(t *value.Thread, s string, seps []string, most int, opts int64) (parts []string, e *value.Exception) {
	keep := func(p string) {
		if opts&trimEntries != 0 {
			p = strings.TrimFunc(p, unicode.IsSpace)
		}
		if p != "" || opts&removeEmpty == 0 {
			parts, e = value.Append(t, parts, p)
		}
	}
	if most == 0 {
		return nil, nil
	}
	start := 0
	for most != 1 {
		at, width := splitAt(s, start, seps)
		if at < 0 {
			break
		}
		if keep(s[start:at]); e != nil {
			return nil, e
		}
		start = at + width
		if len(parts) == most-1 {
			break
		}
	}
	// With a count, empty entries before the last part are skipped too.
	for opts&removeEmpty != 0 && most != 1 {
		at, width := splitAt(s, start, seps)
		if at != start {
			break
		}
		start = at + width
	}
	keep(s[start:])
	return parts, e
}
