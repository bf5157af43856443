package value

import "unsafe"

// longText is what is known about the encoding of one long string.
type longText struct {
	s string
	// units are the UTF-16 code units; nil where every byte is below 0x80.
	units []uint16
}

// longString is the length from which on a thread remembers how a string is encoded, in bytes.
const longString = 64

// measure returns what is known about a string; a loop over a long one scans it once.
func (t *Thread) measure(s string) (*longText, *Exception) {
	for i := range t.strings {
		m := &t.strings[i]
		if len(m.s) == len(s) && unsafe.StringData(m.s) == unsafe.StringData(s) {
			return m, nil
		}
	}
	if e := t.Budget.Steps(int64(len(s) / longString)); e != nil {
		return nil, e
	}
	t.strings[1] = t.strings[0]
	m := &t.strings[0]
	*m = longText{s: s}
	if !isASCII(s) {
		if e := t.Budget.Alloc(2 * int64(len(s))); e != nil {
			return nil, e
		}
		m.units = Units(s)
	}
	return m, nil
}

// Len returns the number of UTF-16 code units of s.
func (t *Thread) Len(s string) (int64, *Exception) {
	if len(s) < longString {
		return int64(Len(s)), nil
	}
	m, e := t.measure(s)
	switch {
	case e != nil:
		return 0, e
	case m.units == nil:
		return int64(len(s)), nil
	}
	return int64(len(m.units)), nil
}

// At returns the i-th UTF-16 code unit of s, or IndexOutOfRangeException.
func (t *Thread) At(s string, i int64) (int64, *Exception) {
	if len(s) < longString {
		u, ok := Str(s).At(i)
		if !ok {
			return 0, IndexOutOfRange()
		}
		return int64(u), nil
	}
	m, e := t.measure(s)
	switch {
	case e != nil:
		return 0, e
	case i < 0, m.units == nil && i >= int64(len(s)), m.units != nil && i >= int64(len(m.units)):
		return 0, IndexOutOfRange()
	case m.units == nil:
		return int64(s[i]), nil
	}
	return int64(m.units[i]), nil
}
