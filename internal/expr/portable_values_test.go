package expr_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/portable"
	"github.com/sallyport/sallyport/internal/policy"
)

// portableCases are expressions whose values can be kept.
var portableCases = []string{
	`null`, `""`, `"ключ\0"`, `1`, `-7L`, `(byte)255`, `'x'`, `true`, `false`, `1.5`, `double.NaN`, `2.5f`, `ulong.MaxValue`,
	`-79228162514264337593543950335m`, `1.10m`, `DateTime.UtcNow`, `new DateTime(2026, 1, 2)`, `TimeSpan.FromMilliseconds(1.5)`,
	`DayOfWeek.Friday`, `Guid.Parse("6f9619ff-8b86-d011-b42d-00cf4fc964ff")`, `new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2))`,
	`new byte[] { 0, 255 }`, `new byte[0]`, `new string[] { "a", null, "" }`, `new int[] { 1, 2 }`, `new object[] { 1, "a", null, new int[] { 3 } }`,
	`new int[][] { new int[] { 1 }, null }`, `new List<string> { "a", "b" }`, `new List<object>()`,
	`new Dictionary<string, int> { { "a", 1 }, { "b", 2 } }`, `new Dictionary<string, List<bool>> { { "a", new List<bool> { true } } }`,
	`new int?[] { 1, null }`,
	`JObject.Parse("{\"a\":[1,2.0,true,null,\"t\"],\"b\":{\"\":\"2020-01-02\"}}")`, `new JArray(1, "a", new JObject())`, `new JValue(1.5)`,
	`new JObject(new JProperty("when", new DateTime(2026, 1, 2)))`, `new JObject(new JProperty("text", "2020-01-02T03:04:05Z"))`,
	`JValue.CreateNull()`, `new JObject(new JProperty("big", 12345678901234567890))`,
}

// notPortable are expressions whose values cannot be kept, with what is said.
var notPortable = map[string]string{
	`new Regex("a")`:                             "cannot be kept",
	`new List<object> { new XElement("a") }`:     "cannot be kept",
	`new int[2, 2]`:                              "cannot be kept",
	`new JProperty("a", 1)`:                      "cannot be kept",
	`new JArray(JValue.CreateComment("x"))`:      "cannot be kept",
	`new [] { 1, 2 }.Select(x => x)`:             "cannot be kept",
	`Tuple.Create(1, 2)`:                         "cannot be kept",
	`(Func<int>)(() => 1)`:                       "cannot be kept",
	`new string('x', 2000)`:                      "more than 1000 bytes",
	`new List<string> { new string('x', 2000) }`: "more than 1000 bytes",
}

func mustCompile(tb testing.TB, c *expr.Compiler, code string) *expr.Program {
	tb.Helper()
	p, err := c.Compile(expr.Source{Code: code})
	if err != nil {
		tb.Fatalf("%s: %v", code, err)
	}
	return p
}

// portableContext is what the expressions of the tests see.
func portableContext() *expr.Context {
	return &expr.Context{Variables: &policy.Variables{}, Now: func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 678_901_200, time.UTC) }}
}

// TestPortableValues writes values, reads them again and compares them by what C#
// says of them.
func TestPortableValues(t *testing.T) {
	c, err := expr.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	// Whether two variables look the same as JSON, which shows the content of collections.
	same := mustCompile(t, c, `JsonConvert.SerializeObject(context.Variables["a"]) == JsonConvert.SerializeObject(context.Variables["b"])`)
	for _, code := range portableCases {
		ctx := portableContext()
		v, err := mustCompile(t, c, code).Run(ctx)
		if err != nil {
			t.Fatalf("%s: %v", code, err)
		}
		name, form, err := c.Encode(v, 1000)
		if err != nil {
			t.Errorf("%s: %v", code, err)
			continue
		}
		got, err := c.Decode(name, form)
		if err != nil {
			t.Errorf("%s is %q, %q: %v", code, name, form, err)
			continue
		}
		again, form2, err := c.Encode(got, 1000)
		if err != nil || again != name || !bytes.Equal(form, form2) {
			t.Errorf("%s is %q, %q and comes back as %q, %q, %v", code, name, form, again, form2, err)
		}
		vars, _ := ctx.Variables.(*policy.Variables)
		vars.Set("a", v)
		vars.Set("b", got)
		if ok, err := same.Bool(ctx); err != nil || !ok {
			t.Errorf("%s comes back as something else: %q, %q, %v", code, name, form, err)
		}
	}
}

// TestPortableValuesAreCopies changes a value that was kept.
func TestPortableValuesAreCopies(t *testing.T) {
	c, err := expr.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	ctx := portableContext()
	v, err := mustCompile(t, c, `new JObject(new JProperty("a", 1))`).Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	name, form, err := c.Encode(v, 1000)
	if err != nil {
		t.Fatal(err)
	}
	ctx.Variables.(*policy.Variables).Set("v", v) //nolint:forcetypeassert // It is what portableContext made.
	if _, err := mustCompile(t, c, `((JObject)context.Variables["v"])["a"] = 2`).Run(ctx); err != nil {
		t.Fatal(err)
	}
	if _, kept, err := c.Encode(v, 1000); err != nil || bytes.Equal(kept, form) || !strings.Contains(string(form), `{"a":1}`) {
		t.Errorf("%s: %q and %q, %v", name, form, kept, err)
	}
}

func TestNotPortable(t *testing.T) {
	c, err := expr.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	for code, want := range notPortable {
		v, err := mustCompile(t, c, code).Run(portableContext())
		if err != nil {
			t.Fatalf("%s: %v", code, err)
		}
		_, _, err = c.Encode(v, 1000)
		wrong := (*portable.NotPortableError)(nil)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(want, "kept") != errors.As(err, &wrong) {
			t.Errorf("%s: %v, want %s", code, err, want)
		}
	}
}

// FuzzDecode reads values from outside: nothing panics, and what can be read can be
// written again.
func FuzzDecode(f *testing.F) {
	c, err := expr.NewCompiler()
	if err != nil {
		f.Fatal(err)
	}
	for _, code := range portableCases {
		v, err := mustCompile(f, c, code).Run(portableContext())
		if err != nil {
			f.Fatal(err)
		}
		name, form, err := c.Encode(v, 1000)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(name, form)
	}
	f.Add("System.Collections.Generic.List[System.Collections.Generic.List[System.Int32]]", []byte{1, 0, 0})
	f.Add("System.Exception", []byte{})
	f.Fuzz(func(t *testing.T, name string, form []byte) {
		v, err := c.Decode(name, form)
		if err != nil {
			return
		}
		if _, _, err := c.Encode(v, 1<<20); err != nil {
			t.Errorf("%q, %q is read, but not written: %v", name, form, err)
		}
	})
}
