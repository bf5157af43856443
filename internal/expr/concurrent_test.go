package expr_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/host"
)

// TestConcurrentUse compiles and runs in several goroutines at once: the library, the caches behind it and a
// program's frames are shared.
func TestConcurrentUse(t *testing.T) {
	c := newCompiler(t)
	shared, err := c.Compile(expr.Source{Block: true, Code: `var l = new List<string>(); foreach (var i in Enumerable.Range(0, 5)) l.Add(Regex.Replace("a" + i, @"\d", "x")); return string.Join(",", l);`})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 20 {
				code := fmt.Sprintf(`new Dictionary<string, Tuple<int, List<long[]>>>().Count + JObject.Parse("{\"a\":%d}").Value<int>("a") + new { X%d = 1 }.X%d`, i, g, g)
				p, err := c.Compile(expr.Source{Code: code})
				if err != nil {
					t.Error(err)
					return
				}
				for _, one := range []struct {
					p    *expr.Program
					want string
				}{{p, fmt.Sprint(i + 1)}, {shared, "ax,ax,ax,ax,ax"}} {
					got, _, err := one.p.Text(&expr.Context{Static: &host.Static{}})
					if err != nil || got != one.want {
						t.Errorf("got %q, %v, want %q", got, err, one.want)
					}
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkNewCompiler(b *testing.B) {
	for b.Loop() {
		if _, err := expr.NewCompiler(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	c := newCompiler(b)
	for _, bb := range []struct {
		name, code string
		block      bool
	}{
		{"header", `context.Request.Headers.GetValueOrDefault("X-A", "none")`, false},
		{"lambda", `((JArray)context.Variables["x"]).Where(t => (string)t["a"] == "b").Select(t => t["c"].ToString()).FirstOrDefault() ?? ""`, false},
		{"block", `var s = ""; foreach (var p in context.Request.Url.Query) { if (p.Key.StartsWith("x-")) { s += p.Key + "=" + string.Join(",", p.Value) + ";"; } } return s;`, true},
	} {
		b.Run(bb.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := c.Compile(expr.Source{Code: bb.code, Block: bb.block}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
