package expr_test

import (
	"errors"
	"testing"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/host"
)

func newCompiler(tb testing.TB) *expr.Compiler {
	tb.Helper()
	c, err := expr.NewCompiler()
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// TestStatements runs statement blocks whose results C# fixes, construct by construct.
func TestStatements(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"closures capture a loop's variable once", `var fs = new List<Func<int>>(); for (int i = 0; i < 3; i++) fs.Add(() => i); return string.Join(",", fs.Select(f => f()));`, "3,3,3"},
		{"closures capture a foreach variable each round", `var fs = new List<Func<int>>(); foreach (var i in new[] { 1, 2, 3 }) fs.Add(() => i); return string.Join(",", fs.Select(f => f()));`, "1,2,3"},
		{"closures capture a block's variable each round", `var fs = new List<Func<int>>(); for (int i = 0; i < 3; i++) { int j = i * 10; fs.Add(() => j++); } fs[0](); return fs[0]() + "," + fs[1]();`, "1,10"},
		{"a closure shares its variable", `int n = 1; Action up = () => n++; up(); n += 0; up(); return n;`, "3"},
		{"nested closures", `Func<int,Func<int, int>> add = a => b => a + b; return add(2)(3);`, "5"},
		{"recursion of a lambda", `Func<int, int> f = null; f = n => n < 2 ? 1 : n * f(n - 1); return f(5);`, "120"},
		{"recursion of a local function", `int F(int n) => n < 2 ? n : F(n - 1) + F(n - 2); return F(12);`, "144"},
		{"mutual recursion", `bool Even(int n) => n == 0 || Odd(n - 1); bool Odd(int n) => n != 0 && Even(n - 1); return Even(10);`, "True"},
		{"a local function changes what it captures", `int sum = 0; void Add(int n) { sum += n; } foreach (var x in new[] { 1, 2, 3 }) Add(x); return sum;`, "6"},
		{"a local function called from a lambda", `int k = 2; int Twice(int n) => n * k; return string.Join(",", new[] { 1, 2 }.Select(x => Twice(x)));`, "2,4"},
		{"a local function as a delegate", `int Sq(int n) => n * n; return new[] { 1, 2, 3 }.Select(Sq).Sum();`, "14"},
		{"a local function inside of a loop sees its round", `var s = ""; for (int i = 0; i < 3; i++) { int j = i; int Get() => j; s += Get(); } return s;`, "012"},
		{"nested local functions", `int Outer(int a) { int Inner(int b) => a * b; return Inner(3) + Inner(4); } return Outer(2);`, "14"},
		{"generic local functions", `T Pick<T>(bool first, T a, T b) => first ? a : b; return Pick(true, 1, 2) + Pick(false, "x", "y");`, "1y"},
		{"generic recursion", `int Count<T>(List<T> l, int i) => i >= l.Count ? 0 : 1 + Count(l, i + 1); return Count(new List<string> { "a", "b" }, 0);`, "2"},
		{"optional and named arguments", `string F(int a, int b = 5, int c = 7) => a + "," + b + "," + c; return F(1) + ";" + F(1, c: 2) + ";" + F(c: 1, a: 2);`, "1,5,7;1,5,2;2,5,1"},
		{"out and ref parameters", `void Swap(ref int a, ref int b) { var t = a; a = b; b = t; } bool Half(int n, out int h) { h = n / 2; return n % 2 == 0; } int x = 1, y = 2; Swap(ref x, ref y); return x + "," + y + "," + Half(9, out var z) + "," + z;`, "2,1,False,4"},
		{"params", `int Sum(params int[] xs) => xs.Sum(); return Sum() + Sum(1) + Sum(1, 2) + Sum(new[] { 4 });`, "8"},
		{"iterators", `IEnumerable<int> Evens(int n) { for (int i = 0; ; i++) { if (i > n) yield break; if (i % 2 == 0) yield return i; } } return string.Join(",", Evens(6));`, "0,2,4,6"},
		{"switch with patterns", `string Kind(object o) { switch (o) { case null: return "null"; case int i when i > 10: return "big" + i; case int i: return "int" + i; case string s: return "s" + s.Length; default: return "?"; } } return Kind(11) + Kind(3) + Kind("ab") + Kind(null) + Kind(2.5);`, "big11int3s2null?"},
		{"switch falls to the default written first", `int F(int n) { switch (n) { default: return 0; case 1: return 1; } } return F(1) + "" + F(5);`, "10"},
		{"goto case", `string s = ""; switch (1) { case 1: s += "a"; goto case 2; case 2: s += "b"; goto default; default: s += "c"; break; } return s;`, "abc"},
		{"goto label", `int n = 0; again: n++; if (n < 5) goto again; return n;`, "5"},
		{"goto out of nested loops", `int c = 0; for (int i = 0; i < 9; i++) for (int j = 0; j < 9; j++) { c++; if (i == 1 && j == 1) goto done; } done: return c;`, "11"},
		{"break and continue", `var s = ""; for (int i = 0; i < 9; i++) { if (i == 2) continue; if (i == 5) break; s += i; } return s;`, "0134"},
		{"do", `int i = 0; do { i++; if (i == 2) continue; } while (i < 4); return i;`, "4"},
		{"finally runs in order", `var s = ""; int F() { try { s += "a"; return 1; } finally { s += "b"; } } var r = F(); return s + r;`, "ab1"},
		{"finally runs on break", `var s = ""; while (true) { try { s += "a"; break; } finally { s += "b"; } } return s;`, "ab"},
		{"catch by type, filter first", `string F(int n) { try { if (n == 0) throw new ArgumentException("x"); if (n == 1) int.Parse("q"); return "" + 1 / (n - 2); } catch (ArgumentException e) when (e.Message == "y") { return "never"; } catch (ArgumentException e) { return e.Message; } catch (FormatException) { return "format"; } catch (Exception e) { return e.GetType().Name; } } return F(0) + "," + F(1) + "," + F(2);`, "x,format,DivideByZeroException"},
		{"rethrow", `try { try { int.Parse("x"); } catch (Exception) { throw; } } catch (FormatException) { return "again"; } return "";`, "again"},
		{"an exception in finally wins", `try { try { throw new Exception("a"); } finally { throw new Exception("b"); } } catch (Exception e) { return e.Message; }`, "b"},
		{"throw in expressions", `string F(string s) => s ?? throw new ArgumentNullException("s"); try { return F(null); } catch (ArgumentNullException e) { return e.ParamName; }`, "s"},
		{"deconstruction", `var (a, b) = (1, "x"); (a, b) = (a + 1, b + "y"); var (c, _) = (3, 4); return a + b + c;`, "2xy3"},
		{"swap by deconstruction", `int a = 1, b = 2; (a, b) = (b, a); return a + "," + b;`, "2,1"},
		{"foreach with deconstruction", `var s = ""; foreach (var (k, v) in new Dictionary<string, int> { ["a"] = 1, ["b"] = 2 }) s += k + v; return s;`, "a1b2"},
		{"named tuple elements", `(int n, string s) t = (1, "x"); t.n++; var u = t; u.n = 9; return t.n + t.s + u.n;`, "2x9"},
		{"is with a variable", `object o = "abc"; if (!(o is string s)) return "no"; return s.Length;`, "3"},
		{"null-conditional chain", `string s = null; int? n = s?.Trim().Length; return (n ?? -1) + "," + (s?.Length == null);`, "-1,True"},
		{"compound assignment evaluates its target once", `int i = 0; var a = new[] { 1, 2, 3 }; a[i++] += 10; return a[0] + "," + i;`, "11,1"},
		{"narrow compound assignment", `byte b = 250; b += 10; short s = 1; s <<= 3; return b + "," + s;`, "4,8"},
		{"checked overflow", `try { checked { int n = int.MaxValue; n++; return "" + n; } } catch (OverflowException) { return "overflow"; }`, "overflow"},
		{"arrays are covariant but keep their type", `object[] os = new string[] { "a" }; try { os[0] = 1; } catch (Exception e) { return e.GetType().Name; } return "stored";`, "ArrayTypeMismatchException"},
		{"jagged and rectangular arrays", `var j = new int[][] { new[] { 1 }, new[] { 2, 3 } }; var r = new int[,] { { 1, 2 }, { 3, 4 } }; return j[1][1] + r[1, 0] + r.GetLength(1) + r.Length;`, "12"},
		{"nested initialisers", `var d = new Dictionary<string, List<int>> { ["a"] = new List<int> { 1, 2 }, ["b"] = new List<int>() }; d["b"].Add(5); return d["a"].Count + d["b"][0];`, "7"},
		{"anonymous objects", `var a = new { X = 1, Y = "y" }; var b = new { X = 1, Y = "y" }; return a.Equals(b) + a.ToString();`, "True{ X = 1, Y = y }"},
		{"const", `const int k = 3; const string s = "a" + "b"; return s + k * 2;`, "ab6"},
		{"scopes end", `{ int a = 1; } { int a = 2; } for (int i = 0; i < 1; i++) { } for (int i = 5; i < 6; i++) return i; return 0;`, "5"},
		{"using disposes", `using (var r = new System.IO.StringReader("x")) { return r.ReadToEnd(); }`, "x"},
		{"ref locals", `int x = 1; ref int y = ref x; y += 5; return x;`, "6"},
	}
	c := newCompiler(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := run(t, c, tt.code); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestQueries runs query expressions, which are rewritten into method calls.
func TestQueries(t *testing.T) {
	const people = `var ps = new[] { new { N = "ann", A = 30, C = 1 }, new { N = "bob", A = 20, C = 2 }, new { N = "cid", A = 30, C = 1 } }; var cs = new[] { new { Id = 1, T = "x" }, new { Id = 2, T = "y" } }; `
	tests := []struct{ name, code, want string }{
		{"where and select", `return string.Join(",", from p in ps where p.A > 25 select p.N);`, "ann,cid"},
		{"order by several keys", `return string.Join(",", from p in ps orderby p.A, p.N descending select p.N);`, "bob,cid,ann"},
		{"let", `return string.Join(",", from p in ps let u = p.N.ToUpper() where u != "BOB" select u + p.A);`, "ANN30,CID30"},
		{"two sources", `return string.Join(",", from p in ps from c in cs where p.C == c.Id select p.N + c.T);`, "annx,boby,cidx"},
		{"three sources", `return (from a in new[] { 1, 2 } from b in new[] { 10, 20 } from c in new[] { 100 } select a + b + c).Sum();`, "466"},
		{"join", `return string.Join(",", from p in ps join c in cs on p.C equals c.Id orderby p.N descending select p.N + c.T);`, "cidx,boby,annx"},
		{"group join", `return string.Join(",", from c in cs join p in ps on c.Id equals p.C into g select c.T + g.Count());`, "x2,y1"},
		{"group", `return string.Join(",", from p in ps group p.N by p.A into g orderby g.Key select g.Key + ":" + string.Join("+", g));`, "20:bob,30:ann+cid"},
		{"typed range variable", `return (from int i in new object[] { 1, 2 } select i * 2).Sum();`, "6"},
		{"a closure over range variables", `return string.Join(",", (from p in ps from c in cs where cs.Any(d => d.Id == c.Id && p.C == d.Id) select p.N + c.T));`, "annx,boby,cidx"},
	}
	c := newCompiler(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := run(t, c, people+tt.code); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestFlowErrors compiles blocks that C# refuses for their flow or their scopes.
func TestFlowErrors(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"use before assignment", `int x; return x;`, "CS0165"},
		{"assigned in one branch", `int x; if (context.Tracing) x = 1; return x;`, "CS0165"},
		{"not assigned by a loop", `int x; while (context.Tracing) { x = 1; } return x;`, "CS0165"},
		{"pattern variable where it did not match", `object o = 1; if (o is int i) { } return i;`, "CS0165"},
		{"assigned only in try", `int x; try { x = int.Parse("1"); } catch (Exception) { } return x;`, "CS0165"},
		{"captured before assignment", `int x; Func<int> f = () => x; return f();`, "CS0165"},
		{"no return", `if (context.Tracing) return 1;`, "CS0161"},
		{"no return after a loop", `while (context.Tracing) { return 1; }`, "CS0161"},
		{"no return in a lambda", `Func<int, int> f = n => { if (n > 0) return 1; }; return f(1);`, "CS1643"},
		{"no return in a local function", `int F(int n) { if (n > 0) return 1; } return F(1);`, "CS0161"},
		{"fall through", `switch (1) { case 1: var x = 2; case 2: break; } return 1;`, "CS0163"},
		{"taken name", `int a = 1; { int a = 2; } return a;`, "CS0136"},
		{"taken name of a lambda's parameter", `int a = 1; Func<int, int> f = a => a; return f(a);`, "CS0136"},
		{"taken name inside", `{ int a = 1; } int a = 2; return a;`, "CS0136"},
		{"used before its declaration", `x = 1; int x; return x;`, "CS0841"},
		{"no such label", `goto nowhere; return 1;`, "CS0159"},
		{"break outside", `break; return 1;`, "CS0139"},
		{"break does not leave a lambda", `while (true) { Action f = () => { break; }; return 1; }`, "CS0139"},
		{"return in finally", `try { } finally { return 1; }`, "CS0157"},
		{"rethrow outside", `throw;`, "CS0156"},
		{"hidden catch", `try { } catch (Exception) { } catch (FormatException) { } return 1;`, "CS0160"},
		{"catch of a string", `try { } catch (string s) { } return 1;`, "CS0155"},
		{"declaration as a body", `if (context.Tracing) int x = 1; return 1;`, "CS1023"},
		{"no statement", `1 + 1; return 1;`, "CS0201"},
		{"an unknown argument is the only error of an overloaded call", `return Encoding.UTF8.GetBytes(nope);`, "CS0103"},
		{"an unknown argument is the only error of a creation", `return new JValue(nope);`, "CS0103"},
	}
	c := newCompiler(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := c.Compile(expr.Source{Code: tt.code, Block: true})
			var list expr.Errors
			if !errors.As(err, &list) {
				t.Fatalf("got %v, want %s", err, tt.want)
			}
			if list[0].Code != tt.want {
				t.Errorf("got %v, want %s", list, tt.want)
			}
		})
	}
}

