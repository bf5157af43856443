package regex

import (
	"strconv"

	"github.com/dlclark/regexp2"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// object of class Regex.
type compiled struct {
	class value.Type
	p     *pattern
	// test is the quickest test of a text; nil where only p has one.
	test tester
}

// ObjectType returns the type Regex.
func (r *compiled) ObjectType() value.Type { return r.class }

// NetString returns the pattern.
func (r *compiled) NetString() (value.String, *value.Exception) { return value.Str(r.p.text), nil }

func newRegex(c *value.Call) (value.Value, *value.Exception) {
	p, e := patternArg(c, 0, 1)
	return value.OfObject(&compiled{class: c.Declaring, p: p}), e
}

// patternArg compiles the pattern and the options at these places; there may be no options.
func patternArg(c *value.Call, at, options int) (*pattern, *value.Exception) {
	if e := c.NotNull(at, "pattern"); e != nil {
		return nil, e
	}
	flags := int64(0)
	if options < len(c.Args) {
		flags = c.Args[options].Int()
	}
	return compile(c.Thread, c.Args[at].StringOrNull().Go(), flags)
}

// use is what a call works on: the pattern of the receiver or of a static call, and the text.
type use struct {
	p    *pattern
	text string
	s    *subject // of the text; nil until it is loaded
	rest []value.Value
}

// instance reads (regex, input, …); static reads (input, pattern, …) where the options come after the
// arguments of the member itself.
func instance(c *value.Call) (use, *value.Exception) {
	o, _ := c.Args[0].Object()
	r, ok := o.(*compiled)
	if !ok {
		return use{}, value.NullReference()
	}
	return newUse(c, r.p, 1, c.Args[2:])
}

func static(own int) func(c *value.Call) (use, *value.Exception) {
	return func(c *value.Call) (use, *value.Exception) {
		if e := c.NotNull(0, "input"); e != nil {
			return use{}, e
		}
		p, e := patternArg(c, 1, 2+own)
		if e != nil {
			return use{}, e
		}
		return newUse(c, p, 0, c.Args[2:2+own])
	}
}

func newUse(c *value.Call, p *pattern, input int, rest []value.Value) (use, *value.Exception) {
	if e := c.NotNull(input, "input"); e != nil {
		return use{}, e
	}
	return use{p: p, text: c.Args[input].StringOrNull().Go(), rest: rest}, nil
}

// load prepares the text for the engine.
func (u use) load(t *value.Thread) (use, *value.Exception) {
	s, e := newSubject(t, u.p, u.text)
	u.s = s
	return u, e
}

// loaded reads the arguments and loads the text.
func loaded(read reader) reader {
	return func(c *value.Call) (use, *value.Exception) {
		u, e := read(c)
		if e != nil {
			return u, e
		}
		return u.load(c.Thread)
	}
}

// reader reads the arguments of a member.
type reader func(c *value.Call) (use, *value.Exception)

// start is an optional start in UTF-16 units.
func (u use) start(n int) (int, *value.Exception) {
	if n >= len(u.rest) {
		return 0, nil
	}
	at := int(u.rest[n].Int())
	if at < 0 || at > len(u.s.runes) {
		return 0, value.OutOfRange("startat", "Start index cannot be less than 0 or greater than input length.")
	}
	return at, nil
}

// first returns the first match.
func (u use) first() (*regexp2.Match, *value.Exception) {
	at, e := u.start(0)
	if e != nil || at == 0 {
		if e == nil {
			return u.s.p.find(u.s.runes, nil)
		}
		return nil, e
	}
	return u.s.p.findAt(u.s.runes, at)
}

func isMatch(read reader) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		u, e := read(c)
		if e != nil {
			return value.Nil, e
		}
		if u.p.linear != nil && len(u.rest) == 0 && value.ASCII(u.text) {
			e := c.Thread.Budget.Steps(int64(len(u.text)) / stepBytes)
			return object.Of(c.Thread).Bool(e == nil && u.p.linear.MatchString(u.text)), e
		}
		if u, e = u.load(c.Thread); e != nil {
			return value.Nil, e
		}
		m, e := u.first()
		return object.Of(c.Thread).Bool(m != nil), e
	}
}

func match(read reader) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		u, e := read(c)
		if e != nil {
			return value.Nil, e
		}
		m, e := u.first()
		return newMatch(c.Thread, u.s, m), e
	}
}

func matches(read reader) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		u, e := read(c)
		if e != nil {
			return value.Nil, e
		}
		l := &list{class: c.Result}
		m, e := u.first()
		for ; m != nil && e == nil; m, e = u.s.p.find(u.s.runes, m) {
			if e := u.s.p.payMatch(c.Thread, m); e != nil {
				return value.Nil, e
			}
			if l.items, e = value.Append(c.Thread, l.items, newMatch(c.Thread, u.s, m)); e != nil {
				return value.Nil, e
			}
		}
		return value.OfObject(l), e
	}
}

