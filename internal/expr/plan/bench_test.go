package plan_test

import (
	"slices"
	"testing"

	"github.com/sallyport/sallyport/internal/expr"
)

// measured is an expression with the allocations that one run may make.
type measured struct {
	name, code string
	allocs     float64
}

// warm are expressions whose allocations are not bounded.
var warm = []measured{
	{"json property", `(int)context.Request.Body.As<JObject>(true)["id"]`, 0},
	{"loop", `string.Join(",", Enumerable.Range(0, 100).Where(n => n % 3 == 0).Select(n => n * 2))`, 0},
}

// hot are the expressions that every request runs.
var hot = []measured{
	{"header", `context.Request.Headers.GetValueOrDefault("X-Number", "")`, 0},
	{"header compared", `context.Request.Headers.GetValueOrDefault("X-Number", "") == "42"`, 0},
	{"variable", `context.Variables.GetValueOrDefault<string>("s", "")`, 0},
	{"variable cast", `(string)context.Variables["s"]`, 0},
	{"variable unboxed", `(int)context.Variables["i"] + 1 > 7`, 0},
	{"string compared", `context.Request.Method == "GET" && context.Api.Name != "x"`, 0},
	{"matched parameter", `context.Request.MatchedParameters["id"]`, 0},
	{"prefix", `context.Request.Url.Path.StartsWith("/orders")`, 0},
	{"concatenation", `"id-" + context.Request.MatchedParameters["id"]`, 1},
}

func TestAllocations(t *testing.T) {
	c := compiler(t)
	for _, test := range hot {
		t.Run(test.name, func(t *testing.T) {
			p, err := c.Compile(expr.Source{Code: test.code})
			if err != nil {
				t.Fatal(err)
			}
			ctx := newContext(c)
			if _, _, err := p.Text(ctx); err != nil {
				t.Fatal(err)
			}
			got := testing.AllocsPerRun(200, func() {
				_, _ = p.Bool(ctx)
			})
			if p.Type() != "bool" {
				got = testing.AllocsPerRun(200, func() { _, _, _ = p.Text(ctx) })
			}
			if got > test.allocs {
				t.Errorf("%s makes %v allocations, want at most %v", test.code, got, test.allocs)
			}
		})
	}
}

func BenchmarkRun(b *testing.B) {
	c := compiler(b)
	for _, test := range slices.Concat(hot, warm) {
		p, err := c.Compile(expr.Source{Code: test.code})
		if err != nil {
			b.Fatal(err)
		}
		ctx := newContext(c)
		isBool := p.Type() == "bool"
		b.Run(test.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if isBool {
					_, _ = p.Bool(ctx)
					continue
				}
				_, _, _ = p.Text(ctx)
			}
		})
	}
}
