package check

import "testing"

func TestExpressionErrors(t *testing.T) {
	lib := testLibrary(t)
	tests := []struct{ name, code, want string }{
		{"unknown name", "foo", "CS0103@0-3"},
		{"unknown method", "foo(1)", "CS0103@0-3"},
		{"unknown type", "new Nope()", "CS0246@4-8"},
		{"unknown type argument", "new List<Nope>()", "CS0246@9-13"},
		{"unknown in namespace", "System.IO2.File", "CS0234@0-10"},
		{"type argument count", "new List<int,int>()", "CS0305@4-17"},
		{"type not generic", "new Uri<int>(null)", "CS0308@4-12"},
		{"unknown member", "context.Nope", "CS1061@8-12"},
		{"unknown static member", "Math.Foo(1)", "CS0117@5-8"},
		{"hidden type", "typeof(Type)", "CS0246@7-11"},
		{"type as value", "1 + DayOfWeek", "CS0119@4-13"},
		{"method as value", `"a".ToUpper.Length`, "CS0119@0-11"},
		{"property called", `"a".Length()`, "CS1955@4-10"},
		{"value called", "context.Tracing()", "CS1955@8-15"},
		{"static through a value", `"a".Join("", "b")`, "CS0176@0-8"},
		{"instance through a type", "string.ToUpper()", "CS0120@0-14"},
		{"no conversion", `"a".Substring("b")`, "CS1503@14-17"},
		{"wrong count", `"a".Substring(1, 2, 3)`, "CS1501@4-13"},
		{"wrong name", `"a".Substring(start: 1)`, "CS1739@14-19"},
		{"named twice", `"a".Substring(startIndex: 1, startIndex: 2)`, "CS1740@29-39 CS1744@29-39"},
		{"named and placed", `"a".Substring(1, startIndex: 2)`, "CS1744@17-27"},
		{"named out of place", `"a".Substring(length: 1, 0)`, "CS8323@14-20"},
		{"named in place", `"a".Substring(startIndex: 1, 0)`, "string"},
		{"missing argument", `"a".Substring(length: 1)`, "CS7036@4-13"},
		{"constructor count", "new Uri()", "CS1729@4-7"},
		{"constructor type", "new Uri(1)", "CS1503@8-9"},
		{"one constructor too few", "new Guid(1, 2)", "CS1729@4-8"},
		{"abstract", `new JToken()`, "CS0144@0-12"},
		{"static class", `new Math()`, "CS0712@0-10"},
		{"not inferred", "context.Request.Body.As()", "CS0411@21-23"},
		{"type arguments missing", "context.Request.Body.As<>()", "CS0305@0-25"},
		{"out missing", `int.TryParse("1", 5)`, "CS1620@18-19"},
		{"out of a value", `int.TryParse("1", out 5)`, "CS1510@22-23"},
		{"ref too much", `"a".Substring(out var n)`, "CS1615@18-23"},
		{"no operator", `"a" * 2`, "CS0019@0-7"},
		{"no unary operator", "!5", "CS0023@0-2"},
		{"ambiguous operator", "1UL + -1", "CS0034@0-8"},
		{"decimal and double", "1m + 1.0", "CS0019@0-8"},
		{"token and int", "(JToken)5 == 5", "CS0019@0-14"},
		{"object and int", `context.Variables["i"] > 1`, "CS0019@0-26"},
		{"unrelated references", `new Uri("x") == new List<int>()`, "CS0019@0-31"},
		{"constant overflow", "1u - 2", "CS0220@0-6"},
		{"constant division", "1 / 0", "CS0020@0-5"},
		{"constant cast", "(byte)300", "CS0221@0-9"},
		{"impossible cast", `(int)"5"`, "CS0030@0-8"},
		{"null of a struct", "(int)null", "CS0037@0-9"},
		{"as a struct", `"5" as int`, "CS0077@0-10"},
		{"as something else", "5 as string", "CS0039@0-11"},
		{"no common type", `true ? 1 : "a"`, "CS0173@0-14"},
		{"coalesce a struct", "5 ?? 6", "CS0019@0-6"},
		{"question dot on a struct", "5?.ToString()", "CS0023@1-2"},
		{"no elements", "5[0]", "CS0021@0-4"},
		{"dimensions", "new int[1][0, 0]", "CS0022@0-16"},
		{"array without type", `new[]{1, "a"}`, "CS0826@0-13"},
		{"initialiser without Add", "new Uri(\"x\") { 1 }", "CS1922@13-18"},
		{"unknown property", `new List<int> { Nope = 1 }`, "CS0117@16-20"},
		{"lambda alone", "x => x", "CS8917@2-4"},
		{"lambda body", "new[]{1}.Select(x => x.Foo)", "CS1061@23-26"},
		{"lambda result", "new[]{1}.Where(x => 5)", "CS0029@20-21 CS1662@20-21"},
		{"lambda parameters", "new[]{1}.Where((a, b, c) => true)", "CS1593@25-27"},
		{"constant width", `$"{1,context.Request.Method}"`, "CS0029@5-27"},
		{"tuple without type", "(1, null).Item1", "CS0023@0-15"},
		{"namespace as value", "System", "CS0118@0-6"},
		{"negative length", "new int[-1]", "CS0248@8-10"},
		{"pattern that is no constant", "1 is context.Tracing", "CS9135@5-20"},
		{"query of no sequence", "from x in 5 select x", "CS1936@10-11"},
		{"await", "await x", "CS4032@0-7"},
		{"this", "this", "CS0026@0-4"},
		{"nullable reference", "default(string?)", "CS8370@8-15"},
		{"pattern that never fits", `"a" is int n`, "CS8121@7-10"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := checked(lib, test.code, false); got != test.want {
				t.Errorf("%s\ngot  %s\nwant %s", test.code, got, test.want)
			}
		})
	}
}

