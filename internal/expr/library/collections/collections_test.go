package collections_test

import (
	"errors"
	"testing"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/exprtest"
)

// TestCollections checks the members of the collections by what C# gives.
func TestCollections(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"list edits", `var l = new List<int> { 3, 1, 2 }; l.Insert(1, 9); l.Remove(1); l.RemoveAt(0); l.AddRange(new[] { 5, 5 }); l.RemoveAll(x => x == 5); return string.Join(",", l) + l.Count;`, "9,22"},
		{"list searches", `var l = new List<string> { "a", "bb", "a" }; return l.IndexOf("a") + "," + l.LastIndexOf("a") + "," + l.Find(x => x.Length > 1) + "," + l.FindIndex(x => x == "zz") + "," + l.Exists(x => x == "a") + l.TrueForAll(x => x != "");`, "0,2,bb,-1,TrueTrue"},
		{"list order", `var l = new List<int> { 3, 1, 2 }; l.Sort(); var s = string.Join("", l); l.Reverse(); s += string.Join("", l); l.Sort((a, b) => a - b); return s + l.BinarySearch(2) + l.BinarySearch(9);`, "1233211-4"},
		{"list ranges", `var l = new List<int> { 1, 2, 3, 4 }; l.InsertRange(1, l.GetRange(2, 2)); l.RemoveRange(0, 2); return string.Join("", l.ConvertAll(x => x + ":"));`, "4:2:3:4:"},
		{"dictionary", `var d = new Dictionary<string, int> { { "a", 1 }, ["b"] = 2 }; d["c"] = 3; d.Remove("a"); int v; return d.ContainsKey("a") + "" + d.TryGetValue("b", out v) + v + d.ContainsValue(3) + string.Join("", d.Keys) + string.Join("", d.Values) + d.GetValueOrDefault("z", 9);`, "FalseTrue2Truebc239"},
		{"a removed place is used again", `var d = new Dictionary<int, int> { [1] = 1, [2] = 2, [3] = 3 }; d.Remove(2); d[9] = 9; return string.Join(",", d.Keys);`, "1,9,3"},
		{"dictionary by comparer", `var d = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["Key"] = 1 }; d["KEY"] = 2; return d.Count + d.Keys.First();`, "1Key"},
		{"pairs", `var p = new KeyValuePair<string, int>("k", 1); var (k, v) = p; return p + k + v;`, "[k, 1]k1"},
		{"set", `var s = new HashSet<int> { 1, 2, 2 }; s.UnionWith(new[] { 3, 4 }); s.ExceptWith(new[] { 1 }); s.IntersectWith(new[] { 2, 3 }); return s.Add(2) + string.Join("", s) + s.SetEquals(new[] { 3, 2 }) + s.Overlaps(new[] { 9 });`, "False23TrueFalse"},
		{"queue and stack", `var q = new Queue<int>(new[] { 1, 2 }); var s = new Stack<int>(new[] { 1, 2 }); q.Enqueue(3); s.Push(3); return q.Peek() + "" + q.Dequeue() + s.Pop() + string.Join("", q) + string.Join("", s);`, "1132321"},
		{"enumerators", `var e = ((IEnumerable<int>)new List<int> { 1, 2 }).GetEnumerator(); var s = 0; while (e.MoveNext()) s += e.Current; return s;`, "3"},
		{"interfaces", `IList<int> a = new[] { 1, 2 }; ICollection<int> c = new List<int> { 1 }; IReadOnlyDictionary<string, int> d = new Dictionary<string, int> { ["x"] = 5 }; c.Add(7); return a.Count + a[1] + c.Count + d["x"];`, "11"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := exprtest.Run(t, tt.code); err != nil || got != tt.want {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

// TestExceptions checks what the collections throw.
func TestExceptions(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"index", `return new List<int>()[0];`, "System.ArgumentOutOfRangeException"},
		{"missing key", `return new Dictionary<string, int>()["x"];`, "System.Collections.Generic.KeyNotFoundException"},
		{"second key", `return new Dictionary<string, int> { { "a", 1 }, { "a", 2 } };`, "System.ArgumentException"},
		{"null key", `return new Dictionary<string, int>()[null];`, "System.ArgumentNullException"},
		{"change while enumerating", `var l = new List<int> { 1, 2 }; foreach (var x in l) l.Add(x); return 1;`, "System.InvalidOperationException"},
		{"empty queue", `return new Queue<int>().Dequeue();`, "System.InvalidOperationException"},
		{"null collection", `return new List<int>((IEnumerable<int>)null);`, "System.ArgumentNullException"},
		{"read-only", `ICollection<int> c = new[] { 1 }; c.Add(2); return 1;`, "System.NotSupportedException"},
		{"range", `return new List<int> { 1 }.GetRange(0, 2);`, "System.ArgumentException"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := exprtest.Run(t, tt.code)
			var x *expr.Exception
			if !errors.As(err, &x) || x.Type != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// TestBudget checks that a collection cannot grow past its limit.
func TestBudget(t *testing.T) {
	for _, code := range []string{
		`var l = new List<int>(); while (true) l.Add(1);`,
		`var d = new Dictionary<int, int>(); for (int i = 0; ; i++) d[i] = i;`,
		`var s = new HashSet<int>(); for (int i = 0; ; i++) s.Add(i);`,
		`var q = new Queue<string>(); while (true) q.Enqueue("x");`,
	} {
		_, err := exprtest.Run(t, code)
		var x *expr.Exception
		if !errors.As(err, &x) || x.Budget == "" {
			t.Errorf("%s: got %v, want a limit", code, err)
		}
	}
}
