package json

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/expr/library/json/jsonerror"
	"github.com/sallyport/sallyport/internal/expr/library/json/jsontext"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// readerError is the full name of the exception of a text that is no JSON.
const readerError = jsonerror.Reader

// reader reads JSON as Newtonsoft's JsonTextReader does, which takes more than the standard: comments, single
// quotes, names without quotes, hexadecimal numbers, NaN.
type reader struct {
	jsontext.Scanner
	world *world
	depth int
	// dates says that strings that look like ISO dates become dates.
	dates bool
	// raw says that scalars keep how they were written as their names.
	raw bool
}

// Parse reads a whole text as one token. The text may have comments around it.
func Parse(th *value.Thread, text string, dates bool) (*Token, *value.Exception) {
	r := &reader{Scanner: jsontext.Scanner{Text: text, Thread: th}, world: of(th), dates: dates}
	return r.whole()
}

// leadingComment returns the comment that a text begins with: JToken.Parse returns it and passes over the rest.
func leadingComment(th *value.Thread, text string) (*Token, *value.Exception) {
	r := &reader{Scanner: jsontext.Scanner{Text: text, Thread: th}, world: of(th), dates: true}
	comment, ok := r.Comment()
	if !ok {
		return nil, nil
	}
	if e := r.Skip(); e != nil {
		return nil, e
	}
	if r.At < len(text) {
		if _, e := r.whole(); e != nil {
			return nil, e
		}
	}
	return r.world.scalar(Comment, value.OfGo(comment)), nil
}

func (r *reader) whole() (*Token, *value.Exception) {
	if e := r.Skip(); e != nil {
		return nil, e
	}
	if r.At >= len(r.Text) {
		return nil, r.Fail("Error reading JToken from JsonReader. Path ''")
	}
	t, e := r.token()
	if e != nil {
		return nil, e
	}
	if e := r.Skip(); e != nil {
		return nil, e
	}
	if r.At < len(r.Text) {
		return nil, r.Fail(fmt.Sprintf("Additional text encountered after finished reading JSON content: %c. Path ''", r.Rune()))
	}
	return t, nil
}

