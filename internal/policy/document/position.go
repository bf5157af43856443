package document

import (
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// byteOrderMark may stand at the start of a document; it belongs to no line.
const byteOrderMark = "\uFEFF"

// Position is a place in the document as the user wrote it, before named values
// were put in. The zero Position is no place.
type Position struct {
	// Line counts from 1; lines end with "\n".
	Line int
	// Column counts characters (Unicode code points) from 1.
	Column int
	// Offset counts bytes from 0 and includes a byte order mark.
	Offset int
}

// String gives "line:column".
func (p Position) String() string {
	return strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column)
}

// source is the text that is parsed, and the way from there to positions in the
// user's document. It is read-only once parsing is done.
type source struct {
	text     string   // after named values were put in.
	original string   // as the user wrote it.
	mapping  *Mapping // from text to original; nil when they are the same.
	lines    []int    // offset in original where each line starts.
	raw      []span   // places in text that are C# and not XML, in order.
	comments []span   // comments in text, in order.
}

// span is a half-open range of byte offsets.
type span struct{ start, end int }

func newSource(text string, mapping *Mapping) *source {
	s := &source{text: text, original: text, mapping: mapping}
	if mapping != nil {
		s.original = mapping.original
	}
	first := 0
	if strings.HasPrefix(s.original, byteOrderMark) {
		first = len(byteOrderMark)
	}
	s.lines = append(make([]int, 0, 1+strings.Count(s.original, "\n")), first)
	for i := first; i < len(s.original); i++ {
		if s.original[i] == '\n' {
			s.lines = append(s.lines, i+1)
		}
	}
	return s
}

// origin maps an offset in text to one in the original.
func (s *source) origin(offset int) int {
	if s.mapping == nil {
		return offset
	}
	return s.mapping.Original(offset)
}

// position gives the position of an offset in text.
func (s *source) position(offset int) Position {
	return s.positionAfter(Position{}, offset)
}

// positionAfter is position for an offset that is probably shortly behind a
// known position. It counts from there, so that the positions of a long line
// together cost no more than one pass over it.
func (s *source) positionAfter(known Position, offset int) Position {
	at := min(max(s.origin(offset), s.lines[0]), len(s.original))
	if known.Line > 0 && known.Offset <= at && (known.Line == len(s.lines) || at < s.lines[known.Line]) {
		known.Column += utf8.RuneCountInString(s.original[known.Offset:at])
		known.Offset = at
		return known
	}
	line := sort.SearchInts(s.lines, at+1)
	column := 1 + utf8.RuneCountInString(s.original[s.lines[line-1]:at])
	return Position{Line: line, Column: column, Offset: at}
}