// TestFlowAccepts compiles blocks that C# accepts although a simpler analysis would refuse them.
func TestFlowAccepts(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"assigned in both branches", `int x; if (context.Tracing) x = 1; else x = 2; return x;`, "2"},
		{"assigned by a condition", `int x; if (int.TryParse("5", out x) && x > 3) return x; return 0;`, "5"},
		{"short circuit", `int x; if (context.Tracing || (x = 3) > 2 == false) return 0; return x;`, "3"},
		{"an endless loop needs no return", `int i = 0; while (true) { if (++i > 3) return i; }`, "4"},
		{"a for without condition", `for (int i = 0; ; i++) if (i > 3) return i;`, "4"},
		{"a branch that throws", `int x; if (context.Tracing) throw new Exception(); else x = 1; return x;`, "1"},
		{"assigned in finally", `int x; try { } finally { x = 1; } return x;`, "1"},
		{"every case returns", `switch (1) { case 1: return "a"; default: return "b"; }`, "a"},
		{"pattern variable after a negated test", `object o = 5; if (!(o is int i)) return 0; return i + 1;`, "6"},
		{"pattern variable in a conjunction", `object o = "x"; return o is string s && s.Length == 1 ? s : "no";`, "x"},
		{"pattern variable of a filter", `try { throw new Exception("a", new FormatException("b")); } catch (Exception e) when (e.InnerException is FormatException f) { return f.Message; }`, "b"},
		{"same name in sibling scopes", `var a = new[] { 1 }.Select(x => x).First(); var b = new[] { 2 }.Select(x => x).First(); return a + b;`, "3"},
	}
	c := newCompiler(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := run(t, c, tt.code); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func run(t *testing.T, c *expr.Compiler, code string) string {
	t.Helper()
	p, err := c.Compile(expr.Source{Code: code, Block: true})
	if err != nil {
		t.Fatal(err)
	}
	s, _, err := p.Text(&expr.Context{Static: &host.Static{}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
