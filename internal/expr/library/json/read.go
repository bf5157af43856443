package json

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/expr/library/json/jsontext"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// readerError is the full name of the exception of a text that is no JSON.
const readerError = "Newtonsoft.Json.JsonReaderException"

// reader reads JSON as Newtonsoft's JsonTextReader does, which takes more than the standard: comments, single
// quotes, names without quotes, hexadecimal numbers, NaN.
type reader struct {
	s      string
	i      int
	world  *world
	thread *value.Thread
	depth  int
	// dates says that strings that look like ISO dates become dates.
	dates bool
	// raw says that scalars keep how they were written as their names.
	raw bool
}

// Parse reads a whole text as one token. The text may have comments around it.
func Parse(th *value.Thread, text string, dates bool) (*Token, *value.Exception) {
	r := &reader{s: strings.TrimPrefix(text, "\ufeff"), world: of(th), thread: th, dates: dates}
	return r.whole()
}

func (r *reader) whole() (*Token, *value.Exception) {
	if e := r.skip(); e != nil {
		return nil, e
	}
	if r.i >= len(r.s) {
		return nil, r.fail("Error reading JToken from JsonReader. Path ''")
	}
	t, e := r.token()
	if e != nil {
		return nil, e
	}
	if e := r.skip(); e != nil {
		return nil, e
	}
	if r.i < len(r.s) {
		return nil, r.fail(fmt.Sprintf("Additional text encountered after finished reading JSON content: %c. Path ''", r.rune()))
	}
	return t, nil
}

func (r *reader) rune() rune {
	c, _ := utf8.DecodeRuneInString(r.s[r.i:])
	return c
}

// fail returns the exception of a text that cannot be read, with the place that has been reached.
func (r *reader) fail(message string) *value.Exception {
	line, pos := 1, 0
	for _, c := range r.s[:min(r.i, len(r.s))] {
		pos++
		if c == '\n' {
			line, pos = line+1, 0
		}
	}
	e := value.Throw(readerError, fmt.Sprintf("%s, line %d, position %d.", message, line, pos))
	e.Detail = &place{line: line, position: pos}
	return e
}

// place is where a text could not be read.
type place struct{ line, position int }

// peek returns the current byte, 0 at the end.
func (r *reader) peek() byte {
	if r.i < len(r.s) {
		return r.s[r.i]
	}
	return 0
}

// skip goes over white space and comments.
func (r *reader) skip() *value.Exception {
	for r.i < len(r.s) {
		switch c := r.s[r.i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			r.i++
		case c == '/' && strings.HasPrefix(r.s[r.i:], "/*"):
			n := strings.Index(r.s[r.i:], "*/")
			if n < 0 {
				r.i = len(r.s)
				return r.fail("Unexpected end while parsing comment. Path ''")
			}
			r.i += n + 2
		case c == '/' && strings.HasPrefix(r.s[r.i:], "//"):
			n := strings.IndexAny(r.s[r.i:], "\r\n")
			if n < 0 {
				n = len(r.s) - r.i
			}
			r.i += n
		case c == 0xC2 && strings.HasPrefix(r.s[r.i:], "\u00a0"):
			r.i += 2
		default:
			return nil
		}
	}
	return nil
}

// token reads one value; the place is at its first character.
func (r *reader) token() (*Token, *value.Exception) {
	if r.depth++; r.depth > maxDepth {
		return nil, r.fail(fmt.Sprintf("The reader's MaxDepth of %d has been exceeded. Path ''", maxDepth))
	}
	defer func() { r.depth-- }()
	if e := r.thread.Budget.Alloc(tokenBytes); e != nil {
		return nil, e
	}
	if e := r.thread.Budget.Step(); e != nil {
		return nil, e
	}
	switch c := r.peek(); {
	case c == '{':
		return r.object()
	case c == '[':
		return r.list(Array, ']')
	case c == '"' || c == '\'':
		s, e := r.string()
		if e != nil {
			return nil, e
		}
		t := r.world.text(s, r.dates)
		if r.raw {
			t.name = s
		}
		return t, nil
	case c == '-' || c == '.' || c >= '0' && c <= '9':
		return r.written((*reader).number)
	}
	return r.written((*reader).word)
}

// written reads a scalar and notes how it was written where that is wanted.
func (r *reader) written(read func(r *reader) (*Token, *value.Exception)) (*Token, *value.Exception) {
	start := r.i
	t, e := read(r)
	if r.raw && e == nil && !t.isContainer() {
		t.name = r.s[start:r.i]
	}
	return t, e
}

func (r *reader) object() (*Token, *value.Exception) {
	t := r.world.token(Object)
	r.i++
	for {
		if e := r.skip(); e != nil {
			return nil, e
		}
		switch r.peek() {
		case '}':
			r.i++
			return t, nil
		case 0:
			return nil, r.fail("Unexpected end of content while loading JObject. Path ''")
		}
		if e := r.member(t); e != nil {
			return nil, e
		}
		if e := r.skip(); e != nil {
			return nil, e
		}
		switch r.peek() {
		case ',':
			r.i++
		case '}':
		case 0:
			return nil, r.fail("Unexpected end of content while loading JObject. Path ''")
		default:
			return nil, r.fail(fmt.Sprintf("After parsing a value an unexpected character was encountered: %c. Path ''", r.rune()))
		}
	}
}

