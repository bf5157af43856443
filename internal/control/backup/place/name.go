package place

import (
	"fmt"
	"strings"
)

// CheckName says why an object may not have a name; nil where it may. Names are
// letters, digits, and "-", "_" and ".", in parts between slashes: what every
// kind of place keeps as it is.
func CheckName(name string) error {
	if name == "" || len(name) > MaxNameLength {
		return fmt.Errorf("the name of an object has 1 to %d bytes, not %d: %w", MaxNameLength, len(name), ErrInvalid)
	}
	for part := range strings.SplitSeq(name, "/") {
		// A part that begins with a dot is hidden, or leads elsewhere.
		if part == "" || part[0] == '.' || strings.ContainsFunc(part, isOdd) {
			return fmt.Errorf("%q is not the name of an object: parts have letters, digits, '-', '_' and '.', and do not begin with '.': %w",
				name, ErrInvalid)
		}
	}
	return nil
}

func isOdd(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
}