func TestAssignments(t *testing.T) {
	lib := testLibrary(t)
	tests := []struct{ name, code, want string }{
		{"compound", "var s = \"\"; s += 1; return s;", "string"},
		{"narrow compound", "byte b = 1; b += 2; return b;", "byte"},
		{"narrow increment", "byte b = 1; b++; return b;", "byte"},
		{"not narrow", "byte b = 1; b = b + 1; return b;", "CS0266@16-21"},
		{"compound too wide", "int i = 1; i += 2L; return i;", "CS0266@11-18"},
		{"shift compound", "int i = 1; i <<= 2; return i;", "int"},
		{"null literal", "int n = null; return n;", "CS0037@8-12"},
		{"decimal literal", "decimal m = 1.5; return m;", "CS0664@12-15"},
		{"constant too large", "byte b = 300; return b;", "CS0031@9-12"},
		{"lambda without type", "var f = x => x; return f;", "CS8917@10-12"},
		{"default without type", "var f = default; return f;", "CS8716@8-15"},
		{"value of a void function", "void F() { return 1; } return 1;", "CS0127@11-20"},
		{"read-only property", `var s = "a"; s.Length = 1; return s;`, "CS0200@13-21"},
		{"not a variable", "5 = 6; return 1;", "CS0131@0-1"},
		{"constant", "const int k = 1; k = 2; return k;", "CS0131@17-18"},
		{"array", "var a = new int[2]; a[0] = 1; a[1]++; return a;", "int[]"},
		{"array initialiser", "int[] a = {1, 2}; return a;", "int[]"},
		{"two dimensions", "var a = new int[,]{{1,2},{3,4}}; return a[1, 0];", "int"},
		{"indexer", `var o = new JObject(); o["a"] = 5; o["b"] = "x"; return o;`, "JObject"},
		{"deconstruction", `var (a, b) = (1, "x"); return b + a;`, "string"},
		{"deconstruction to variables", `int a; string b; (a, b) = (1, "x"); return b;`, "string"},
		{"deconstruction by method", `var (k, v) = new KeyValuePair<string,int>("a", 1); return v;`, "int"},
		{"tuple of nulls", `(int, string) t = (1, null); return t.Item2;`, "string"},
		{"discard", "_ = int.TryParse(\"1\", out _); return 1;", "int"},
		{"tuples are equal", `var t = (1, "a"); return t == (1, null);`, "bool"},
		{"tuples of other sizes", "return (1, 2) == (1, 2, 3);", "CS8384@7-26"},
		{"foreach variable", "foreach (var x in new[]{1}) { x = 2; } return 1;", "CS1656@30-31"},
		{"method assigned to", `"a".ToUpper = null; return 1;`, "CS1656@0-11"},
		{"one method, too few", `context.Trace(); return 1;`, "CS7036@8-13"},
		{"lock", "lock (context) { return 1; }", "int"},
		{"lock a value", "lock (5) { } return 1;", "CS0185@6-7"},
		{"delegate", "Func<int,int> f = x => x + 1; return f(1);", "int"},
		{"delegate mismatch", "Func<int> f = x => 1; return f();", "CS1593@16-18"},
		{"delegate of method", "Func<string,int> f = int.Parse; return f(\"1\");", "int"},
		{"local function", "int F(int a, int b = 2) => a * b; return F(1) + F(b: 1, a: 2);", "int"},
		{"local function as delegate", "int F(int a) => a; return new[]{1}.Select(F).First();", "int"},
		{"method that boxes", "int F(object o) => 1; Func<int,int> f = F; return f(1);", "CS0123@40-41"},
		{"method that takes a base", "int F(object o) => 1; Func<string,int> f = F; return f(\"\");", "int"},
		{"out parameter without value", "int F(out int a) { return 1; } return F(out var x);", "CS0177@19-28"},
		{"out parameter read", "void F(out int a) { a++; } F(out var x); return x;", "CS0165@20-21"},
		{"out parameter", "bool F(bool b, out int a) { if (b) { a = 1; return b; } a = 2; return b; } return F(true, out var x) ? x : 0;", "int"},
		{"recursion", "int F(int n) => n < 2 ? 1 : n * F(n - 1); return F(5);", "int"},
		{"throw in conditional", "string s = null; return s ?? throw new Exception(\"x\");", "string"},
		{"implicit operator", "JToken t = 5; t = \"x\"; return t;", "JToken"},
		{"covariance", "IEnumerable<object> e = new List<string>(); return e;", "IEnumerable<object>"},
		{"no covariance of lists", "List<object> e = new List<string>(); return e;", "CS0029@17-35"},
		{"unchecked block", "unchecked { return (byte)300; }", "byte"},
		{"used early", "var a = b; var b = 1; return a;", "CS0841@8-9"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := checked(lib, test.code, true); got != test.want {
				t.Errorf("%s\ngot  %s\nwant %s", test.code, got, test.want)
			}
		})
	}
}
