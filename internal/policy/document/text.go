package document

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// Text is the value of an attribute or the text of an element, with entities
// decoded and "\r\n" read as "\n".
type Text struct {
	// Value is the literal text, or the C# source between the outer brackets when
	// Expression is true.
	Value string
	// Expression says that the whole text is "@( … )" or "@{ … }".
	Expression bool
	// Block says that it is "@{ … }": statements that return a value.
	Block bool
	// Mixed holds the offsets in Value where "@(" or "@{" begins something that
	// reads as an expression although there is other text beside it. Such a text
	// is literal; who expects an expression refuses it.
	Mixed []int
	// Pos is the position of the first character of Value.
	Pos Position

	src  *source // nil for a text that was not read.
	runs []run   // how Value maps to src.text; ascending.
	from int     // where Value stands in src.text when there are no runs.
}

// run is a part of a value that begins at the offset value and comes from the
// offset text. A literal run maps byte for byte; any other run stands for one
// reference or line end, and all of it maps to where that begins.
type run struct {
	value, text int
	literal     bool
	cdata       bool
}

// Literal returns a Text for a document that is written, not read.
func Literal(value string) Text { return Text{Value: value} }

// Expression returns a Text with C# source for a document that is written, not
// read. With block the source is statements, to stand in "@{ … }".
func Expression(source string, block bool) Text {
	return Text{Value: source, Expression: true, Block: block}
}

// IsZero says that there is no text at all.
func (t Text) IsZero() bool { return t.Value == "" && !t.Expression }

// PositionAt returns the position in the document of the byte at an offset in
// Value. The offset len(Value) gives the position behind it. A Text that was not
// read from a document has only its Pos.
func (t Text) PositionAt(offset int) Position {
	if t.src == nil {
		return t.Pos
	}
	return t.src.positionAfter(t.Pos, t.textOffset(offset))
}

// Quotable returns Value for a message, or "{{name}}" where a named value has put
// something into it: named values may be secret.
func (t Text) Quotable() string {
	if t.src == nil || t.Value == "" {
		return t.Value
	}
	if name, ok := t.src.mapping.namedValueIn(t.textOffset(0), t.textOffset(len(t.Value))); ok {
		return "{{" + name + "}}"
	}
	return t.Value
}

// Trim returns the text without white space around it, with the position of what
// is left. An expression stays as it is.
func (t Text) Trim() Text {
	start, end := trimSpace(t.Value)
	if t.Expression || end-start == len(t.Value) {
		return t
	}
	return t.slice(start, end)
}

// slice returns the part of t between two offsets in Value.
func (t Text) slice(start, end int) Text {
	part := t
	part.Value = t.Value[start:end]
	part.Pos = t.PositionAt(start)
	part.Mixed = nil
	for _, at := range t.Mixed {
		if at >= start && at < end {
			part.Mixed = append(part.Mixed, at-start)
		}
	}
	part.from = t.from + start
	part.runs = nil
	for i, r := range t.runs {
		if i+1 < len(t.runs) && t.runs[i+1].value <= start {
			continue
		}
		if r.value > end {
			break
		}
		if r.value < start {
			if r.literal {
				r.text += start - r.value
			}
			r.value = start
		}
		r.value -= start
		part.runs = append(part.runs, r)
	}
	return part
}

// textOffset maps an offset in Value to one in src.text.
func (t Text) textOffset(offset int) int {
	offset = min(max(offset, 0), len(t.Value))
	r := t.runAt(offset)
	if r.literal {
		return r.text + offset - r.value
	}
	return r.text
}

// runAt returns the run that the byte at an offset in Value belongs to.
func (t Text) runAt(offset int) run {
	i := sort.Search(len(t.runs), func(i int) bool { return t.runs[i].value > offset }) - 1
	if i < 0 {
		return run{text: t.from, literal: true}
	}
	return t.runs[i]
}

// textBuilder collects the parts of a text. Most texts are one part that stands
// in the document as it is; that part is not copied.
type textBuilder struct {
	only    span // the part, as long as it is the only one and has no "\r".
	value   []byte
	runs    []run
	behind  int      // offset in the parsed text behind the last part.
	first   Position // of the first part.
	started bool
	inCDATA bool
}

// begin notes where the text starts, unless it is noted already.
func (b *textBuilder) begin(pos Position, at int) {
	if !b.started {
		b.started, b.first, b.behind = true, pos, at
	}
}

