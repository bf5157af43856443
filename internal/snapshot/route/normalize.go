package route

import (
	"fmt"
	"unicode/utf8"
)

// MaxPathBytes is the longest escaped path, in bytes, that Normalize accepts.
const MaxPathBytes = 16 << 10

// PathError says why a request's path is refused. The gateway answers 400.
type PathError struct {
	Offset int    // byte of the path as it arrived
	Reason string // what is wrong there, such as "dot segment"
}

// Error returns the reason with its position.
func (e *PathError) Error() string {
	return fmt.Sprintf("path refused at byte %d: %s", e.Offset, e.Reason)
}

// byteClass says what becomes of a byte of a path.
type byteClass uint8

const (
	refused  byteClass = iota // never part of a path, written or escaped
	plain                     // always written as itself
	slash                     // always a separator
	asGiven                   // differs in meaning when escaped: stays as it came
	escaped                   // always written as an escape
	onlyOnce                  // as escaped, but refused where it came unescaped
	high                      // part of UTF-8: always written as an escape
)

// pathBytes holds the class of each byte, decoded. The reason for each class
// is in docs/decisions/0011-path-normalisation.md.
var pathBytes = func() (t [256]byteClass) {
	for c := '0'; c <= '9'; c++ {
		t[c] = plain
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = plain, plain
	}
	for _, c := range "-._~!$&'()*,:=@" {
		t[c] = plain
	}
	for _, c := range "\"<>^`{|}[]" {
		t[c] = escaped
	}
	for _, c := range "%?# " {
		t[c] = onlyOnce
	}
	t['/'], t['+'], t[';'] = slash, asGiven, asGiven
	for c := 0x80; c < 0x100; c++ {
		t[c] = high
	}
	return t
}()

const upperHex = "0123456789ABCDEF"

// Normalize returns the canonical form of an escaped path, or a *PathError
// where the path has none. The canonical form begins with a slash, has no
// empty and no dot segments, and spells every character in one way. It returns
// its argument, without allocating, where that is canonical already.
func Normalize(path string) (string, error) {
	canonical, err := normalize(path)
	if err != nil {
		return "", err
	}
	return canonical, nil
}

func normalize(path string) (string, *PathError) {
	if path == "" {
		return "/", nil
	}
	if len(path) > MaxPathBytes {
		return "", &PathError{Offset: MaxPathBytes, Reason: fmt.Sprintf("longer than MaxPathBytes (%d)", MaxPathBytes)}
	}
	if path[0] != '/' {
		return "", &PathError{Reason: "no slash at the start"}
	}
	if clean(path) {
		return path, nil
	}
	n := normalizer{path: path}
	if err := n.run(); err != nil {
		return "", err
	}
	if n.out == nil {
		return path[:n.same], nil
	}
	return string(n.out), nil
}

// clean reports whether a path is canonical and holds no escape: the common
// case, decided in one pass.
func clean(path string) bool {
	start := 1
	for i := 1; i < len(path); i++ {
		switch pathBytes[path[i]] {
		case plain, asGiven:
		case slash:
			if i == start || dotSegment(path[start:i]) {
				return false
			}
			start = i + 1
		default:
			return false
		}
	}
	return !dotSegment(path[start:])
}

// normalizer writes the canonical form of one path. It copies nothing as long
// as that form is the path itself.
type normalizer struct {
	path  string
	same  int    // bytes of path that are canonical so far; unused once there is out
	out   []byte // nil as long as there is no difference
	start int    // of the current segment in the canonical form
	rune  [utf8.UTFMax]byte
	runes int // bytes of rune that are filled
}