// member reads one property into an object; of two with one name, the last wins and the first keeps the place.
func (r *reader) member(t *Token) *value.Exception {
	name, e := r.name()
	if e != nil {
		return e
	}
	if e := r.skip(); e != nil {
		return e
	}
	if r.peek() != ':' {
		if r.i >= len(r.s) {
			return r.fail("Unexpected end of content while loading JObject. Path ''")
		}
		return r.fail(fmt.Sprintf("Invalid character after parsing property name. Expected ':' but got: %c. Path ''", r.rune()))
	}
	r.i++
	if e := r.skip(); e != nil {
		return e
	}
	if r.i >= len(r.s) {
		return r.fail("Unexpected end of content while loading JObject. Path ''")
	}
	v, e := r.token()
	if e != nil {
		return e
	}
	if p := t.find(name); p != nil {
		v.parent = p
		p.items[0] = v
		p.height = max(p.height, v.height+1)
		t.height = max(t.height, p.height+1)
		return nil
	}
	if e := r.thread.Budget.Alloc(tokenBytes + nameBytes); e != nil {
		return e
	}
	p := r.world.property(name, v)
	p.parent = t
	t.height = max(t.height, p.height+1)
	if t.items, e = value.Append(r.thread, t.items, p); e != nil {
		return e
	}
	if t.index != nil {
		t.index[name] = len(t.items) - 1
	}
	return nil
}

// name reads a property's name, with or without quotes.
func (r *reader) name() (string, *value.Exception) {
	if c := r.peek(); c == '"' || c == '\'' {
		return r.string()
	}
	start := r.i
	for r.i < len(r.s) && isNamePart(r.s[r.i]) {
		r.i++
	}
	if r.i == start {
		c := r.rune()
		r.i += utf8.RuneLen(c)
		e := r.fail(fmt.Sprintf("Invalid property identifier character: %c. Path ''", c))
		return "", e
	}
	if c := r.peek(); c != ':' && c != ' ' && c != '\t' && c != '\r' && c != '\n' {
		if r.i >= len(r.s) {
			return "", r.fail("Unexpected end while parsing unquoted property name. Path ''")
		}
		return "", r.fail(fmt.Sprintf("Invalid JavaScript property identifier character: %c. Path ''", r.rune()))
	}
	return r.s[start:r.i], nil
}

func isNamePart(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf
}

// list reads the elements of an array or a constructor's arguments, up to closing.
func (r *reader) list(kind Kind, closing byte) (*Token, *value.Exception) {
	t := r.world.token(kind)
	r.i++
	for {
		if e := r.skip(); e != nil {
			return nil, e
		}
		switch r.peek() {
		case closing:
			r.i++
			return t, nil
		case 0:
			return nil, r.fail("Unexpected end of content while loading JArray. Path ''")
		case ',':
			if e := r.thread.Budget.Alloc(tokenBytes); e != nil {
				return nil, e
			}
			if e := r.element(t, r.world.scalar(Undefined, value.Nil)); e != nil {
				return nil, e
			}
			r.i++
			continue
		}
		v, e := r.token()
		if e == nil {
			e = r.element(t, v)
		}
		if e != nil {
			return nil, e
		}
		if e := r.skip(); e != nil {
			return nil, e
		}
		switch r.peek() {
		case ',':
			r.i++
		case closing:
		case 0:
			return nil, r.fail("Unexpected end of content while loading JArray. Path ''")
		default:
			return nil, r.fail(fmt.Sprintf("After parsing a value an unexpected character was encountered: %c. Path ''", r.rune()))
		}
	}
}

func (r *reader) element(parent, t *Token) *value.Exception {
	t.parent = parent
	parent.height = max(parent.height, t.height+1)
	var e *value.Exception
	parent.items, e = value.Append(r.thread, parent.items, t)
	return e
}

// words are the values that are written as names.
var words = []struct {
	text string
	kind Kind
}{
	{"true", Boolean}, {"false", Boolean}, {"null", Null}, {"undefined", Undefined},
	{"NaN", Float}, {"Infinity", Float}, {"-Infinity", Float},
}

// word reads true, false, null and the like, or a constructor.
func (r *reader) word() (*Token, *value.Exception) {
	rest := r.s[r.i:]
	for _, w := range words {
		if !strings.HasPrefix(rest, w.text) {
			continue
		}
		if len(rest) > len(w.text) && isNamePart(rest[len(w.text)]) {
			break
		}
		r.i += len(w.text)
		switch w.kind {
		case Boolean:
			return r.world.scalar(Boolean, value.BoxedBool(r.world.bool, w.text == "true")), nil
		case Float:
			return r.world.scalar(Float, value.BoxedFloat(r.world.double, jsontext.Special(w.text))), nil
		}
		return r.world.scalar(w.kind, value.Nil), nil
	}
	if strings.HasPrefix(rest, "new ") {
		return r.constructor()
	}
	return nil, r.unexpected()
}

// unexpected is the exception of a character that begins no value. For the beginning of a word, the place is
// after the characters that fit.
func (r *reader) unexpected() *value.Exception {
	if r.i >= len(r.s) {
		return r.fail("Unexpected end while parsing value. Path ''")
	}
	rest := r.s[r.i:]
	for _, w := range words {
		n := 0
		for n < len(w.text) && n < len(rest) && rest[n] == w.text[n] {
			n++
		}
		if n > 0 {
			r.i += n
			return r.fail("Error parsing " + strings.ToLower(w.kind.String()) + " value. Path ''")
		}
	}
	return r.fail(fmt.Sprintf("Unexpected character encountered while parsing value: %c. Path ''", r.rune()))
}

func (r *reader) constructor() (*Token, *value.Exception) {
	r.i += len("new ")
	start := r.i
	for r.i < len(r.s) && isNamePart(r.s[r.i]) {
		r.i++
	}
	name := r.s[start:r.i]
	if r.peek() != '(' {
		return nil, r.fail("Unexpected character while parsing constructor. Path ''")
	}
	t, e := r.list(Constructor, ')')
	if e != nil {
		return nil, e
	}
	t.name = name
	return t, nil
}
