package plan_test

import (
	"errors"
	"testing"

	"github.com/sallyport/sallyport/internal/expr"
)

func compiler(tb testing.TB) *expr.Compiler {
	tb.Helper()
	c, err := expr.NewCompiler()
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// run compiles and runs code, a block where it starts with a brace, and returns its text, or the exception's type.
func run(t *testing.T, c *expr.Compiler, ctx *expr.Context, code string) string {
	t.Helper()
	src := expr.Source{Code: code}
	if code[0] == '{' {
		src = expr.Source{Code: code[1 : len(code)-1], Block: true}
	}
	p, err := c.Compile(src)
	if err != nil {
		t.Fatalf("compiling %s: %v", code, err)
	}
	s, null, err := p.Text(ctx)
	var x *expr.Exception
	switch {
	case errors.As(err, &x) && x.Budget != "":
		return "!" + x.Budget
	case errors.As(err, &x):
		return "!" + x.Type
	case null:
		return "null"
	}
	return s
}

func TestRun(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"integer division", "7 / 2", "3"},
		{"integers wrap", "int.MaxValue + (int)context.Variables[\"i\"]", "-2147483642"},
		{"checked overflow", "checked(int.MaxValue + (int)context.Variables[\"i\"])", "!System.OverflowException"},
		{"division by zero", "1 / ((int)context.Variables[\"i\"] - 7)", "!System.DivideByZeroException"},
		{"least divided by minus one", "{int a = int.MinValue, b = -1; return a / b;}", "!System.OverflowException"},
		{"unsigned shift", "{uint a = 0x80000000; return a >> 31;}", "1"},
		{"decimal", "1.10m + 2.205m", "3.305"},
		{"decimal division", "{decimal a = 1, b = 3; return a / b;}", "0.3333333333333333333333333333"},
		{"float to int", "{double d = -2.9; return (int)d;}", "-2"},
		{"lifted", "{int? a = null; return (a + 1) == null;}", "True"},
		{"lifted comparison", "{int? a = null; return a < 1 || a >= 1;}", "False"},
		{"three values", "{bool? a = null; return (a & false) == false;}", "True"},
		{"concat", "\"a\" + 1 + null + true + 'c' + 1.5", "a1Truec1.5"},
		{"interpolation", "$\"{1,4}|{2.5:F2}|{\"x\",-3}|{{}}\"", "   1|2.50|x  |{}"},
		{"short circuit", "{string s = null; return s != null && s.Length > 0;}", "False"},
		{"null receiver", "{string s = null; return s.Length;}", "!System.NullReferenceException"},
		{"conditional access", "{string s = null; return s?.Length ?? -1;}", "-1"},
		{"coalesce", "(string)context.Variables[\"nul\"] ?? \"none\"", "none"},
		{"unbox", "(int)context.Variables[\"i\"] + 1", "8"},
		{"unbox to another type", "(long)context.Variables[\"i\"]", "!System.InvalidCastException"},
		{"unbox null", "(int)context.Variables[\"nul\"]", "!System.NullReferenceException"},
		{"downcast", "(string)context.Variables[\"i\"]", "!System.InvalidCastException"},
		{"as", "(context.Variables[\"i\"] as string) ?? \"no\"", "no"},
		{"is with a name", "context.Variables[\"i\"] is int n ? n * 2 : 0", "14"},
		{"string by reference", "context.Variables[\"s\"] == (object)\"hello\"", "False"},
		{"equal literals", "(object)\"a\" == (object)\"a\"", "True"},
		{"compound", "{int x = 5; x += 3; x++; return x-- * 10 + x;}", "98"},
		{"compound element", "{var a = new[]{1,2}; a[1] *= 5; a[0]++; return a[0] * 100 + a[1];}", "210"},
		{"array bounds", "new[]{1}[(int)context.Variables[\"i\"]]", "!System.IndexOutOfRangeException"},
		{"two dimensions", "{var m = new int[2,3]; m[1,2] = 7; return m[1,2] + m.Length;}", "13"},
		{"tuple", "{var t = (1, \"x\"); t.Item1 = 5; return t.Item1 + t.Item2;}", "5x"},
		{"tuples are values", "{var t = (1, 2); var u = t; u.Item1 = 9; return t.Item1;}", "1"},
		{"deconstruct", "{var (a, b) = (1, \"x\"); return b + a;}", "x1"},
		{"anonymous", "new { A = 1, B = \"x\" }.ToString()", "{ A = 1, B = x }"},
		{"initialiser", "new List<int>{1,2,3}.Count + new Dictionary<string,int>{{\"a\",1}}[\"a\"]", "4"},
		{"method group", "string.Join(\",\", new[]{\"1\",\"2\"}.Select(int.Parse).Select(n => n + 1))", "2,3"},
		{"nested lambdas", "{Func<int,Func<int,int>> add = a => b => a + b; return add(1)(2);}", "3"},
		{"captured variable", "{int x = 5; Func<int,int> f = b => x + b; x = 7; return f(2);}", "9"},
		{"fresh variable in each round", "{var l = new List<Func<int>>(); foreach (var i in new[]{1,2}) l.Add(() => i); return l[0]() * 10 + l[1]();}", "12"},
		{"one variable in for", "{var l = new List<Func<int>>(); for (int i = 0; i < 2; i++) l.Add(() => i); return l[0]();}", "2"},
		{"recursion", "{int F(int n) => n < 2 ? n : F(n - 1) + F(n - 2); return F(15);}", "610"},
		{"ref parameters", "{void Swap(ref int a, ref int b) { var t = a; a = b; b = t; } int x = 1, y = 2; Swap(ref x, ref y); return x * 10 + y;}", "21"},
		{"out variable", "int.TryParse(\"12\", out int n) ? n + 1 : 0", "13"},
		{"delegate Invoke", "{Func<int,int> f = x => x + 1; return f.Invoke(1) + (((Func<string>)null)?.Invoke() ?? \"nil\");}", "2nil"},
	}
	c := compiler(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := run(t, c, newContext(c), test.code); got != test.want {
				t.Errorf("%s = %q, want %q", test.code, got, test.want)
			}
		})
	}
}

