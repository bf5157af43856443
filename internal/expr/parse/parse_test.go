package parse_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/expr/parse"
	"github.com/sallyport/sallyport/internal/expr/syntax"
)

func parseExpr(t *testing.T, code string) syntax.Expr {
	t.Helper()
	var diags syntax.Diagnostics
	unit := parse.Source(code, false, &diags)
	if diags.Len() > 0 {
		t.Fatalf("%q: %v", code, diags.All()[0])
	}
	return unit.X
}

// TestParseDisambiguates checks the places where C# must look ahead.
func TestParseDisambiguates(t *testing.T) {
	tests := []struct {
		name, code string
		is         func(syntax.Expr) bool
	}{
		{"generic call", "F(G<A, B>(7))", func(x syntax.Expr) bool { return len(x.(*syntax.CallExpr).Args) == 1 }},
		{"two comparisons", "F(G < A, B > 7)", func(x syntax.Expr) bool { return len(x.(*syntax.CallExpr).Args) == 2 }},
		{"cast of a name", "(x)y", isA[*syntax.CastExpr]},
		{"sum in parentheses", "(x)-y", isA[*syntax.BinaryExpr]},
		{"cast of a negative number", "(int)-y", isA[*syntax.CastExpr]},
		{"cast to an array", "(x[])-y", isA[*syntax.CastExpr]},
		{"tuple", "(a, b)", isA[*syntax.TupleExpr]},
		{"lambda", "(a, b) => a", isA[*syntax.LambdaExpr]},
		{"nullable cast", "(int?)x", isA[*syntax.CastExpr]},
		{"conditional after is", "x is int ? 1 : 2", isA[*syntax.CondExpr]},
		{"nullable after as", "x as int? ?? 1", isA[*syntax.BinaryExpr]},
		{"declaration pattern", "x is int i", func(x syntax.Expr) bool {
			p, ok := x.(*syntax.IsExpr).Pattern.(*syntax.TypePattern)
			return ok && p.Name.Text == "i"
		}},
		{"constant or type", "x is A.B", func(x syntax.Expr) bool {
			_, ok := x.(*syntax.IsExpr).Pattern.(*syntax.ConstPattern)
			return ok
		}},
		{"shift", "a >> b", func(x syntax.Expr) bool { return x.(*syntax.BinaryExpr).Op == syntax.ShiftRight }},
		{"coalesce binds to the right", "a ?? b ?? c", func(x syntax.Expr) bool {
			_, ok := x.(*syntax.BinaryExpr).Y.(*syntax.BinaryExpr)
			return ok
		}},
		{"conditional access is one chain", "a?.b.c(1)[2]", func(x syntax.Expr) bool {
			_, ok := x.(*syntax.ConditionalAccessExpr).Then.(*syntax.IndexExpr)
			return ok
		}},
		{"query", "from x in y select x", isA[*syntax.QueryExpr]},
		{"name from", "from + 1", isA[*syntax.BinaryExpr]},
		{"number with a member", "1.ToString()", isA[*syntax.CallExpr]},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if x := parseExpr(t, tt.code); !tt.is(x) {
				t.Errorf("%q is a %T", tt.code, x)
			}
		})
	}
}

func isA[T syntax.Expr](x syntax.Expr) bool {
	_, ok := x.(T)
	return ok
}

