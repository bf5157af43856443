package regex

import (
	"sync/atomic"

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
	if len(u.Args) == 1 {
		return types.ObjStrBool(isMatchOf)
	}
	if u.Args[0].Known {
		return nil
	}
	pattern, options, ok := knownPattern(u, 1)
	if !ok {
		return nil
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

// knownPattern returns the pattern and the options of a use where nothing after the first n arguments is unknown.
func knownPattern(u *types.Use, n int) (pattern string, options int64, ok bool) {
	for _, a := range u.Args[n:] {
		if !a.Known {
			return "", 0, false
		}
	}
	if len(u.Args) > n+1 {
		options = u.Args[n+1].Value.Int()
	}
	pattern, ok = u.Text(n)
	return pattern, options, ok
}

// isMatchOf is IsMatch of a Regex.
func isMatchOf(t *value.Thread, o value.Value, s value.String) (bool, *value.Exception) {
	if r, ok := value.As[*compiled](o); ok && r.test != nil && !s.IsNull() {
		if matched, known, e := r.test(t, s.Go()); known || e != nil {
			return matched, e
		}
	}
	v, e := isMatch(instance)(&value.Call{Thread: t, Args: []value.Value{o, value.OfString(s)}})
	return v.Bool(), e
}

// bindRegex binds the known pattern of a new Regex, which is made once: it never changes.
func bindRegex(u *types.Use) types.Impl {
	pattern, options, ok := knownPattern(u, 0)
	if !ok {
		return nil
	}
	test, class := testOf(pattern, options), u.Result
	var last atomic.Pointer[compiled]
	return types.RunVal(func(t *value.Thread) (value.Value, *value.Exception) {
		if r := last.Load(); r != nil && r.p.re.MatchTimeout == t.Budget.Limits.RegexTime {
			return value.OfObject(r), nil
		}
		p, e := compile(t, pattern, options)
		if e != nil {
			return value.Nil, e
		}
		r := &compiled{class: class, p: p, test: test}
		last.Store(r)
		return value.OfObject(r), nil
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
