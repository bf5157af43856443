package regex

import (
	"testing"
	"time"

	"github.com/dlclark/regexp2"
)

// TestLinear compares both engines on texts around each pattern.
func TestLinear(t *testing.T) {
	texts := []string{"", "a", "A", "ab", "a\n", "a\nb", "\n", "aa\n\n", "a1_b", "/orders/7/lines", "a.b", "a-b", "a]b", "\v", "x y", "{", "a{2", "aaa", "a\r", "foo@bar.example"}
	patterns := []string{
		"a", "^a$", "a$", "^$", "$", "$a|b", "(a|b)+", "a{2}", "a{2,}", "a{", "{", "[a-c]+$", "[^a]", "[^a]$", `^\d+$`, `^\w+$`, `\s`, `[\s]`, `[\d_]`, `\bb`, `\W`, `\D$`,
		`a\.b`, `a\-b`, `^/orders/[0-9]+/lines$`, `^\/orders`, `a.b`, `a.$`, `(?:a|b)*?$`, `(a*)*$`, `a??b`, `[a\]]`, `[a-]b`, `[$]`, `^[^@\s]+@[^@\s]+\.[^@\s]+$`, "(a$)|b", "x*", `a\n`, `[\n]`,
	}
	compared := 0
	for _, pattern := range patterns {
		for _, options := range []regexp2.RegexOptions{regexp2.None, regexp2.IgnoreCase} {
			linear := linearOf(pattern, options)
			if linear == nil {
				t.Logf("%s is left to the other engine", pattern)
				continue
			}
			re, automaton := regexp2.MustCompile(pattern, options), newAutomaton(linear.String())
			if automaton == nil {
				t.Errorf("%s has no automaton", pattern)
				continue
			}
			for _, text := range texts {
				want, err := re.MatchString(text)
				if err != nil {
					t.Fatal(err)
				}
				if got := linear.MatchString(text); got != want {
					t.Errorf("%s with options %d on %q: %v, want %v", pattern, options, text, got, want)
				}
				if got, known := automaton.match(text); got != want || !known {
					t.Errorf("the automaton of %s with options %d on %q: %v, want %v", pattern, options, text, got, want)
				}
				compared++
			}
		}
	}
	if compared < 1000 {
		t.Errorf("only %d comparisons", compared)
	}
}

// TestLinear_Refused are patterns that mean something else to the other engine, or nothing.
func TestLinear_Refused(t *testing.T) {
	for _, pattern := range []string{`(?=a)`, `(?<n>a)`, `(?i)a`, `(a)\1`, `\p{L}`, `[[:alpha:]]`, `[a-z-[b]]`, `[]a]`, `[^]a]`, `\Ga`, `\Z`, `é`, `\u0041`, `[\b]`, `a\`, `\x41`, `\e`, "a\tb", `\B`} {
		if linearOf(pattern, regexp2.None) != nil {
			t.Errorf("%s is taken", pattern)
		}
	}
	if linearOf("a", regexp2.Multiline) != nil || linearOf("a", regexp2.RightToLeft) != nil {
		t.Error("an option is taken that is not known")
	}
}

// FuzzLinear wants the same answer of both engines wherever the linear one takes a pattern.
func FuzzLinear(f *testing.F) {
	f.Add(`^[a-z]+\d*$`, "abc12")
	f.Add(`(a|b)*?\s$`, "ab \n")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 40 || len(text) > 40 {
			return
		}
		for i := range len(text) {
			if text[i] >= 0x80 {
				return
			}
		}
		linear := linearOf(pattern, regexp2.None)
		re, err := regexp2.Compile(pattern, regexp2.None)
		if linear == nil || err != nil {
			return
		}
		re.MatchTimeout = time.Second
		want, err := re.MatchString(text)
		if err == nil && linear.MatchString(text) != want {
			t.Errorf("%q on %q: want %v", pattern, text, want)
		}
		if a := newAutomaton(linear.String()); a != nil {
			if got, known := a.match(text); known && got != linear.MatchString(text) {
				t.Errorf("the automaton of %q on %q says %v", pattern, text, got)
			}
		}
	})
}

// TestAutomaton_Bounds are patterns whose automaton would be too large, and a text that it cannot judge.
func TestAutomaton_Bounds(t *testing.T) {
	for _, pattern := range []string{"(?:a|b)*a(?:a|b){9}", "[a-z]{300}"} {
		if newAutomaton(pattern) != nil {
			t.Errorf("%s has an automaton", pattern)
		}
	}
	a := newAutomaton("^a+b$")
	if matched, known := a.match("aaé"); matched || known {
		t.Errorf("a text that is not ASCII: %v, %v", matched, known)
	}
	if matched, known := a.match("xé"); matched || !known {
		t.Errorf("a text that fails before: %v, %v", matched, known)
	}
}
