package plan_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/plan"
)

func FuzzRun(f *testing.F) {
	for _, s := range []string{
		"1 + 2 * int.Parse(\"3\")", "context.Request.Headers.GetValueOrDefault(\"a\",\"b\")", "new[]{1,2}.Select(x => x + 1).Sum()",
		"((string)context.Variables[\"s\"]).Substring(1, 2)", "$\"{1,3:D2}\"", "DateTime.Parse(\"2024-01-02\").AddDays(1.5).ToString(\"o\")",
		"JObject.Parse(\"{}\")[\"a\"]", "Convert.ToInt32(1.5m)", "string.Format(\"{0}\", 1)", "(context.Variables[\"i\"] as int?) ?? 3",
	} {
		f.Add(s, false)
	}
	f.Add("int x = 0; for (;;) { if (x++ > 3) break; } return x;", true)
	f.Add("try { throw new Exception(); } catch (Exception e) when (e.Message != null) { return e; } finally { }", true)
	c := compiler(f)
	f.Fuzz(func(t *testing.T, code string, block bool) {
		p, err := c.Compile(expr.Source{Code: code, Block: block})
		if err != nil {
			if strings.Contains(err.Error(), "SP0002") {
				t.Fatal(err)
			}
			return
		}
		ctx := newContext(c)
		ctx.Limits = expr.Limits{Steps: 10_000, Memory: 1 << 20, StringLength: 1 << 16, Elements: 1 << 12, Depth: 50}
		_, _, err = p.Text(ctx)
		var x *expr.Exception
		if errors.As(err, &x) && strings.HasPrefix(x.Message, plan.InternalError) {
			t.Fatal(x)
		}
	})
}
