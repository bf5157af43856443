package regex

import (
	"strings"

	"github.com/dlclark/regexp2"

	"github.com/sallyport/sallyport/internal/expr/library/collections"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// expand returns a replacement with its $1, ${name}, $$, $&, $`, $', $+ and $_ filled in from a match.
func expand(t *value.Thread, s *subject, m *regexp2.Match, replacement string) (string, *value.Exception) {
	b := value.NewText(t)
	for {
		if b.Err() != nil {
			return b.Done()
		}
		i := strings.IndexByte(replacement, '$')
		if i < 0 || i+1 >= len(replacement) {
			b.Add(replacement)
			return b.Done()
		}
		b.Add(replacement[:i])
		replacement = replacement[i:]
		if e := t.Budget.Step(); e != nil {
			return "", e
		}
		if e := t.Budget.Room(runeBytes * int64(len(s.runes))); e != nil {
			return "", e
		}
		n, text := substitution(s, m, replacement)
		if n == 0 {
			n, text = 1, "$"
		}
		b.Add(text)
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
	b := value.NewText(t)
	m, e := s.p.findAt(s.runes, at)
	from := 0
	for ; m != nil && limit != 0 && e == nil; m, e = s.p.find(s.runes, m) {
		if e := t.Budget.Step(); e != nil {
			return "", e
		}
		if e := s.p.payMatch(t, m); e != nil {
			return "", e
		}
		text, e := with(m)
		if e != nil {
			return "", e
		}
		b.Runes(whole(s.runes[from:m.Index]))
		b.Add(text)
		if b.Err() != nil {
			return b.Done()
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
	b.Runes(whole(s.runes[from:]))
	return b.Done()
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
		if e := s.p.payMatch(t, m); e != nil {
			return nil, e
		}
		if out, e = s.keep(t, out, s.runes[from:m.Index]); e != nil {
			return nil, e
		}
		from = m.Index + m.Length
		for _, g := range m.Groups()[1:] {
			if len(g.Captures) > 0 {
				if out, e = s.keep(t, out, g.Runes()); e != nil {
					return nil, e
				}
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
	return s.keep(t, out, s.runes[from:])
}

// keep appends a part of the text to a list, and charges a run for both.
func (s *subject) keep(t *value.Thread, list []string, part []rune) ([]string, *value.Exception) {
	b := value.NewText(t)
	b.Runes(whole(part))
	text, e := b.Done()
	if e != nil {
		return nil, e
	}
	return value.Append(t, list, text)
}

// runeBytes is what a rune of the text takes at most as a part of it, matchBytes what a match and each of its groups
// and captures take of the memory budget.
const (
	runeBytes  = 4
	matchBytes = 384
)

// payMatch takes the memory of a match.
func (p *pattern) payMatch(t *value.Thread, m *regexp2.Match) *value.Exception {
	n := m.GroupCount()
	if p.stack > 0 {
		if e := t.Budget.Room(p.stack * int64(m.Length)); e != nil {
			return e
		}
		all := m.Groups()
		for i := range all {
			n += len(all[i].Captures) / capturesPerGroup
		}
	}
	return t.Budget.Alloc(matchBytes * int64(n))
}

// capturesPerGroup is how many captures take as much memory as a group.
const capturesPerGroup = 6
