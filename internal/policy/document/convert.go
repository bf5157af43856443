package document

import (
	"bytes"
	"fmt"
	"slices"
	"sort"
	"strings"
)

// Convert writes a document of one format in the other: expressions are escaped
// as XML demands, or as typed, and everything else (layout, comments, what is
// literal) stays as it is. Where that would not read as the same elements, the
// document is written in its canonical layout instead. The error is Parse's.
func Convert(src []byte, from, to Format) ([]byte, error) {
	limits := Limits{DocumentBytes: MaxSubstitutedBytes, FragmentBytes: MaxSubstitutedBytes}
	root, err := Parse(src, from, limits)
	if err != nil || (from == XML) == (to == XML) {
		return src, err
	}
	var converted []byte
	if to == XML {
		converted = escapeExpressions(root)
	} else {
		converted = unescapeExpressions(root)
	}
	want, err := canonical(root)
	if err != nil {
		return nil, err
	}
	if again, err := Parse(converted, to, limits); err == nil {
		if got, err := canonical(again); err == nil && bytes.Equal(got, want) {
			return converted, nil
		}
	}
	var out bytes.Buffer
	if err := Write(&out, root, to); err != nil {
		return nil, fmt.Errorf("converting a policy document from %s to %s: %w", from, to, err)
	}
	return out.Bytes(), nil
}

// canonical is what two documents that mean the same have in common.
func canonical(root *Element) ([]byte, error) {
	var out bytes.Buffer
	err := Write(&out, root, RawXML)
	return out.Bytes(), err
}

// escapeExpressions replaces what the reader has noted as not XML.
func escapeExpressions(root *Element) []byte {
	p := &printer{xml: true}
	text, at := root.src.text, 0
	tags := tagSpans(root, nil)
	for _, s := range root.src.raw {
		p.out.WriteString(text[at:s.start])
		at = s.end
		if inTag(tags, s.start) || strings.HasSuffix(text[:s.start], "<!--") {
			p.asXML(text, s)
		} else {
			p.escape(decoded(text[s.start:s.end]), false)
		}
	}
	p.out.WriteString(text[at:])
	return p.out.Bytes()
}

// decoded is a text with the references in it replaced and lines ended with
// "\n", as readers have it.
func decoded(text string) string {
	var b textBuilder
	b.decode(text, 0, len(text))
	return b.text(&source{text: text}).Value
}

// inTag says whether an offset is in one of the spans, which are in order.
func inTag(tags []span, offset int) bool {
	i := sort.Search(len(tags), func(i int) bool { return tags[i].start > offset }) - 1
	return i >= 0 && offset < tags[i].end
}

// tagSpans are the places of the start tags, in which attributes stand, in
// order.
func tagSpans(e *Element, spans []span) []span {
	spans = append(spans, span{e.Pos.Offset, e.start})
	for _, child := range e.Children {
		spans = tagSpans(child, spans)
	}
	return spans
}

// replacement puts a text in the place of a span.
type replacement struct {
	span
	text string
}

// unescapeExpressions writes the expressions of an XML document as typed.
func unescapeExpressions(root *Element) []byte {
	found := expressionsOf(root, nil)
	slices.SortFunc(found, func(a, b replacement) int { return a.start - b.start })
	var out bytes.Buffer
	text, at := root.src.text, 0
	for _, r := range found {
		if r.start < at || r.end < r.start {
			continue
		}
		out.WriteString(text[at:r.start])
		out.WriteString(r.text)
		at = r.end
	}
	out.WriteString(text[at:])
	return out.Bytes()
}

func expressionsOf(e *Element, found []replacement) []replacement {
	for _, a := range e.Attributes {
		if a.Value.Expression {
			found = append(found, inside(a.Value))
		}
	}
	if e.Text.Expression {
		found = append(found, inside(e.Text))
	}
	for _, at := range e.Text.Mixed {
		if end, err := scanExpression(e.Text.Value, at, false, MaxExpressionDepth); err == nil {
			found = append(found, inside(e.Text.slice(at, end)))
		}
	}
	for _, child := range e.Children {
		found = expressionsOf(child, found)
	}
	return found
}

// inside is C# as typed in the place where it stands escaped.
func inside(t Text) replacement {
	p := &printer{}
	p.code(t.Value)
	return replacement{span{t.textOffset(0), t.textOffset(len(t.Value))}, p.out.String()}
}
