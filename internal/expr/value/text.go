package value

import (
	"unicode/utf8"
	"unsafe"
)

// firstText is how many bytes a Text takes at first, maxText how many no run may ever take.
const (
	firstText = 64
	maxText   = 1 << 40
)

// Text is a text that a library function builds piece by piece. The budget is charged each time that it takes more
// memory, before it does; after a budget is exhausted it takes nothing more, and Done returns the exception.
// Without a thread nothing is charged, and a text is as long as it may be by default.
type Text struct {
	thread *Thread
	b      []byte
	err    *Exception
}

// NewText returns an empty text that a run pays for.
func NewText(t *Thread) Text { return Text{thread: t} }

// Len returns the length so far in bytes.
func (x *Text) Len() int { return len(x.b) }

// Err returns the exception of a budget that is exhausted, or nil.
func (x *Text) Err() *Exception { return x.err }

// Add appends a string.
func (x *Text) Add(s string) {
	if x.Grow(len(s)) {
		x.b = append(x.b, s...)
	}
}

// Char appends one byte.
func (x *Text) Char(c byte) {
	if len(x.b) < cap(x.b) || x.Grow(1) {
		x.b = append(x.b, c)
	}
}

// Repeat appends a string n times.
func (x *Text) Repeat(s string, n int) {
	switch {
	case n <= 0 || s == "":
		return
	case n > maxText/len(s):
		n = maxText / len(s)
	}
	if !x.Grow(n * len(s)) {
		return
	}
	for range n {
		x.b = append(x.b, s...)
	}
}

// Rune appends a rune; a surrogate becomes its three bytes.
func (x *Text) Rune(r rune) {
	if x.Grow(4) {
		x.b = AppendRune(x.b, r)
	}
}

// Runes appends runes.
func (x *Text) Runes(list []rune) {
	n := 0
	for _, r := range list {
		n += utf8.RuneLen(r)
		if !utf8.ValidRune(r) {
			n += 1 + utf8.RuneLen(utf8.RuneError)
		}
	}
	if x.Grow(n) {
		for _, r := range list {
			x.b = utf8.AppendRune(x.b, r)
		}
	}
}

// Append lets f append up to n bytes, and reports whether there is room for them.
func (x *Text) Append(n int, f func([]byte) []byte) {
	if x.Grow(n) {
		x.b = f(x.b)
	}
}

// Grow makes room for n more bytes, and reports whether there is.
func (x *Text) Grow(n int) bool {
	if n <= cap(x.b)-len(x.b) {
		return x.err == nil
	}
	return x.grow(n)
}

func (x *Text) grow(n int) bool {
	if x.err == nil {
		var b []byte
		if b, x.err = GrowText(x.thread, x.b, n); x.err == nil {
			x.b = b
		}
	}
	return x.err == nil
}

// GrowText returns a text with room for n more bytes. A run pays for the room; without one it is bounded.
func GrowText(t *Thread, b []byte, n int) ([]byte, *Exception) {
	need, limit := len(b)+n, int64(DefaultStringLength)
	if t != nil {
		limit = t.Budget.Limits.StringLength
	}
	switch {
	case int64(need) > limit:
		return nil, exceeded(BudgetStringLength)
	case need <= cap(b):
		return b, nil
	}
	size := max(need, 2*cap(b), firstText)
	if int64(size) > limit {
		size = need
	}
	if t != nil {
		if e := t.Budget.Alloc(int64(size)); e != nil {
			return nil, e
		}
	}
	grown := make([]byte, len(b), size)
	copy(grown, b)
	return grown, nil
}

// View returns bytes as a string that is not copied: it is valid until they are changed.
func View(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// Done returns the text, or the exception of the budget that it has exhausted. The Text is not to be used after it.
func (x *Text) Done() (string, *Exception) {
	if x.err != nil {
		return "", x.err
	}
	return View(x.b), nil
}

// Into stores the text as bytes where no budget is exhausted. The Text is not to be used after it.
func (x *Text) Into(b *[]byte) *Exception {
	if x.err == nil {
		*b = x.b
	}
	return x.err
}

// Value returns what Done returns as a C# value.
func (x *Text) Value() (Value, *Exception) {
	s, e := x.Done()
	if e != nil {
		return Nil, e
	}
	return OfGo(s), nil
}
