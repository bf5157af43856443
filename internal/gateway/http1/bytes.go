package http1

import "encoding/binary"

// byteSet says of each byte whether it belongs to the set.
type byteSet [256]bool

// all reports whether all bytes of text are in the set.
func (s *byteSet) all(text []byte) bool {
	for _, c := range text {
		if !s[c] {
			return false
		}
	}
	return true
}

// tokenBytes may stand in a token (RFC 9110 §5.6.2).
var tokenBytes = func() (s byteSet) {
	s.addAlphanumeric()
	s.add("!#$%&'*+-.^_`|~")
	return s
}()

// valueBytes may stand in a field value (RFC 9110 §5.5): what is visible, space
// and tab, and bytes above ASCII.
var valueBytes = func() (s byteSet) {
	for c := ' '; c < 0x7f; c++ {
		s[c] = true
	}
	for c := 0x80; c < 0x100; c++ {
		s[c] = true
	}
	s['\t'] = true
	return s
}()

// targetBytes may stand in a request target. More than RFC 3986 lets in:
// browsers send `|` and quotes, curl sends UTF-8 as it was typed. They are
// escaped before anything is forwarded. A fragment's mark is never sent.
var targetBytes = func() (s byteSet) {
	for c := '!'; c < 0x7f; c++ {
		s[c] = true
	}
	for c := 0x80; c < 0x100; c++ {
		s[c] = true
	}
	s['#'] = false
	return s
}()

// queryBytes may stand in a query as they are (RFC 3986 §3.4), with those that
// browsers leave as they are (WHATWG URL, "query percent-encode set").
var queryBytes = func() (s byteSet) {
	for c := '!'; c < 0x7f; c++ {
		s[c] = true
	}
	for _, c := range "\"#<>\\^`" {
		s[c] = false
	}
	return s
}()

// hostBytes may stand in a name or an IPv4 address. RFC 3986 §3.2.2 has more,
// which no real name has and which servers read in different ways.
var hostBytes = func() (s byteSet) {
	s.addAlphanumeric()
	s.add("-._~")
	return s
}()

// addressBytes may stand between the brackets of an IPv6 address.
var addressBytes = func() (s byteSet) {
	s.add("0123456789abcdefABCDEF:.")
	return s
}()

func (s *byteSet) add(text string) {
	for i := range len(text) {
		s[text[i]] = true
	}
}

func (s *byteSet) addAlphanumeric() {
	s.add("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' }

// allValue reports whether all bytes may stand in a field value. It looks at
// eight at a time, because most of a head is values.
func allValue(text []byte) bool {
	for len(text) >= 8 {
		x := binary.LittleEndian.Uint64(text)
		below := (x - ones*' ') & ^x
		del := x ^ ones*0x7f
		if (below|(del-ones)&^del)&(ones*0x80) != 0 && !valueBytes.all(text[:8]) {
			return false
		}
		text = text[8:]
	}
	return valueBytes.all(text)
}

// ones has the lowest bit of each byte set.
const ones = 0x0101010101010101