func TestStatements(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"for with jumps", "{var s = 0; for (int i = 0; i < 10; i++) { if (i == 3) continue; if (i == 6) break; s += i; } return s;}", "12"},
		{"do", "{int i = 0; do { i++; } while (i < 3); return i;}", "3"},
		{"while with nested break", "{int n = 0; while (true) { foreach (var c in \"ab\") { if (c == 'b') break; n++; } if (n > 2) break; } return n;}", "3"},
		{"foreach over a dictionary", "{var s = \"\"; foreach (var p in new Dictionary<string,int>{{\"a\",1},{\"b\",2}}) s += p.Key + p.Value; return s;}", "a1b2"},
		{"foreach with conversion", "{var s = 0; foreach (int x in new object[]{1,2}) s += x; return s;}", "3"},
		{"foreach bad conversion", "{var s = 0; foreach (int x in new object[]{1,\"a\"}) s += x; return s;}", "!System.InvalidCastException"},
		{"switch", "{switch ((int)context.Variables[\"i\"]) { case 1: return \"one\"; case 7: case 8: return \"seven\"; default: return \"other\"; }}", "seven"},
		{"switch goto", "{switch (1) { case 1: goto case 2; case 2: return \"two\"; default: return \"other\"; }}", "two"},
		{"switch on types", "{object o = 5; switch (o) { case string s: return s; case int n when n > 3: return \"big\" + n; default: return \"\"; }}", "big5"},
		{"goto", "{int i = 0; again: i++; if (i < 3) goto again; return i;}", "3"},
		{"catch by type", "{try { return int.Parse(\"x\"); } catch (FormatException) { return -1; }}", "-1"},
		{"catch by base type", "{try { return new int[0][1]; } catch (Exception e) { return e.GetType().Name; }}", "IndexOutOfRangeException"},
		{"catch passes on", "{try { return int.Parse(\"x\"); } catch (NullReferenceException) { return -1; }}", "!System.FormatException"},
		{"filter", "{try { throw new Exception(\"a\"); } catch (Exception e) when (e.Message == \"b\") { return 1; } catch { return 2; }}", "2"},
		{"finally", "{var s = \"\"; try { try { s += 1; throw new Exception(); } finally { s += 2; } } catch { s += 3; } return s;}", "123"},
		{"finally after return", "{var l = new List<int>(); int F() { try { return l.Count; } finally { l.Add(1); } } return F() + l.Count;}", "1"},
		{"rethrow", "{try { try { throw new InvalidOperationException(\"x\"); } catch { throw; } } catch (Exception e) { return e.Message; }}", "x"},
		{"inner exception", "{try { throw new Exception(\"o\", new Exception(\"i\")); } catch (Exception e) { return e.InnerException.Message; }}", "i"},
		{"uncaught", "{throw new ArgumentException(\"x\");}", "!System.ArgumentException"},
		{"throw expression", "(string)context.Variables[\"nul\"] ?? throw new Exception(\"none\")", "!System.Exception"},
	}
	c := compiler(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := run(t, c, newContext(c), test.code); got != test.want {
				t.Errorf("%s = %q, want %q", test.code, got, test.want)
			}
		})
	}
}

