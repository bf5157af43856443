package message

import "strings"

// Field is one header field line. Name has the spelling that arrived or that
// the policy wrote; look-up ignores its case.
type Field struct {
	Name  string
	Value string
	id    uint8 // as in Name
	// checked says that name and value can stand in a message as they are.
	checked bool
}

// Header is an ordered list of field lines. The zero Header is empty and ready
// for use. It is not safe for concurrent use.
type Header struct {
	fields []Field
}

// Len returns the number of field lines.
func (h *Header) Len() int { return len(h.fields) }

// Fields returns the field lines in order. The slice is the header's own: it
// is read, not written, and is valid until the header next changes.
func (h *Header) Fields() []Field { return h.fields }

// Get returns the value of the first line with that name, and whether there is
// one.
func (h *Header) Get(n Name) (string, bool) {
	if i := h.index(n, 0); i >= 0 {
		return h.fields[i].Value, true
	}
	return "", false
}

// Has reports whether a line with that name exists.
func (h *Header) Has(n Name) bool { return h.index(n, 0) >= 0 }

// Values appends the values of all lines with that name to dst, in order.
func (h *Header) Values(dst []string, n Name) []string {
	for i := h.index(n, 0); i >= 0; i = h.index(n, i+1) {
		dst = append(dst, h.fields[i].Value)
	}
	return dst
}

// Joined returns the values of all lines with that name joined with sep, and
// whether there is one. It allocates only where there are several.
func (h *Header) Joined(n Name, sep string) (string, bool) {
	first := h.index(n, 0)
	if first < 0 {
		return "", false
	}
	next := h.index(n, first+1)
	if next < 0 {
		return h.fields[first].Value, true
	}
	var b strings.Builder
	b.WriteString(h.fields[first].Value)
	for ; next >= 0; next = h.index(n, next+1) {
		b.WriteString(sep)
		b.WriteString(h.fields[next].Value)
	}
	return b.String(), true
}

// Add appends a line.
func (h *Header) Add(n Name, value string) {
	h.fields = append(h.fields, Field{Name: n.text, Value: value, id: n.id})
}

// AddChecked appends a line that an engine has read and checked, so that it need
// not be checked again where it is sent on.
func (h *Header) AddChecked(n Name, value string) {
	h.fields = append(h.fields, Field{Name: n.text, Value: value, id: n.id, checked: true})
}

// Set replaces all lines with that name by one, in the place of the first, or
// appends it.
func (h *Header) Set(n Name, value string) {
	i := h.index(n, 0)
	if i < 0 {
		h.Add(n, value)
		return
	}
	h.fields[i] = Field{Name: n.text, Value: value, id: n.id}
	h.deleteFrom(n, i+1)
}

// Delete removes all lines with that name and reports whether there was one.
func (h *Header) Delete(n Name) bool { return h.deleteFrom(n, 0) }

// Filter keeps the lines for which keep is true, in order.
func (h *Header) Filter(keep func(Field) bool) {
	kept := h.fields[:0]
	for _, f := range h.fields {
		if keep(f) {
			kept = append(kept, f)
		}
	}
	clear(h.fields[len(kept):])
	h.fields = kept
}

// Reset empties the header and keeps its memory.
func (h *Header) Reset() {
	clear(h.fields)
	h.fields = h.fields[:0]
}

// CopyFrom makes the header equal to another. The strings are shared.
func (h *Header) CopyFrom(other *Header) {
	h.fields = append(h.fields[:0], other.fields...)
}

// Is reports whether the line has that name.
func (f Field) Is(n Name) bool {
	if f.id != 0 || n.id != 0 {
		return f.id == n.id
	}
	return EqualFold(f.Name, n.text)
}

// Valid reports whether the line can be sent: its name is a token, and its value
// cannot end the line (RFC 9110 §5.1, §5.5). A policy may have written anything.
func (f Field) Valid() bool {
	return f.checked || (ValidFieldName(f.Name) && ValidFieldValue(f.Value))
}

// Key returns the line's name as a Name.
func (f Field) Key() Name { return Name{text: f.Name, id: f.id} }

// index returns the first line at or after from that has the name, or -1.
func (h *Header) index(n Name, from int) int {
	if n.text == "" {
		return -1
	}
	for i := from; i < len(h.fields); i++ {
		f := &h.fields[i]
		if f.id == n.id && (n.id != 0 || EqualFold(f.Name, n.text)) {
			return i
		}
	}
	return -1
}

func (h *Header) deleteFrom(n Name, from int) bool {
	i := h.index(n, from)
	if i < 0 {
		return false
	}
	kept := h.fields[:i]
	for _, f := range h.fields[i:] {
		if !f.Is(n) {
			kept = append(kept, f)
		}
	}
	clear(h.fields[len(kept):])
	h.fields = kept
	return true
}

// ValidFieldName reports whether text is a token (RFC 9110 §5.1): what a
// header field's name, a method or a cookie's name may be.
func ValidFieldName(text string) bool {
	if text == "" {
		return false
	}
	for i := range len(text) {
		if !tokenByte[text[i]] {
			return false
		}
	}
	return true
}

// ValidFieldValue reports whether text can stand as a field value (RFC 9110
// §5.5): no control character but the tab, and so no line break that would
// start another field.
func ValidFieldValue(text string) bool {
	for i := range len(text) {
		if c := text[i]; (c < ' ' && c != '\t') || c == 0x7f {
			return false
		}
	}
	return true
}

// tokenByte says which bytes a token may hold (RFC 9110 §5.6.2).
var tokenByte = func() (t [256]bool) {
	for c := '0'; c <= '9'; c++ {
		t[c] = true
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = true, true
	}
	for _, c := range "!#$%&'*+-.^_`|~" {
		t[c] = true
	}
	return t
}()