// cdata adds the inside of a CDATA section.
func (b *textBuilder) cdata(text string, start, end int) {
	b.inCDATA = true
	b.literal(text, start, end)
	b.inCDATA = false
}

// literal adds text[start:end] as it is, but for its line ends.
func (b *textBuilder) literal(text string, start, end int) {
	for start < end {
		stop := end
		if i := strings.IndexByte(text[start:end], '\r'); i >= 0 {
			stop = start + i
		}
		if stop > start {
			b.verbatim(text, start, stop)
		}
		if stop == end {
			return
		}
		start = stop + 1
		if start < end && text[start] == '\n' {
			start++
		}
		b.reference(text, '\n', stop, start)
	}
}

// verbatim adds text[start:end].
func (b *textBuilder) verbatim(text string, start, end int) {
	switch {
	case len(b.runs) > 0:
		b.extend(start)
	case b.only.end == 0 && !b.inCDATA:
		b.only = span{start, end}
		b.behind = end
		return
	case b.only.end == start:
		b.only.end = end
		b.behind = end
		return
	default:
		b.copyOnly(text)
		b.extend(start)
	}
	b.value = append(b.value, text[start:end]...)
	b.behind = end
}

// extend begins a literal run, unless it only goes on with the last one.
func (b *textBuilder) extend(at int) {
	if n := len(b.runs); n > 0 && b.runs[n-1].literal && b.behind == at {
		return
	}
	b.runs = append(b.runs, run{value: len(b.value), text: at, literal: true, cdata: b.inCDATA})
}

// copyOnly makes what was the only part the first of several.
func (b *textBuilder) copyOnly(text string) {
	if b.only.end > 0 {
		b.runs = append(b.runs, run{text: b.only.start, literal: true})
		b.value = append(b.value, text[b.only.start:b.only.end]...)
		b.only = span{}
	}
}

// reference adds a character that text[start:end] stands for.
func (b *textBuilder) reference(text string, r rune, start, end int) {
	b.copyOnly(text)
	b.runs = append(b.runs, run{value: len(b.value), text: start, cdata: b.inCDATA})
	b.value = utf8.AppendRune(b.value, r)
	b.behind = end
}

// decode adds text[start:end] with the references that it knows decoded.
func (b *textBuilder) decode(text string, start, end int) {
	for start < end {
		i := strings.IndexByte(text[start:end], '&')
		if i < 0 {
			break
		}
		r, width, known := reference(text[start+i : end])
		if !known {
			b.literal(text, start, start+i+1)
			start += i + 1
			continue
		}
		b.literal(text, start, start+i)
		b.reference(text, r, start+i, start+i+width)
		start += i + width
	}
	b.literal(text, start, end)
}

// text returns what was collected, still undecided whether it is an expression.
func (b *textBuilder) text(src *source) Text {
	if len(b.runs) == 0 {
		return Text{Value: src.text[b.only.start:b.only.end], Pos: b.first, src: src, from: b.behind - (b.only.end - b.only.start)}
	}
	runs := b.runs
	if n := len(runs); n > 0 && !runs[n-1].literal {
		// The end of the value is behind the last reference, not at it.
		runs = append(runs, run{value: len(b.value), text: b.behind, literal: true})
	}
	return Text{Value: string(b.value), Pos: b.first, src: src, runs: runs}
}

// classify decides whether t is an expression, literal, or a mix. In the text of
// an element every expression must be closed; in an attribute and in CDATA only
// one that the text begins with.
func classify(t Text, attribute bool, maxDepth int) (Text, *scanError) {
	if !hasExpressionMark(t.Value) {
		return t, nil
	}
	start, end := trimSpace(t.Value)
	for at := start; at < end; at++ {
		if !isExpressionStart(t.Value, at) || !t.runAt(at).literal {
			continue
		}
		stop, err := scanExpression(t.Value, at, false, maxDepth)
		if err != nil {
			if at == start || !attribute && !t.runAt(at).cdata {
				return t, err
			}
			break // Scanning again behind each failure would cost the square of the length.
		}
		if at == start && stop == end {
			e := t.slice(at+len("@("), stop-len(")"))
			e.Expression, e.Block = true, t.Value[at+1] == '{'
			return e, nil
		}
		t.Mixed = append(t.Mixed, at)
		at = stop - 1
	}
	return t, nil
}

// validText returns the offset of the first byte that XML does not allow, or -1.
func validText(s string) int {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, width := utf8.DecodeRuneInString(s[i:]); width == 1 {
				return i
			}
		}
		if !isCharacter(r) {
			return i
		}
	}
	return -1
}