// token reads one value; the place is at its first character.
func (r *reader) token() (*Token, *value.Exception) {
	if r.depth++; r.depth > maxDepth {
		return nil, r.Fail(fmt.Sprintf("The reader's MaxDepth of %d has been exceeded. Path ''", maxDepth))
	}
	defer func() { r.depth-- }()
	if e := r.Thread.Budget.Alloc(tokenBytes); e != nil {
		return nil, e
	}
	if e := r.Thread.Budget.Step(); e != nil {
		return nil, e
	}
	switch c := r.Peek(); {
	case c == '{':
		return r.object()
	case c == '[':
		return r.list(Array, ']')
	case c == '"' || c == '\'':
		s, e := r.Quoted()
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
	start := r.At
	t, e := read(r)
	if r.raw && e == nil && !t.isContainer() {
		t.name = r.Text[start:r.At]
	}
	return t, e
}

func (r *reader) object() (*Token, *value.Exception) {
	t := r.world.token(Object)
	r.At++
	for {
		if e := r.Skip(); e != nil {
			return nil, e
		}
		switch r.Peek() {
		case '}':
			r.At++
			return t, nil
		case 0:
			return nil, r.Fail("Unexpected end of content while loading JObject. Path ''")
		}
		if e := r.member(t); e != nil {
			return nil, e
		}
		if e := r.Skip(); e != nil {
			return nil, e
		}
		switch r.Peek() {
		case ',':
			r.At++
		case '}':
		case 0:
			return nil, r.Fail("Unexpected end of content while loading JObject. Path ''")
		default:
			return nil, r.Fail(fmt.Sprintf("After parsing a value an unexpected character was encountered: %c. Path ''", r.Rune()))
		}
	}
}

// member reads one property into an object; of two with one name, the last wins and the first keeps the place.
func (r *reader) member(t *Token) *value.Exception {
	name, e := r.name()
	if e != nil {
		return e
	}
	if e := r.Skip(); e != nil {
		return e
	}
	if r.Peek() != ':' {
		if r.At >= len(r.Text) {
			return r.Fail("Unexpected end of content while loading JObject. Path ''")
		}
		return r.Fail(fmt.Sprintf("Invalid character after parsing property name. Expected ':' but got: %c. Path ''", r.Rune()))
	}
	r.At++
	if e := r.Skip(); e != nil {
		return e
	}
	if r.At >= len(r.Text) {
		return r.Fail("Unexpected end of content while loading JObject. Path ''")
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
	if e := r.Thread.Budget.Alloc(tokenBytes + nameBytes); e != nil {
		return e
	}
	p := r.world.property(name, v)
	p.parent = t
	t.height = max(t.height, p.height+1)
	if t.items, e = value.Append(r.Thread, t.items, p); e != nil {
		return e
	}
	if t.index != nil {
		t.index[name] = len(t.items) - 1
	}
	return nil
}

// name reads a property's name, with or without quotes.
func (r *reader) name() (string, *value.Exception) {
	if c := r.Peek(); c == '"' || c == '\'' {
		return r.Quoted()
	}
	start := r.At
	for r.At < len(r.Text) && isNamePart(r.Text[r.At]) {
		r.At++
	}
	if r.At == start {
		c := r.Rune()
		r.At += utf8.RuneLen(c)
		e := r.Fail(fmt.Sprintf("Invalid property identifier character: %c. Path ''", c))
		return "", e
	}
	if c := r.Peek(); c != ':' && c != ' ' && c != '\t' && c != '\r' && c != '\n' {
		if r.At >= len(r.Text) {
			return "", r.Fail("Unexpected end while parsing unquoted property name. Path ''")
		}
		return "", r.Fail(fmt.Sprintf("Invalid JavaScript property identifier character: %c. Path ''", r.Rune()))
	}
	return r.Text[start:r.At], nil
}

func isNamePart(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf
}

// list reads the elements of an array or a constructor's arguments, up to closing.
func (r *reader) list(kind Kind, closing byte) (*Token, *value.Exception) {
	t := r.world.token(kind)
	r.At++
	for {
		if e := r.Skip(); e != nil {
			return nil, e
		}
		switch r.Peek() {
		case closing:
			r.At++
			return t, nil
		case 0:
			return nil, r.Fail("Unexpected end of content while loading JArray. Path ''")
		case ',':
			if e := r.Thread.Budget.Alloc(tokenBytes); e != nil {
				return nil, e
			}
			if e := r.element(t, r.world.scalar(Undefined, value.Nil)); e != nil {
				return nil, e
			}
			r.At++
			continue
		}
		v, e := r.token()
		if e == nil {
			e = r.element(t, v)
		}
		if e != nil {
			return nil, e
		}
		if e := r.Skip(); e != nil {
			return nil, e
		}
		switch r.Peek() {
		case ',':
			r.At++
		case closing:
		case 0:
			return nil, r.Fail("Unexpected end of content while loading JArray. Path ''")
		default:
			return nil, r.Fail(fmt.Sprintf("After parsing a value an unexpected character was encountered: %c. Path ''", r.Rune()))
		}
	}
}

func (r *reader) element(parent, t *Token) *value.Exception {
	t.parent = parent
	parent.height = max(parent.height, t.height+1)
	var e *value.Exception
	parent.items, e = value.Append(r.Thread, parent.items, t)
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
	rest := r.Text[r.At:]
	for _, w := range words {
		if !strings.HasPrefix(rest, w.text) {
			continue
		}
		if len(rest) > len(w.text) && isNamePart(rest[len(w.text)]) {
			break
		}
		r.At += len(w.text)
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
	if r.At >= len(r.Text) {
		return r.Fail("Unexpected end while parsing value. Path ''")
	}
	rest := r.Text[r.At:]
	for _, w := range words {
		n := 0
		for n < len(w.text) && n < len(rest) && rest[n] == w.text[n] {
			n++
		}
		if n > 0 {
			r.At += n
			return r.Fail("Error parsing " + strings.ToLower(w.kind.String()) + " value. Path ''")
		}
	}
	return r.Fail(fmt.Sprintf("Unexpected character encountered while parsing value: %c. Path ''", r.Rune()))
}

func (r *reader) constructor() (*Token, *value.Exception) {
	r.At += len("new ")
	start := r.At
	for r.At < len(r.Text) && isNamePart(r.Text[r.At]) {
		r.At++
	}
	name := r.Text[start:r.At]
	if r.Peek() != '(' {
		return nil, r.Fail("Unexpected character while parsing constructor. Path ''")
	}
	t, e := r.list(Constructor, ')')
	if e != nil {
		return nil, e
	}
	t.name = name
	return t, nil
}
