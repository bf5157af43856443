package document

import (
	"iter"
	"slices"
	"sort"
	"strings"
)

// maxNamedValueName bounds the name in "{{name}}", as the management API does.
const maxNamedValueName = 256

// Reference is one "{{name}}" in a document.
type Reference struct {
	// Name is the named value's name.
	Name string
	// Pos is the position of the first brace.
	Pos Position
	// Start and End are byte offsets in the document: of the first brace and
	// behind the last one.
	Start, End int
}

// NamedValues returns all references to named values in a document, in order.
// It looks at text only: what stands in a comment or in a Liquid template is
// returned too; see Unresolved.
func NamedValues(src []byte) []Reference {
	return slices.Collect(references(string(src)))
}

func references(text string) iter.Seq[Reference] {
	return func(yield func(Reference) bool) {
		var lines *source
		var last Position
		for at := 0; ; {
			i := strings.Index(text[at:], "{{")
			if i < 0 {
				return
			}
			start := at + i
			name, width := namedValue(text[start:])
			if width == 0 {
				at = start + 1
				continue
			}
			if lines == nil {
				lines = newSource(text, nil)
			}
			last = lines.positionAfter(last, start)
			if !yield(Reference{Name: name, Pos: last, Start: start, End: start + width}) {
				return
			}
			at = start + width
		}
	}
}

// namedValue reads the reference that text, which starts with "{{", starts with.
// The width is 0 where that is no reference.
func namedValue(text string) (name string, width int) {
	start := len("{{")
	for start < len(text) && isSpace(text[start]) {
		start++
	}
	end := start
	for end < len(text) && isNamedValuePart(text[end]) {
		end++
	}
	if end == start || end-start > maxNamedValueName {
		return "", 0
	}
	behind := end
	for behind < len(text) && isSpace(text[behind]) {
		behind++
	}
	if !strings.HasPrefix(text[behind:], "}}") {
		return "", 0
	}
	return text[start:end], behind + len("}}")
}

func isNamedValuePart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.'
}

// Mapping says where the parts of a document with named values put in come from.
type Mapping struct {
	original string
	parts    []mapped   // ascending; empty when nothing was put in.
	over     *Reference // where the document would have become too long, or nil.
}

// mapped is a part of the output that begins at the offset out and comes from
// the offset in of the original. The value of a named value comes as a whole
// from its reference.
type mapped struct {
	out, in int
	name    string // of the named value whose value this is, or empty.
}

// output returns the document out, which Substitute returned with the mapping,
// as a string, without a copy where nothing was put in.
func (m *Mapping) output(out []byte) string {
	if m != nil && len(m.parts) == 0 && len(out) == len(m.original) {
		return m.original
	}
	return string(out)
}

// Original maps an offset in the output of Substitute to one in its input. All
// of a named value's value maps to its reference.
func (m *Mapping) Original(offset int) int {
	part, ok := m.part(offset)
	if !ok {
		return offset
	}
	if part.name != "" {
		return part.in
	}
	return part.in + offset - part.out
}

func (m *Mapping) part(offset int) (mapped, bool) {
	i := sort.Search(len(m.parts), func(i int) bool { return m.parts[i].out > offset }) - 1
	if i < 0 {
		return mapped{}, false
	}
	return m.parts[i], true
}

// namedValueIn returns the name of the first named value that put something into
// the output between two offsets. Values may be secret: they are not to be
// quoted in messages.
func (m *Mapping) namedValueIn(start, end int) (string, bool) {
	if m == nil {
		return "", false
	}
	first := sort.Search(len(m.parts), func(i int) bool { return m.parts[i].out > start }) - 1
	for i := max(first, 0); i < len(m.parts) && m.parts[i].out < max(end, start+1); i++ {
		if m.parts[i].name != "" {
			return m.parts[i].name, true
		}
	}
	return "", false
}

// Substitute puts named values into a document, as text, before it is parsed.
// The value of a name is what lookup returns; where it returns false, the
// reference stays as it is and is returned as unknown. The output is for
// ParseMapped, which with the mapping gives all positions in src.
//
// The output is never longer than MaxSubstitutedBytes; where it would be,
// references stay and ParseMapped returns an error.
func Substitute(src []byte, lookup func(name string) (string, bool)) (out []byte, mapping *Mapping, unknown []Reference) {
	mapping = &Mapping{original: string(src)}
	copied := 0
	for ref := range references(mapping.original) {
		value, ok := lookup(ref.Name)
		if !ok {
			if len(unknown) < MaxReferences {
				unknown = append(unknown, ref)
			}
			continue
		}
		if len(out)+len(src)-copied+len(value) > MaxSubstitutedBytes {
			mapping.over = &ref
			break
		}
		mapping.parts = append(mapping.parts, mapped{out: len(out), in: copied})
		out = append(out, src[copied:ref.Start]...)
		mapping.parts = append(mapping.parts, mapped{out: len(out), in: ref.Start, name: ref.Name})
		out = append(out, value...)
		copied = ref.End
	}
	if copied == 0 {
		return src, mapping, unknown
	}
	mapping.parts = append(mapping.parts, mapped{out: len(out), in: copied})
	return append(out, src[copied:]...), mapping, unknown
}

// Unresolved returns those of the unknown references that are mistakes. Left out
// are references in comments, in Liquid templates, where {{name}} is Liquid's
// own, and with a third brace, which is C# ("{{{x}}}" in an interpolated string).
func Unresolved(root *Element, unknown []Reference) []Reference {
	if root.src == nil || len(unknown) == 0 {
		return unknown
	}
	exempt := liquidSpans(root, nil)
	for _, c := range root.src.comments {
		exempt = append(exempt, span{root.src.origin(c.start), root.src.origin(c.end)})
	}
	var list []Reference
	original := root.src.original
	for _, ref := range unknown {
		if !within(exempt, ref.Start) && !strings.HasSuffix(original[:ref.Start], "{") &&
			!strings.HasPrefix(original[ref.End:], "}") {
			list = append(list, ref)
		}
	}
	return list
}

func liquidSpans(e *Element, spans []span) []span {
	if e.isLiquid() {
		return append(spans, span{e.Pos.Offset, e.End.Offset})
	}
	for _, child := range e.Children {
		spans = liquidSpans(child, spans)
	}
	return spans
}

func within(spans []span, offset int) bool {
	for _, s := range spans {
		if s.start <= offset && offset < s.end {
			return true
		}
	}
	return false
}
