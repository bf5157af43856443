package expr_test

import (
	"errors"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/expr/plan"
)

// TestIteratorsLeftEarly leaves iterators in the middle: their finally blocks run then and there.
func TestIteratorsLeftEarly(t *testing.T) {
	const it = `var log = ""; IEnumerable<int> G(string n) { try { log += n + "<"; yield return 1; yield return 2; yield return 3; } finally { log += n + ">"; } } `
	tests := []struct{ name, code, want string }{
		{"break", `foreach (var x in G("a")) { log += x; if (x == 2) break; } return log + "!";`, "a<12a>!"},
		{"return from a function", `int F() { foreach (var x in G("a")) return x; return 0; } return F() + log;`, "1a<a>"},
		{"goto", `foreach (var x in G("a")) goto done; done: return log + "!";`, "a<a>!"},
		{"to the end", `foreach (var x in G("a")) log += x; return log + "!";`, "a<123a>!"},
		{"exception", `try { foreach (var x in G("a")) throw new Exception("e"); } catch (Exception e) { log += e.Message; } return log;`, "a<a>e"},
		{"First", `var f = G("a").First(); return log + f;`, "a<a>1"},
		{"Any of a chain", `var f = G("a").Where(x => x > 1).Select(x => x * 2).Any(); return log + f;`, "a<a>True"},
		{"a call that throws", `try { G("a").Select(x => 1 / (x - 2)).ToList(); } catch (DivideByZeroException) { log += "e"; } return log;`, "a<a>e"},
		{"Zip", `var s = G("a").Zip(G("b"), (x, y) => x + y).First(); return log + s;`, "a<b<b>a>2"},
		{"an iterator inside of an iterator", `IEnumerable<int> H() { try { foreach (var x in G("a")) yield return x; } finally { log += "h"; } } foreach (var x in H()) break; return log;`, "a<a>h"},
		{"a call inside of an iterator", `IEnumerable<int> H() { var f = G("b").First(); log += "|"; yield return f; log += "never"; } foreach (var x in H()) { log += x; break; } return log;`, "b<b>|1"},
		{"two at once", `foreach (var x in G("a")) { foreach (var y in G("b")) { break; } if (x == 2) break; } return log;`, "a<b<b>b<b>a>"},
		{"an exception in finally wins", `IEnumerable<int> H() { try { yield return 1; } finally { throw new Exception("f"); } } try { foreach (var x in H()) throw new Exception("b"); } catch (Exception e) { return e.Message; } return "";`, "f"},
		{"by hand", `var e = G("a").GetEnumerator(); e.MoveNext(); log += e.Current; return log;`, "a<1"},
	}
	c := newCompiler(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := run(t, c, it+tt.code); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// broken is a request of which nothing works.
type broken struct{ host.Request }

// TestIteratorsDoNotOutliveTheRun ends runs in every way while iterators are suspended: none is left waiting.
func TestIteratorsDoNotOutliveTheRun(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	const it = `IEnumerable<int> G() { try { yield return 1; yield return 2; } finally { context.Request.Method.ToString(); } } `
	tests := []struct{ name, code, message string }{
		{"by hand", `var e = G().GetEnumerator(); e.MoveNext(); return 1;`, ""},
		{"an exception", `var e = G().GetEnumerator(); e.MoveNext(); throw new Exception("x");`, "x"},
		{"a budget", `var e = G().GetEnumerator(); e.MoveNext(); while (true) { }`, "budget"},
		{"a mistake of ours", `var e = G().GetEnumerator(); e.MoveNext(); return context.Request.Method;`, plan.InternalError},
		{"a mistake of ours in a loop", `foreach (var x in G()) foreach (var y in G()) { var m = context.Request.Method; } return 1;`, plan.InternalError},
	}
	c := newCompiler(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := c.Compile(expr.Source{Code: it + tt.code, Block: true})
			if err != nil {
				t.Fatal(err)
			}
			ctx := &expr.Context{Static: &host.Static{}, Request: broken{}}
			ctx.Limits.Steps = 10_000
			_, _, err = p.Text(ctx)
			var x *expr.Exception
			switch {
			case tt.name == "by hand":
			case !errors.As(err, &x):
				t.Errorf("got %v", err)
			case tt.message != "budget" && !strings.HasPrefix(x.Message, tt.message):
				t.Errorf("got %q", x.Message)
			}
		})
	}
}
