package value

// String is a C# string: nullable, and in UTF-16 code units as far as a policy can see, but stored as the Go
// string that it came from, so that a header value or a literal is never copied. The zero value is null.
//
// The content is UTF-8 in which a lone surrogate is encoded as its three bytes (WTF-8). A byte that is not
// part of a valid sequence counts as one code unit U+FFFD.
type String struct {
	s     string
	flags stringFlags
}

type stringFlags uint8

const (
	notNull stringFlags = 1 << iota
	// ascii says that every byte is below 0x80, so that byte offsets are UTF-16 offsets.
	ascii
	// measured says that ascii has been computed.
	measured
)

// Null is the null string.
var Null String

// Str returns the C# string with content s, which is not copied.
func Str(s string) String { return String{s: s, flags: notNull} }

// IsNull reports whether s is null.
func (s String) IsNull() bool { return s.flags&notNull == 0 }

// Go returns the content, "" for null.
func (s String) Go() string { return s.s }

// Measured returns the same string with its encoding known, so that Len and At take constant time where
// the content is ASCII. Compiled code measures a string once, when it is stored in a variable.
func (s String) Measured() String {
	if s.flags&measured != 0 || s.flags&notNull == 0 {
		return s
	}
	s.flags |= measured
	if isASCII(s.s) {
		s.flags |= ascii
	}
	return s
}

// IsASCII reports whether every code unit is below 0x80.
func (s String) IsASCII() bool {
	if s.flags&measured != 0 {
		return s.flags&ascii != 0
	}
	return isASCII(s.s)
}

// Equal reports whether s and t are equal under C#'s ==: ordinal, null equals only null.
func (s String) Equal(t String) bool {
	return s.flags&notNull == t.flags&notNull && s.s == t.s
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
