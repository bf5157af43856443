package regex

import (
	"strings"

	"github.com/dlclark/regexp2"

	"github.com/sallyport/sallyport/internal/expr/library/collections"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// expand returns a replacement with its $1, ${name}, $$, $&, $`, $', $+ and $_ filled in from a match.
func expand(t *value.Thread, s *subject, m *regexp2.Match, replacement string) (string, *value.Exception) {
	var b strings.Builder
	for {
		if int64(b.Len()) > t.Budget.Limits.StringLength {
			return "", t.Budget.AllocString(int64(b.Len()))
		}
		i := strings.IndexByte(replacement, '$')
		if i < 0 || i+1 >= len(replacement) {
			b.WriteString(replacement)
			return b.String(), nil
		}
		b.WriteString(replacement[:i])
		replacement = replacement[i:]
		n, text := substitution(s, m, replacement)
		if n == 0 {
			n, text = 1, "$"
		}
		b.WriteString(text)
		replacement = replacement[n:]
	}
}

// substitution reads what stands at $ and returns its length and its text, 0 where it is no substitution.
func substitution(s *subject, m *regexp2.Match, r string) (int, string) {
	end := m.Index + m.Length
	switch c := r[1]; c {
	case '$':
		return 2, "$"
	case '&':
		return 2, m.String()
	case '`':
		return 2, string(s.runes[:m.Index])
	case '\'':
		return 2, string(s.runes[end:])
	case '_':
		return 2, s.text
	case '+':
		all := m.Groups()
		return 2, all[len(all)-1].String()
	case '{':
		i := strings.IndexByte(r, '}')
		if i < 0 {
			return 0, ""
		}
		if g := groupOf(m, r[2:i]); g != nil {
			return i + 1, g.String()
		}
		return 0, ""
	}
	// As many digits as name a group.
	n, best := 1, 0
	for n < len(r) && r[n] >= '0' && r[n] <= '9' && n < 9 {
		n++
		if groupOf(m, r[1:n]) != nil {
			best = n
		}
	}
	if best == 0 || best != n {
		return 0, ""
	}
	return best, groupOf(m, r[1:best]).String()
}

// groupOf returns the group of that name or number, or nil.
func groupOf(m *regexp2.Match, name string) *regexp2.Group {
	all := m.Groups()
	for i := range all {
		if all[i].Name == name {
			return &all[i]
		}
	}
	return nil
}

// replaceAll replaces up to limit matches (all for -1) by what with makes of each.
func replaceAll(t *value.Thread, s *subject, limit, at int, with func(m *regexp2.Match) (string, *value.Exception)) (string, *value.Exception) {
	var b strings.Builder
	m, e := s.p.findAt(s.runes, at)
	from := 0
	for ; m != nil && limit != 0 && e == nil; m, e = s.p.find(s.runes, m) {
		if e := t.Budget.Step(); e != nil {
			return "", e
		}
		text, e := with(m)
		if e != nil {
			return "", e
		}
		b.WriteString(string(s.runes[from:m.Index]))
		b.WriteString(text)
		if int64(b.Len()) > t.Budget.Limits.StringLength {
			return "", t.Budget.AllocString(int64(b.Len()))
		}
		from = m.Index + m.Length
		limit--
	}
	if e != nil {
		return "", e
	}
	if from == 0 && b.Len() == 0 {
		return s.text, nil
	}
	b.WriteString(string(s.runes[from:]))
	return b.String(), nil
}

// replacer makes the function that a replacement argument stands for: a text, or a MatchEvaluator.
func replacer(t *value.Thread, s *subject, v value.Value) (func(m *regexp2.Match) (string, *value.Exception), *value.Exception) {
	if text, ok := v.Str(); ok {
		return func(m *regexp2.Match) (string, *value.Exception) { return expand(t, s, m, text.Go()) }, nil
	}
	o, _ := v.Object()
	d, ok := o.(*value.Delegate)
	if !ok {
		return nil, value.NullArgument("replacement")
	}
	return func(m *regexp2.Match) (string, *value.Exception) {
		r, e := collections.Invoke(t, d, newMatch(t, s, m))
		return r.StringOrNull().Go(), e
	}, nil
}

// split returns the text between matches and the groups captured in them.
func split(t *value.Thread, s *subject, limit int) ([]string, *value.Exception) {
	if limit == 1 {
		return []string{s.text}, nil
	}
	var out []string
	from := 0
	m, e := s.p.find(s.runes, nil)
	for ; m != nil && limit != 1 && e == nil; m, e = s.p.find(s.runes, m) {
		if e := t.Budget.Step(); e != nil {
			return nil, e
		}
		out = append(out, string(s.runes[from:m.Index]))
		from = m.Index + m.Length
		for _, g := range m.Groups()[1:] {
			if len(g.Captures) > 0 {
				out = append(out, g.String())
			}
		}
		limit--
	}
	if e != nil {
		return nil, e
	}
	if out == nil {
		return []string{s.text}, nil
	}
	return append(out, string(s.runes[from:])), nil
}
