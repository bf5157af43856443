package model

import (
	"bytes"
	"slices"
)

// maxSortedSize bounds what sortKeys takes, in bytes: it looks at a value once
// for each object that the value is in.
const maxSortedSize = 1 << 20

// sortKeys returns compact JSON, as encoding/json writes it, with the members
// of all objects in the order of their names. It reports false where it cannot
// tell without reading more closely: white space, and escapes that may have
// another form. [Canonical] does that then.
func sortKeys(compact []byte) ([]byte, bool) {
	if len(compact) > maxSortedSize {
		return nil, false
	}
	s := keySorter{src: compact, out: make([]byte, 0, len(compact))}
	end, ok := s.value(0, 0)
	return s.out, ok && end == len(compact)
}

type keySorter struct {
	src []byte
	out []byte
}

// keySpan is a member of an object: where its name, without quotes, and its
// value end and begin in the source.
type keySpan struct {
	name       []byte
	start, end int // Of the value.
}

// value appends the value at i and returns where it ends.
func (s *keySorter) value(i, depth int) (int, bool) {
	if i >= len(s.src) || depth > maxPropertyDepth {
		return i, false
	}
	switch s.src[i] {
	case '{':
		return s.object(i, depth)
	case '[':
		return s.list(i, depth)
	default:
		end, ok := s.skipScalar(i)
		s.out = append(s.out, s.src[i:end]...)
		return end, ok
	}
}

func (s *keySorter) list(i, depth int) (int, bool) {
	s.out = append(s.out, '[')
	i++
	if i < len(s.src) && s.src[i] == ']' {
		s.out = append(s.out, ']')
		return i + 1, true
	}
	for {
		end, ok := s.value(i, depth+1)
		if !ok || end >= len(s.src) {
			return end, false
		}
		s.out = append(s.out, s.src[end])
		switch s.src[end] {
		case ',':
			i = end + 1
		case ']':
			return end + 1, true
		default:
			return end, false
		}
	}
}

func (s *keySorter) object(i, depth int) (int, bool) {
	var few [24]keySpan
	spans, end, ok := s.members(few[:0], i, depth)
	if !ok {
		return end, false
	}
	byName := func(a, b keySpan) int { return bytes.Compare(a.name, b.name) }
	if !slices.IsSortedFunc(spans, byName) {
		slices.SortFunc(spans, byName)
	}
	s.out = append(s.out, '{')
	for n, span := range spans {
		if n > 0 {
			if bytes.Equal(span.name, spans[n-1].name) {
				return end, false
			}
			s.out = append(s.out, ',')
		}
		s.out = append(s.out, '"')
		s.out = append(s.out, span.name...)
		s.out = append(s.out, '"', ':')
		if _, ok := s.value(span.start, depth+1); !ok {
			return end, false
		}
	}
	s.out = append(s.out, '}')
	return end, true
}

// members finds the members of the object at i, and where the object ends.
func (s *keySorter) members(spans []keySpan, i, depth int) ([]keySpan, int, bool) {
	i++
	if i < len(s.src) && s.src[i] == '}' {
		return spans, i + 1, true
	}
	for i < len(s.src) {
		end, ok := s.skipScalar(i)
		if !ok || s.src[i] != '"' || end >= len(s.src) || s.src[end] != ':' {
			return spans, i, false
		}
		span := keySpan{name: s.src[i+1 : end-1], start: end + 1}
		if bytes.IndexByte(span.name, '\\') >= 0 {
			return spans, i, false
		}
		if span.end, ok = s.skip(span.start, depth+1); !ok || span.end >= len(s.src) {
			return spans, i, false
		}
		spans = append(spans, span)
		switch s.src[span.end] {
		case ',':
			i = span.end + 1
		case '}':
			return spans, span.end + 1, true
		default:
			return spans, i, false
		}
	}
	return spans, i, false
}

// skip returns where the value at i ends.
func (s *keySorter) skip(i, depth int) (int, bool) {
	if i >= len(s.src) || depth > maxPropertyDepth {
		return i, false
	}
	if c := s.src[i]; c != '{' && c != '[' {
		return s.skipScalar(i)
	}
	for open := 0; i < len(s.src); {
		switch s.src[i] {
		case '{', '[':
			open++
		case '}', ']':
			if open--; open == 0 {
				return i + 1, true
			}
		case '"':
			end, ok := s.skipScalar(i)
			if !ok {
				return i, false
			}
			i = end
			continue
		}
		i++
	}
	return i, false
}

// skipScalar returns where the string, number or word at i ends. It refuses
// strings with an escape that has a shorter form, and white space.
func (s *keySorter) skipScalar(i int) (int, bool) {
	if i >= len(s.src) {
		return i, false
	}
	if s.src[i] != '"' {
		start := i
		for i < len(s.src) && isScalarByte(s.src[i]) {
			i++
		}
		return i, i > start
	}
	for i++; i < len(s.src); i++ {
		switch s.src[i] {
		case '"':
			return i + 1, true
		case '\\':
			if i++; i >= len(s.src) || s.src[i] == 'u' || s.src[i] == '/' {
				return i, false
			}
		}
	}
	return i, false
}

func isScalarByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c == '-' || c == '+' || c == '.' || c == 'E'
}
