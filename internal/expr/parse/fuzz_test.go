package parse_test

import (
	"testing"

	"github.com/sallyport/sallyport/internal/expr/parse"
	"github.com/sallyport/sallyport/internal/expr/syntax"
)

// FuzzParse checks that any text yields a tree, and that every error lies within the text and has a number.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`context.Request.Headers.GetValueOrDefault("x", $"{1:D3}{a,-5}")`,
		"(string)context.Variables[\"x\"] ?? @\"c:\\\"",
		`from a in xs let b = a * 2 where b > 1 orderby b descending select new { a, b }`,
		`xs.Where(x => x is int i && i > 0).ToDictionary<int, List<string>>(k => k)`,
	} {
		f.Add(seed, false)
	}
	for _, seed := range []string{
		`switch (o) { case int i when i > 1: return i; case null: break; default: goto case null; } return (1, b: 2);`,
		`try { throw new Exception("x"); } catch (Exception e) when (e.Message == "x") { return 1; } finally { }`,
		`int F(int n, out string s) { s = ""; return n; } for (int i = 0, j = 1; i < 3; i++) { var (a, b) = (1, 2); }`,
		`int?[] a = new int?[] { 1, null }; foreach (var (k, v) in d) using (x) { } return a?[0]?.ToString();`,
	} {
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, code string, block bool) {
		var diags syntax.Diagnostics
		unit := parse.Source(code, block, &diags)
		if unit == nil || block && unit.Block == nil && diags.Len() == 0 || !block && unit.X == nil {
			t.Fatal("no tree")
		}
		for _, d := range diags.All() {
			if d.Code == "" || d.Message == "" || d.Start < 0 || d.End < d.Start || int(d.End) > len(code) {
				t.Fatalf("%+v is no error of a text of %d bytes", d, len(code))
			}
		}
	})
}

// FuzzParseSignature checks that any text is a signature, a declaration, or an error.
func FuzzParseSignature(f *testing.F) {
	f.Add("static bool operator ==(string a, string b)", "String")
	f.Add("char this[int index] { get; set; }", "String")
	f.Add("delegate TResult Func<in T, out TResult>(T arg)", "")
	f.Fuzz(func(t *testing.T, text, enclosing string) {
		if s, err := parse.Signature(text, enclosing); (s == nil) == (err == nil) {
			t.Fatalf("signature %v, error %v", s, err)
		}
		if d, err := parse.Declaration(text); (d == nil) == (err == nil) {
			t.Fatalf("declaration %v, error %v", d, err)
		}
	})
}