func TestBudgets(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"endless loop", "{while (true) { } return 1;}", "!expression-steps"},
		{"caught by nobody", "{try { while (true) { } return 1; } catch { return 2; } finally { }}", "!expression-steps"},
		{"endless recursion", "{int F(int n) => F(n + 1); return F(0);}", "!expression-depth"},
		{"endless lambda", "{Func<int,int> f = null; f = n => f(n + 1); return f(0);}", "!expression-depth"},
		{"long string", "{var s = \"x\"; while (true) s += s; return s;}", "!expression-string-length"},
		{"large array", "new int[100000000].Length", "!expression-elements"},
		{"endless list", "{var l = new List<string>(); while (true) l.Add(\"x\"); return 1;}", "!expression-memory"},
		{"large repeat", "Enumerable.Repeat(1, int.MaxValue).Count()", "!expression-steps"},
		{"deep tuple", "{object t = 1; for (int i = 0; i < 1000; i++) t = Tuple.Create(t, 1); return t.ToString();}", "!System.InsufficientExecutionStackException"},
		{"deep exception", "{Exception e = null; for (int i = 0; i < 3000; i++) e = new Exception(\"x\", e); return e.ToString().Length < 20000;}", "True"},
		{"long search", "{var s = new string('a', 60000); while (true) s.IndexOf(\"b\"); return 1;}", "!expression-steps"},
		{"padding", "\"\".PadLeft(int.MaxValue)", "!expression-string-length"},
	}
	c := compiler(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ctx := newContext(c)
			ctx.Limits = expr.Limits{Steps: 200_000, Memory: 1 << 20, StringLength: 1 << 16, Elements: 1 << 20}
			if got := run(t, c, ctx, test.code); got != test.want {
				t.Errorf("%s = %q, want %q", test.code, got, test.want)
			}
		})
	}
}

func TestPosition(t *testing.T) {
	c := compiler(t)
	p, err := c.Compile(expr.Source{Code: "1 +\n  int.Parse(\"x\")", Start: expr.Position{Line: 10, Column: 5}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Run(newContext(c))
	var x *expr.Exception
	if !errors.As(err, &x) || x.Line != 11 || x.Column != 3 {
		t.Errorf("the exception is %v, want one at 11:3", err)
	}
}

func TestForms(t *testing.T) {
	c := compiler(t)
	tests := []struct {
		name, code string
		bool       string
		int        string
	}{
		{"bool", "1 < 2", "true", ""},
		{"text of a bool", "\" TRUE \"", "true", ""},
		{"object", "context.Variables[\"b\"]", "true", ""},
		{"int", "41 + 1", "", "42"},
		{"text of an int", "context.Request.Headers.GetValueOrDefault(\"X-Number\")", "", "42"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, err := c.Compile(expr.Source{Code: test.code})
			if err != nil {
				t.Fatal(err)
			}
			b, err := p.Bool(newContext(c))
			if (err == nil && b) != (test.bool == "true") {
				t.Errorf("Bool = %t, %v", b, err)
			}
			n, err := p.Int64(newContext(c))
			if (err == nil && n == 42) != (test.int == "42") {
				t.Errorf("Int64 = %d, %v", n, err)
			}
		})
	}
}
