package json

import (
	"regexp"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/library/json/isodate"
	"github.com/sallyport/sallyport/internal/expr/library/json/jsonpath"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// holds decides whether a child is selected by [?(…)].
func (s *selection) holds(f *jsonpath.Filter, t *Token) (bool, *value.Exception) {
	if f.All != nil {
		for _, one := range f.All {
			if ok, e := s.holds(one, t); e != nil || ok == (f.Op == "||") {
				return ok, e
			}
		}
		return f.Op == "&&", nil
	}
	a, e := s.operand(f.Left, t)
	if e != nil || f.Right == nil {
		return len(a) > 0, e
	}
	b, e := s.operand(f.Right, t)
	if e != nil {
		return false, e
	}
	for _, x := range a {
		for _, y := range b {
			if e := s.thread.Budget.Step(); e != nil {
				return false, e
			}
			ok, e := s.compare(f.Op, x, y)
			if ok || e != nil {
				return ok, e
			}
		}
	}
	return false, nil
}

// operand returns the tokens that one side of a comparison stands for.
func (s *selection) operand(o *jsonpath.Operand, t *Token) ([]*Token, *value.Exception) {
	switch {
	case o.Path && o.Root:
		t = s.root
	case !o.Path && o.Quoted:
		return []*Token{s.root.world.scalar(String, value.OfGo(o.Text))}, s.thread.Budget.Alloc(tokenBytes)
	case !o.Path:
		t, e := Parse(s.thread, o.Text, false)
		return []*Token{t}, e
	}
	inner := selection{thread: s.thread, root: s.root}
	return inner.run(t, o.Steps)
}

// compare compares two tokens.
func (s *selection) compare(op string, x, y *Token) (bool, *value.Exception) {
	if x.isContainer() || y.isContainer() {
		if op == "==" {
			return deepEqual(s.thread, x, y)
		}
		return op == "!=" || op == "<>" || op == "!==", nil
	}
	switch op {
	case "==":
		return looselyEqual(x, y), nil
	case "!=", "<>":
		return !looselyEqual(x, y), nil
	case "===":
		return x.kind == y.kind && looselyEqual(x, y), nil
	case "!==":
		return x.kind != y.kind || !looselyEqual(x, y), nil
	case "=~":
		return s.matches(x, y.val.StringOrNull().Go())
	}
	c, ok := orderOf(x, y)
	switch op {
	case "<":
		return ok && c < 0, nil
	case "<=":
		return ok && c <= 0, nil
	case ">":
		return ok && c > 0, nil
	}
	return ok && c >= 0, nil
}

// looselyEqual compares two scalars, numbers of any kind by their value.
func looselyEqual(x, y *Token) bool {
	if x.kind == String && y.kind == Date || x.kind == Date && y.kind == String {
		a, b := scalarText(x), scalarText(y)
		return a == b
	}
	if x.kind == y.kind {
		return sameValue(x, y)
	}
	a, ok1 := numberOf(x)
	b, ok2 := numberOf(y)
	return ok1 && ok2 && a == b
}

func scalarText(t *Token) string {
	if t.kind == Date {
		return isodate.Text(t.val)
	}
	return t.val.StringOrNull().Go()
}

func orderOf(x, y *Token) (int, bool) {
	if x.kind == String && y.kind == String {
		return strings.Compare(scalarText(x), scalarText(y)), true
	}
	a, ok1 := numberOf(x)
	b, ok2 := numberOf(y)
	switch {
	case !ok1 || !ok2:
		return 0, false
	case a < b:
		return -1, true
	case a > b:
		return 1, true
	}
	return 0, true
}

// maxRegex is the length of the longest pattern of a filter, in bytes; regexBytes is what each byte of one costs of the
// memory budget, maxRepeat how often a quantifier may write a part of it out, textStep how many bytes of text it looks
// at in a step.
const (
	maxRegex   = 1 << 10
	regexBytes = 256
	maxRepeat  = 1000
	textStep   = 16
)

// programSize is how many bytes a pattern has at most when its quantifiers are written out.
func programSize(pattern string) int64 {
	size, count := int64(len(pattern)), int64(0)
	for i := range len(pattern) {
		switch c := pattern[i]; {
		case c >= '0' && c <= '9' && count < maxRepeat:
			count = 10*count + int64(c-'0')
		case c < '0' || c > '9':
			size, count = min(size*max(count, 1), int64(len(pattern))*maxRepeat), 0
		}
	}
	return size
}

// matches applies /pattern/options: a pattern of RE2, whose time is linear.
func (s *selection) matches(x *Token, text string) (bool, *value.Exception) {
	end := strings.LastIndexByte(text, '/')
	if x.kind != String || end <= 0 {
		return false, nil
	}
	if len(text) > maxRegex {
		return false, jsonError("The pattern of a path is too long.")
	}
	re, e := s.pattern(text[1:end], text[end+1:])
	if e != nil || re == nil {
		return false, e
	}
	subject := x.val.StringOrNull().Go()
	return re.MatchString(subject), s.thread.Budget.Steps(int64(len(subject)) / textStep)
}

// pattern compiles a pattern, once for all tokens that it is applied to; nil is none that can be compiled.
func (s *selection) pattern(pattern, options string) (*regexp.Regexp, *value.Exception) {
	if options != "" {
		pattern = "(?" + strings.ReplaceAll(options, "x", "") + ")" + pattern
	}
	if s.re == nil || s.re.String() != pattern {
		size := programSize(pattern)
		if e := s.thread.Budget.Alloc(size * regexBytes); e != nil {
			return nil, e
		}
		if e := s.thread.Budget.Steps(size); e != nil {
			return nil, e
		}
		re, err := regexp.Compile(pattern)
		if err != nil {
			return nil, nil
		}
		s.re = re
	}
	return s.re, nil
}
