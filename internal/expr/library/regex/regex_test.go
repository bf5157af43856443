package regex_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// compiler is made once for all tests.
var compiler = sync.OnceValues(expr.NewCompiler)

func run(t *testing.T, code string) (string, error) {
	t.Helper()
	c, err := compiler()
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Compile(expr.Source{Code: code})
	if err != nil {
		t.Fatal(err)
	}
	s, _, err := p.Text(&expr.Context{Static: &host.Static{}, Limits: value.Limits{RegexTime: 200e6}})
	return s, err
}

// TestRegex checks the members of Regex and of what it finds.
func TestRegex(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"groups by name and number", `Regex.Match("k=v", @"(?<key>\w)=(\w)").Groups["key"].Value + Regex.Match("k=v", @"(\w)=(\w)").Groups[2].Value`, "kv"},
		{"a failed group", `Regex.Match("a", "(b)?a").Groups[1].Success + Regex.Match("x", "y").Value`, "False"},
		{"captures", `string.Join(",", Enumerable.Range(0, 3).Select(i => Regex.Match("abc", "(.)+").Groups[1].Captures[i].Value))`, "a,b,c"},
		{"places count UTF-16 units", `Regex.Match("\U0001F600x", "x").Index + "," + Regex.Match("\U0001F600", ".+").Length`, "2,2"},
		{"matches", `string.Join(",", Regex.Matches("a1b22", @"\d+").Cast<Match>().Select(m => m.Value + m.Index))`, "11,223"},
		{"replacement patterns", `Regex.Replace("john smith", @"(?<f>\w+) (\w+)", "$1|${f}|$0|$$|$&|$9|${x}")`, "smith|john|john smith|$|john smith|$9|${x}"},
		{"replacement by function", `Regex.Replace("a1b2", @"\d", m => (int.Parse(m.Value) * 2).ToString())`, "a2b4"},
		{"replacement of the first", `new Regex("a").Replace("aaa", "b", 2)`, "bba"},
		{"empty matches", `Regex.Replace("abc", "x*", "-")`, "-a-b-c-"},
		{"split with groups", `string.Join("|", Regex.Split("a1b2c", @"(\d)"))`, "a|1|b|2|c"},
		{"options", `Regex.IsMatch("ABC", "abc", RegexOptions.IgnoreCase) + "" + Regex.IsMatch("a\nb", "^b", RegexOptions.Multiline) + Regex.IsMatch("ab", "a b", RegexOptions.IgnorePatternWhitespace)`, "TrueTrueTrue"},
		{"what RE2 does not have", `Regex.IsMatch("foobar", "foo(?=bar)") + "" + Regex.IsMatch("abab", @"(ab)\1") + Regex.IsMatch("bar", "(?<!foo)bar")`, "TrueTrueTrue"},
		{"unescape", `Regex.Unescape(@"a\.b")`, "a.b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := run(t, tt.code); err != nil || got != tt.want {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

// TestCatastrophe checks that a pattern that would take ages is stopped by its limit, and cannot be caught.
func TestCatastrophe(t *testing.T) {
	text := strings.Repeat("a", 64<<10)
	for _, pattern := range []string{`^(a+)+$`, `^(a|aa)+$`, `(.*)*b`, `^(([a-z])+.)+[A-Z]$`} {
		_, err := run(t, `Regex.IsMatch("`+text+`!", "`+pattern+`")`)
		var x *expr.Exception
		if err == nil {
			continue // Found at once not to match.
		}
		if !errors.As(err, &x) || x.Budget != value.BudgetRegexTime {
			t.Errorf("%s: got %v, want the limit %s", pattern, err, value.BudgetRegexTime)
		}
	}
}

// TestBadPattern checks that a pattern that does not parse is an ArgumentException.
func TestBadPattern(t *testing.T) {
	for _, pattern := range []string{"(", "[a", "a{2,1}", "*", `(?<n`, `\p{No}x\`} {
		_, err := run(t, `Regex.IsMatch("a", @"`+pattern+`")`)
		var x *expr.Exception
		if !errors.As(err, &x) || x.Type != value.ArgumentException {
			t.Errorf("%s: got %v", pattern, err)
		}
	}
}