// TestParseLiterals checks the contents of string and character literals.
func TestParseLiterals(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"plain", `"abc"`, "abc"},
		{"escapes", `"\t\"\\\x41\u00e4\U0001F600"`, "\t\"\\A\u00e4\U0001F600"},
		{"a pair of surrogates", `"\uD83D\uDE00"`, "\U0001F600"},
		{"a lone surrogate", `"\uD83D"`, "\xED\xA0\xBD"},
		{"verbatim", `@"a\""b"`, `a\"b`},
		{"character", `'\''`, "'"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := parseExpr(t, tt.code).(*syntax.LiteralExpr).Value; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestParseInterpolation checks text, holes, alignment and format.
func TestParseInterpolation(t *testing.T) {
	x := parseExpr(t, `$"a{{{b["}"],-5:D2}}}{(c ? "x" : d)}"`).(*syntax.InterpolatedExpr)
	var texts []string
	for _, p := range x.Parts {
		texts = append(texts, p.Text+"|"+p.Format)
	}
	want := []string{"a{|", `b["}"],-5|D2}`, `(c ? "x" : d)|`}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
	if x.Parts[1].Alignment == nil || !x.Parts[1].HasFormat {
		t.Errorf("alignment %v, format %v", x.Parts[1].Alignment, x.Parts[1].HasFormat)
	}
}

// TestParseLimits checks that what is too long, too deep or too large is refused by the limit's name.
func TestParseLimits(t *testing.T) {
	tests := []struct{ name, code, limit string }{
		{"length", strings.Repeat(" ", parse.MaxSource+1), "expression-length"},
		{"tokens", strings.Repeat("+1", parse.MaxTokens), "expression-tokens"},
		{"parentheses", strings.Repeat("(", 100000) + "1" + strings.Repeat(")", 100000), "expression-tokens"},
		{"nesting", strings.Repeat("(", 10000) + "1" + strings.Repeat(")", 10000), "expression-nesting"},
		{"lambdas", strings.Repeat("x=>", 10000) + "x", "expression-nesting"},
		{"operators", "1" + strings.Repeat("+1", 10000), "expression-chain"},
		{"members", "x" + strings.Repeat(".x", 10000), "expression-chain"},
		{"types", "(A" + strings.Repeat("<A", 10000), "expression-nesting"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var diags syntax.Diagnostics
			parse.Source(tt.code, false, &diags)
			if diags.Len() == 0 {
				t.Fatal("no error")
			}
			for _, d := range diags.All() {
				if strings.Contains(d.Message, tt.limit) {
					return
				}
			}
			t.Errorf("got %v, want the limit %s", diags.All()[0], tt.limit)
		})
	}
}

// TestParseSignatures checks the forms of members in type tables.
func TestParseSignatures(t *testing.T) {
	tests := []struct {
		text string
		kind syntax.MemberKind
		name string
	}{
		{"string Substring(int startIndex, int length)", syntax.MethodMember, "Substring"},
		{"String(char c, int count)", syntax.ConstructorMember, ".ctor"},
		{"int Length { get; }", syntax.PropertyMember, "Length"},
		{"char this[int index] { get; set; }", syntax.IndexerMember, "this"},
		{"const int MaxValue = 2147483647", syntax.ConstantMember, "MaxValue"},
		{"static readonly string Empty", syntax.FieldMember, "Empty"},
		{"Ordinal = 4", syntax.EnumMember, "Ordinal"},
		{"static bool operator ==(string a, string b)", syntax.OperatorMember, "=="},
		{"static int operator >>(int a, int b)", syntax.OperatorMember, ">>"},
		{"static implicit operator XName(string expandedName)", syntax.ConversionMember, "op_Implicit"},
		{"static explicit operator int?(XElement element)", syntax.ConversionMember, "op_Explicit"},
		{"static TSource First<TSource>(this IEnumerable<TSource> source)", syntax.MethodMember, "First"},
		{"static bool TryParse(string s, out int result)", syntax.MethodMember, "TryParse"},
		{"static string Concat(params string[] values)", syntax.MethodMember, "Concat"},
		{"T As<T>(bool preserveContent = false)", syntax.MethodMember, "As"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			s, err := parse.Signature(tt.text, "String")
			if err != nil {
				t.Fatal(err)
			}
			if s.Kind != tt.kind || s.Name != tt.name {
				t.Errorf("got kind %d name %q", s.Kind, s.Name)
			}
		})
	}
}