func replace(read reader) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		u, e := read(c)
		if e != nil {
			return value.Nil, e
		}
		limit := -1
		if len(u.rest) > 1 {
			limit = int(u.rest[1].Int())
		}
		at, e := u.start(2)
		if e != nil {
			return value.Nil, e
		}
		with, e := replacer(c.Thread, u.s, u.rest[0])
		if e != nil {
			return value.Nil, e
		}
		s, e := replaceAll(c.Thread, u.s, limit, at, with)
		return value.OfGo(s), e
	}
}

func splitText(read reader) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		u, e := read(c)
		if e != nil {
			return value.Nil, e
		}
		limit := 0
		if len(u.rest) > 0 {
			limit = int(u.rest[0].Int())
		}
		parts, e := split(c.Thread, u.s, limit)
		if e != nil {
			return value.Nil, e
		}
		if e := c.Thread.Budget.AllocElements(int64(len(parts)), 40); e != nil {
			return value.Nil, e
		}
		return object.Of(c.Thread).Strings(parts), nil
	}
}

func unescape(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(0, "str"); e != nil {
		return value.Nil, e
	}
	if e := c.Thread.Budget.Room(4 * int64(len(c.Go(0)))); e != nil {
		return value.Nil, e
	}
	s, err := regexp2.Unescape(c.Args[0].StringOrNull().Go())
	if err != nil {
		return value.Nil, value.Argument("", "parsing \""+c.Args[0].StringOrNull().Go()+"\" - "+err.Error())
	}
	return c.ReturnString(s)
}

func groupNames(c *value.Call) (value.Value, *value.Exception) {
	o, _ := c.Args[0].Object()
	r, ok := o.(*compiled)
	if !ok {
		return value.Nil, value.NullReference()
	}
	return object.Of(c.Thread).Strings(r.p.re.GetGroupNames()), nil
}

// flags are the members of RegexOptions.
var flags = []struct {
	name  string
	value int
}{
	{"None", 0}, {"IgnoreCase", 1}, {"Multiline", 2}, {"ExplicitCapture", 4}, {"Compiled", 8}, {"Singleline", 16},
	{"IgnorePatternWhitespace", 32}, {"RightToLeft", 64}, {"ECMAScript", 256}, {"CultureInvariant", 512},
}

// Tables returns the tables of this package.
func Tables() []types.Table {
	options := types.Table{Namespace: namespace, Decl: "enum RegexOptions", Storage: types.Int, Flags: true}
	for _, f := range flags {
		options.Members = append(options.Members, types.Entry{Sig: f.name + " = " + strconv.Itoa(f.value)})
	}
	return append([]types.Table{
		regexTable(), options,
		{Namespace: namespace, Decl: "delegate string MatchEvaluator(Match match)"},
	}, partTables()...)
}

func regexTable() types.Table {
	constructor := types.Bindable{Impl: types.Func(newRegex), Bind: bindRegex}
	table := types.Table{Namespace: namespace, Decl: "class Regex", Members: []types.Entry{
		{Sig: "Regex(string pattern)", Impl: constructor},
		{Sig: "Regex(string pattern, RegexOptions options)", Impl: constructor},
		{Sig: "Regex(string pattern, RegexOptions options, TimeSpan matchTimeout)", Impl: constructor},
		{Sig: "static string Unescape(string str)", Impl: types.Func(unescape)},
		{Sig: "string[] GetGroupNames()", Impl: types.Func(groupNames), Traits: types.Unlisted},
	}}
	var traits types.Traits
	var bind types.Binder
	add := func(result, name, own string, count int, impl func(reader) types.Func, more ...string) {
		if own != "" {
			own = ", " + own
		}
		for _, options := range []string{"", ", RegexOptions options", ", RegexOptions options, TimeSpan matchTimeout"} {
			table.Members = append(table.Members, types.Entry{
				Sig:  "static " + result + " " + name + "(string input, string pattern" + own + options + ")",
				Impl: types.Bindable{Impl: impl(static(count)), Bind: bind}, Traits: traits,
			})
		}
		table.Members = append(table.Members, types.Entry{
			Sig: result + " " + name + "(string input" + own + ")", Impl: types.Bindable{Impl: impl(instance), Bind: bind}, Traits: traits,
		})
		for _, m := range more {
			own += ", " + m
			table.Members = append(table.Members, types.Entry{Sig: result + " " + name + "(string input" + own + ")", Impl: impl(instance), Traits: traits})
		}
	}
	whole := func(impl func(reader) types.Func) func(reader) types.Func {
		return func(read reader) types.Func { return impl(loaded(read)) }
	}
	traits, bind = types.Transient, bindIsMatch
	add("bool", "IsMatch", "", 0, isMatch, "int startat")
	traits, bind = 0, nil
	add("Match", "Match", "", 0, whole(match), "int startat")
	add("MatchCollection", "Matches", "", 0, whole(matches), "int startat")
	add("string", "Replace", "string replacement", 1, whole(replace), "int count", "int startat")
	add("string", "Replace", "MatchEvaluator evaluator", 1, whole(replace), "int count", "int startat")
	add("string[]", "Split", "", 0, whole(splitText), "int count")
	return table
}