func (n *normalizer) run() *PathError {
	path := n.path
	for i := 0; i < len(path); {
		c, width := path[i], 1
		if c == '%' {
			v, ok := unhex(path, i+1)
			if !ok {
				return &PathError{Offset: i, Reason: "percent sign without two hexadecimal digits"}
			}
			c, width = v, 3
		}
		if reason := n.add(c, width == 3); reason != "" {
			return &PathError{Offset: i, Reason: reason}
		}
		i += width
	}
	if reason := n.endSegment(); reason != "" {
		return &PathError{Offset: len(path), Reason: reason}
	}
	return nil
}

// add writes one decoded byte, and returns why it cannot be part of a path.
func (n *normalizer) add(c byte, wasEscaped bool) string {
	class := pathBytes[c]
	if class == high {
		return n.addHigh(c)
	}
	if n.runes > 0 {
		return "bytes that are not UTF-8"
	}
	switch class {
	case slash:
		return n.addSlash()
	case plain:
		n.put(c)
	case asGiven:
		if !wasEscaped {
			n.put(c)
			return ""
		}
		n.escape(c)
	case onlyOnce:
		if !wasEscaped {
			return fmt.Sprintf("character %q that must be escaped", c)
		}
		n.escape(c)
	case escaped:
		n.escape(c)
	default:
		return refusal(c)
	}
	return ""
}

// addSlash ends a segment. Several slashes in a row are one.
func (n *normalizer) addSlash() string {
	if n.start > 0 && n.start == n.size() {
		return ""
	}
	if reason := n.endSegment(); reason != "" {
		return reason
	}
	n.put('/')
	n.start = n.size()
	return ""
}

// addHigh writes a byte of a multi-byte character, and checks the character
// when it is whole, so that overlong and other false forms are refused.
func (n *normalizer) addHigh(c byte) string {
	n.rune[n.runes] = c
	n.runes++
	n.escape(c)
	if !utf8.FullRune(n.rune[:n.runes]) {
		return ""
	}
	r, size := utf8.DecodeRune(n.rune[:n.runes])
	if r == utf8.RuneError && size <= 1 {
		return "bytes that are not UTF-8"
	}
	if r < 0xA0 {
		return "control character"
	}
	n.runes = 0
	return ""
}

func (n *normalizer) endSegment() string {
	if n.runes > 0 {
		return "bytes that are not UTF-8"
	}
	if (n.out == nil && dotSegment(n.path[n.start:n.same])) || (n.out != nil && dotSegment(n.out[n.start:])) {
		return "dot segment"
	}
	return ""
}

func (n *normalizer) escape(c byte) {
	n.put('%')
	n.put(upperHex[c>>4])
	n.put(upperHex[c&15])
}

// put writes one byte of the canonical form.
func (n *normalizer) put(c byte) {
	if n.out == nil {
		if n.same < len(n.path) && n.path[n.same] == c {
			n.same++
			return
		}
		n.out = make([]byte, n.same, len(n.path)+16)
		copy(n.out, n.path)
	}
	n.out = append(n.out, c)
}

// size returns the length of the canonical form so far.
func (n *normalizer) size() int {
	if n.out == nil {
		return n.same
	}
	return len(n.out)
}

// refusal names a byte that no path may hold.
func refusal(c byte) string {
	switch c {
	case '\\':
		return "backslash"
	case 0:
		return "NUL"
	}
	return "control character"
}

// dotSegment reports whether a canonical segment is "." or "..", also where
// path parameters follow it: servers that cut those off would then climb.
func dotSegment[S string | []byte](s S) bool {
	if len(s) == 0 || s[0] != '.' {
		return false
	}
	n := 1
	if len(s) > 1 && s[1] == '.' {
		n = 2
	}
	return len(s) == n || s[n] == ';' || (len(s) >= n+3 && string(s[n:n+3]) == "%3B")
}

// unhex returns the byte that two hexadecimal digits at i mean.
func unhex(s string, i int) (byte, bool) {
	if i+2 > len(s) {
		return 0, false
	}
	h, l := hexDigit(s[i]), hexDigit(s[i+1])
	return h<<4 | l, h < 16 && l < 16
}

func hexDigit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 16
}
