package check

import (
	"testing"

	"github.com/sallyport/sallyport/internal/expr/parse"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// FuzzCheck looks for texts on which checking panics, or finds no error and yields no program.
func FuzzCheck(f *testing.F) {
	lib, err := types.New(primitives(), collections(), host())
	if err != nil {
		f.Fatal(err)
	}
	for _, code := range []string{
		`context.Request.Headers.GetValueOrDefault("a", "")`,
		`new[]{1,2}.Where(x => x > 1).Select(x => new { x, y = x + 1 }).ToDictionary(a => a.x, a => a.y)`,
		`from x in new[]{1} from y in new[]{2} where x < y orderby x, y descending group x by y into g select g.Key`,
		`((JObject)JObject.Parse("{}")["a"])?["b"]?.ToString() ?? $"{1,5:N2}"`,
		`context.Variables["x"] is string s && int.TryParse(s, out var n) ? n : default(int)`,
	} {
		f.Add(code, false)
	}
	for _, code := range []string{
		`int F(int a, int b = 2) => a * b; var (x, y) = (1, "a"); return F(b: x, a: 1) + y;`,
		`foreach (var p in new JObject { ["a"] = 1 }) { try { return p.Value; } catch (Exception e) when (e.Message != null) { throw; } } return null;`,
		`var d = new Dictionary<string,int>{{"a",1}}; d["a"] += 2; d["a"]++; checked { return (byte)d["a"]; }`,
		`switch (context.Variables["x"]) { case int i when i > 3: return i; case null: goto default; default: return "x"; }`,
		`Func<int, Func<long, int>> f = a => b => a; int[,] m = {{1},{2}}; return f(1)(m[1, 0]);`,
	} {
		f.Add(code, true)
	}
	f.Fuzz(func(t *testing.T, code string, block bool) {
		var diags syntax.Diagnostics
		unit := parse.Source(code, block, &diags)
		if p := Check(lib, unit, &diags); p == nil && diags.Len() == 0 {
			t.Errorf("%q yields neither a program nor an error", code)
		}
	})
}
