package linq_test

import (
	"errors"
	"testing"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/exprtest"
)

// TestOperators checks each operator by what C# gives; x is 1 to 5, w are words.
func TestOperators(t *testing.T) {
	const given = `var x = new[] { 1, 2, 3, 4, 5 }; var w = new[] { "fig", "apple", "kiwi", "pear" }; `
	tests := []struct{ name, code, want string }{
		{"where with place", `string.Join(",", x.Where((n, i) => i % 2 == 0))`, "1,3,5"},
		{"select with place", `string.Join(",", w.Select((s, i) => i + s[0]))`, "102,98,109,115"},
		{"select many", `string.Join(",", x.Take(2).SelectMany(n => w.Take(n), (n, s) => n + s))`, "1fig,2fig,2apple"},
		{"take and skip", `string.Join("", x.Skip(1).Take(2)) + string.Join("", x.TakeWhile(n => n < 3)) + string.Join("", x.SkipWhile(n => n < 4)) + string.Join("", x.TakeLast(2)) + string.Join("", x.SkipLast(3))`, "2312454512"},
		{"order", `string.Join(",", w.OrderBy(s => s.Length).ThenByDescending(s => s))`, "fig,pear,kiwi,apple"},
		{"order is stable", `string.Join(",", w.OrderBy(s => s.Length))`, "fig,kiwi,pear,apple"},
		{"group", `string.Join(";", w.GroupBy(s => s.Length, s => s[0], (k, g) => k + string.Join("", g)))`, "3f;5a;4kp"},
		{"join", `string.Join(",", x.Join(w, n => n, s => s.Length, (n, s) => n + s))`, "3fig,4kiwi,4pear,5apple"},
		{"group join", `string.Join(",", x.GroupJoin(w, n => n, s => s.Length, (n, g) => n + ":" + g.Count()))`, "1:0,2:0,3:1,4:2,5:1"},
		{"sets", `string.Join("", x.Union(new[] { 5, 6 })) + string.Join("", x.Except(new[] { 1 })) + string.Join("", x.Intersect(new[] { 9, 2 })) + string.Join("", new[] { 1, 1, 2 }.Distinct())`, "1234562345212"},
		{"zip and concat", `string.Join(",", x.Zip(w, (n, s) => n + s)) + x.Concat(x).Count() + string.Join("", x.Append(9).Prepend(0))`, "1fig,2apple,3kiwi,4pear100123459"},
		{"elements", `x.First(n => n > 2) + "" + x.Last() + x.Single(n => n == 4) + x.ElementAt(1) + x.FirstOrDefault(n => n > 9) + (w.FirstOrDefault(s => s == "") ?? "null")`, "35420null"},
		{"numbers", `x.Sum() + "," + x.Average() + "," + x.Min() + "," + w.Max(s => s.Length) + "," + new double[0].Sum() + "," + new int?[] { 1, null }.Sum() + "," + w.Min()`, "15,3,1,5,0,1,apple"},
		{"tests", `x.Any(n => n > 4) + "" + x.All(n => n > 1) + x.Contains(3) + x.Count(n => n > 1) + x.SequenceEqual(x.ToList())`, "TrueFalseTrue4True"},
		{"aggregate", `x.Aggregate((a, b) => a * b) + "" + x.Aggregate("", (a, b) => a + b) + x.Aggregate(0, (a, b) => a + b, r => "=" + r)`, "12012345=15"},
		{"collect", `x.ToList().Count + x.ToArray().Length + x.ToHashSet().Count + w.ToDictionary(s => s[0])['k'] + w.ToLookup(s => s.Length)[4].Count()`, "15kiwi2"},
		{"cast and filter by type", `new object[] { 1, "a", 2 }.OfType<int>().Sum() + string.Join("", new object[] { "b" }.Cast<string>())`, "3b"},
		{"sources", `string.Join("", Enumerable.Range(3, 3)) + string.Join("", Enumerable.Repeat("z", 2)) + Enumerable.Empty<int>().DefaultIfEmpty(7).First()`, "345zz7"},
		{"reverse a string", `new string("abc".Reverse().ToArray())`, "cba"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := exprtest.Run(t, given+"return "+tt.code+";"); err != nil || got != tt.want {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

// TestLaziness checks that operators run when they are enumerated, each time anew.
func TestLaziness(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"runs when enumerated", `var l = new List<int> { 1 }; var q = l.Select(n => n * 2); l.Add(2); return string.Join(",", q);`, "2,4"},
		{"runs each time", `int n = 0; var q = new[] { 1, 2 }.Select(x => ++n); q.Count(); return string.Join(",", q) + n;`, "3,44"},
		{"stops early", `int n = 0; var r = new[] { 1, 2, 3 }.Select(x => { n++; return x; }).First(x => x == 2); return n;`, "2"},
		{"throws when enumerated", `var q = new[] { 0 }.Select(x => 1 / x); try { q.ToList(); } catch (DivideByZeroException) { return "late"; } return "";`, "late"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := exprtest.Run(t, tt.code); err != nil || got != tt.want {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

// TestExceptions checks what the operators throw.
func TestExceptions(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"first of none", `new int[0].First()`, "System.InvalidOperationException"},
		{"single of many", `new[] { 1, 2 }.Single()`, "System.InvalidOperationException"},
		{"null source", `((int[])null).Select(x => x)`, "System.ArgumentNullException"},
		{"overflow", `new[] { int.MaxValue, 1 }.Sum()`, "System.OverflowException"},
		{"maximum of none", `new int[0].Max()`, "System.InvalidOperationException"},
		{"wrong cast", `new object[] { 1 }.Cast<string>().ToList()`, "System.InvalidCastException"},
		{"second key", `new[] { 1, 1 }.ToDictionary(x => x)`, "System.ArgumentException"},
		{"place", `new[] { 1 }.ElementAt(3)`, "System.ArgumentOutOfRangeException"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := exprtest.Run(t, "return "+tt.code+";")
			var x *expr.Exception
			if !errors.As(err, &x) || x.Type != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// TestBudget checks that an operator over an endless or large sequence is stopped.
func TestBudget(t *testing.T) {
	for _, code := range []string{
		`return Enumerable.Range(0, int.MaxValue).Sum(x => 0);`,
		`return Enumerable.Repeat("x", int.MaxValue).ToList();`,
		`return string.Concat(Enumerable.Repeat("xxxxxxxxxxxxxxxx", int.MaxValue));`,
		`var a = Enumerable.Range(0, 100000); return a.SelectMany(x => a).Count();`,
	} {
		_, err := exprtest.Run(t, code)
		var x *expr.Exception
		if !errors.As(err, &x) || x.Budget == "" {
			t.Errorf("%s: got %v, want a limit", code, err)
		}
	}
}
