package json_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// text is context.Variables with one string, "s".
type text string

func (t text) Get(name string) (value.Value, bool) { return value.OfGo(string(t)), name == "s" }

func (text) Set(string, value.Value) {}

func (t text) Each(f func(string, value.Value) bool) { f("s", value.OfGo(string(t))) }

func (text) Len() int { return 1 }

// compiler is made once for all tests.
var compiler = sync.OnceValues(expr.NewCompiler)

// program compiles an expression over the text s.
func program(tb testing.TB, code string) func(s string) (string, error) {
	tb.Helper()
	c, err := compiler()
	if err != nil {
		tb.Fatal(err)
	}
	p, err := c.Compile(expr.Source{Code: strings.ReplaceAll(code, "$s", `(string)context.Variables["s"]`)})
	if err != nil {
		tb.Fatal(err)
	}
	return func(s string) (string, error) {
		out, _, err := p.Text(&expr.Context{Static: &host.Static{}, Variables: text(s)})
		return out, err
	}
}

// TestReadAndWrite checks what a text is read as and written back as.
func TestReadAndWrite(t *testing.T) {
	run := program(t, `JToken.Parse($s).ToString(Formatting.None)`)
	tests := []struct{ name, in, want string }{
		{"order and duplicates", `{"b":1,"a":2,"b":3}`, `{"b":3,"a":2}`},
		{"numbers", `[1,-2,1.0,1e3,0.1,12345678901234567890]`, `[1,-2,1.0,1000.0,0.1,12345678901234567890]`},
		{"literals", `[true,false,null]`, `[true,false,null]`},
		{"escapes", `"\u0041\n\"\/\uD83D\uDE00"`, `"A\n\"/😀"`},
		{"dates", `["2024-01-02T03:04:05Z","2024-01-02T03:04:05.1200000","2024-01-02"]`, `["2024-01-02T03:04:05Z","2024-01-02T03:04:05.12","2024-01-02"]`},
		{"comments and trailing commas", "[1,/*a*/2//b\n,]", `[1,2]`},
		{"names without quotes", `{a:1,'b':2}`, `{"a":1,"b":2}`},
		{"control characters", "\"\\u0001\\u2028\"", `"\u0001\u2028"`},
		{"nesting", strings.Repeat("[", 200) + strings.Repeat("]", 200), strings.Repeat("[", 200) + strings.Repeat("]", 200)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := run(tt.in)
			if err != nil || got != tt.want {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

// TestReadErrors checks that what is no JSON is a JsonReaderException.
func TestReadErrors(t *testing.T) {
	run := program(t, `JToken.Parse($s)`)
	for _, in := range []string{"", "{", "[1", `{"a"}`, `{"a":}`, "tru", "nul", `"a`, "1 2", "{]", "[1 2]", `"\q"`, `"\u12"`, "-", strings.Repeat("[", 100000)} {
		_, err := run(in)
		var x *expr.Exception
		if !errors.As(err, &x) || x.Type != "Newtonsoft.Json.JsonReaderException" {
			t.Errorf("%.20q: got %v", in, err)
		}
	}
}

// TestPaths checks JSONPath.
func TestPaths(t *testing.T) {
	const doc = `{"a":[{"n":"x","v":1},{"n":"y","v":2},{"n":"z","v":3.5}],"o":{"p q":true,"v":9}}`
	tests := []struct{ path, want string }{
		{"a[1].v", "2"},
		{"$.a[0].n", "x"},
		{"$..v", "1,2,3.5,9"},
		{"$.a[*].n", "x,y,z"},
		{"a[-1:].v", "3.5"},
		{"a[0:2].v", "1,2"},
		{"a[0,2].n", "x,z"},
		{"o['p q']", "True"},
		{"$.a[?(@.v > 1)].n", "y,z"},
		{"$.a[?(@.v > 1 && @.n != 'z')].n", "y"},
		{"$.a[?(@.n == 'x' || @.v == 2)].v", "1,2"},
		{"$.a[?(@.n =~ /^[xy]$/)].v", "1,2"},
		{"$.a[?(@.nope)]", ""},
		{"$.a[?(@.v)].n", "x,y,z"},
		{"nope.deeper", ""},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			run := program(t, `string.Join(",", JObject.Parse($s).SelectTokens("`+tt.path+`"))`)
			if got, err := run(doc); err != nil || got != tt.want {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

// TestEdits checks changes of a tree: parents, copies, merges.
func TestEdits(t *testing.T) {
	const none = `.ToString(Formatting.None)`
	tests := []struct{ name, code, want string }{
		{"a token with a parent is copied", `((Func<JObject, string>)(o => { o["b"] = o["a"]; ((JArray)o["b"]).Add(2); return o` + none + `; }))(JObject.Parse("{\"a\":[1]}"))`, `{"a":[1],"b":[1,2]}`},
		{"a container does not hold itself", `((Func<JArray, string>)(a => { a.Add(a); return a` + none + `; }))(new JArray(1))`, `[1,[1]]`},
		{"remove and replace", `((Func<JObject, string>)(o => { o["a"].Replace(new JArray(1, "x")); o.Property("b").Remove(); return o` + none + `; }))(JObject.Parse("{\"a\":1,\"b\":2}"))`, `{"a":[1,"x"]}`},
		{"merge", `((Func<JObject, string>)(o => { o.Merge(JObject.Parse("{\"l\":[2],\"m\":{\"y\":2}}")); return o` + none + `; }))(JObject.Parse("{\"l\":[1],\"m\":{\"x\":1}}"))`, `{"l":[1,2],"m":{"x":1,"y":2}}`},
		{"serialise", `JsonConvert.SerializeObject(new { a = 1.0, b = new[] { "x" }, c = new Dictionary<string, int> { ["k"] = 1 }, d = (string)null })`, `{"a":1.0,"b":["x"],"c":{"k":1},"d":null}`},
		{"deserialise", `string.Join(",", JsonConvert.DeserializeObject<Dictionary<string, List<int>>>("{\"a\":[1,2]}")["a"])`, `1,2`},
		{"implicit and explicit conversions", `((JToken)5).Type + "" + (int)(JToken)"7" + (string)new JValue(true)`, `Integer7True`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := program(t, tt.code)(""); err != nil || got != tt.want {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

// FuzzParse checks that any text is a token or an exception, and that what is written is read again.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{`{"a":[1,-2.5e3,"x\u0041",null,true]}`, `/*c*/ {a:'b',}`, `"2024-01-02T03:04:05+01:00"`, `new Date(1)`, `[0x1F,017,NaN]`} {
		f.Add(seed)
	}
	write := program(f, `JToken.Parse($s).ToString(Formatting.None)`)
	f.Fuzz(func(t *testing.T, in string) {
		out, err := write(in)
		if err != nil {
			return
		}
		if _, err := write(out); err != nil {
			t.Errorf("%q is written as %q, which cannot be read: %v", in, out, err)
		}
	})
}

// FuzzPath checks that any path selects tokens or is an exception.
func FuzzPath(f *testing.F) {
	for _, seed := range []string{"$..a[?(@.b=='c')]", "a[0:-1:2].*", "['x','y'][*]", "$.a[?(@.n =~ /x/i && !@.b)]", "..", "a[?((@.x)||1<2)]"} {
		f.Add(seed)
	}
	run := program(f, `string.Join(",", JObject.Parse("{\"a\":[{\"b\":\"c\",\"n\":1}],\"x\":{\"y\":[1,2,3]}}").SelectTokens($s))`)
	f.Fuzz(func(t *testing.T, path string) {
		if _, err := run(path); err != nil {
			var x *expr.Exception
			if !errors.As(err, &x) || strings.Contains(x.Message, "panic") {
				t.Errorf("%q: %v", path, err)
			}
		}
	})
}
