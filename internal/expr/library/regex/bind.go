package regex

import (
	"github.com/dlclark/regexp2"

	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// knownOptions are the bits of RegexOptions that there are; of them Compiled and CultureInvariant change nothing here.
const (
	knownOptions   = 0x3FF
	ignoredOptions = 0x208
)

// bindIsMatch binds a known pattern of the static IsMatch that the linear engine takes. A text that is not ASCII, where
// the engines differ, goes the general way.
func bindIsMatch(u *types.Use) types.Impl {
	pattern, ok := u.Text(1)
	if !ok || u.Args[0].Known {
		return nil
	}
	for _, a := range u.Args[1:] {
		if !a.Known {
			return nil
		}
	}
	options := int64(0)
	if len(u.Args) > 2 {
		options = u.Args[2].Value.Int()
	}
	test := testOf(pattern, options)
	if test == nil {
		return nil
	}
	general := isMatch(static(0))
	rest := make([]value.Value, 0, len(u.Args))
	for _, a := range u.Args {
		rest = append(rest, a.Value)
	}
	return types.NullStrTest(func(t *value.Thread, s value.String) (bool, *value.Exception) {
		if s.IsNull() {
			return false, value.NullArgument("input")
		}
		if matched, known, e := test(t, s.Go()); known || e != nil {
			return matched, e
		}
		args := append([]value.Value{value.OfString(s)}, rest[1:]...)
		v, e := general(&value.Call{Thread: t, Args: args})
		return v.Bool(), e
	})
}

// tester reports whether a text matches, and whether it could be said.
type tester func(t *value.Thread, text string) (matched, known bool, e *value.Exception)

// testOf returns the quickest test of a pattern, or nil where the linear engine does not take it.
func testOf(pattern string, options int64) tester {
	if options&^knownOptions != 0 || len(pattern) > maxLinear {
		return nil
	}
	flags := regexp2.RegexOptions(options &^ ignoredOptions)
	linear := linearOf(pattern, flags)
	if linear == nil {
		return nil
	}
	if _, err := regexp2.Compile(pattern, flags); err != nil {
		return nil
	}
	if a := newAutomaton(linear.String()); a != nil {
		return func(t *value.Thread, text string) (bool, bool, *value.Exception) {
			if len(text) >= stepBytes*timedSteps {
				if e := t.Budget.Steps(int64(len(text)) / stepBytes); e != nil {
					return false, true, e
				}
			}
			matched, known := a.match(text)
			return matched, known, nil
		}
	}
	return func(t *value.Thread, text string) (bool, bool, *value.Exception) {
		if !value.ASCII(text) {
			return false, false, nil
		}
		e := t.Budget.Steps(int64(len(text)) / stepBytes)
		return e == nil && linear.MatchString(text), true, e
	}
}

// timedSteps is the number of steps below which an automaton takes none of the budget.
const timedSteps = 8
