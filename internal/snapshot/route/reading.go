package route

import "bytes"

// Some servers cut ";name=value" off a path segment before they look at it, and
// some treat an escaped "+" or ";" as the character itself, and others do
// neither. Such a path has two readings. It is matched only where both lead to
// the same operation, or where the other reading leads to none: otherwise one
// operation's policies would run for a request that the backend takes for
// another's.

var (
	escapedPlus      = []byte("%2b")
	escapedSemicolon = []byte("%3b")
)

// doubtful reports whether a path, in lower case, has two readings.
func doubtful(path []byte) bool {
	return bytes.IndexByte(path, ';') >= 0 ||
		(bytes.IndexByte(path, '%') >= 0 && (bytes.Contains(path, escapedPlus) || bytes.Contains(path, escapedSemicolon)))
}

// agrees reports whether the other reading of the path leads to the operation
// that was found, or to none. An operation whose template itself writes a
// semicolon says that its backend reads it.
func (t *Table) agrees(q *Query, found *search) bool {
	if found.leaf.matrix {
		return true
	}
	var space [inlinePath]byte
	var spans [MaxTemplateParameters]span
	other := search{method: found.method, query: found.query, spans: spans[:]}
	other.path = otherReading(append(space[:0], found.path[:found.prefixLen]...), found.path[found.prefixLen:])
	if len(other.path) == 0 || other.path[0] != '/' {
		return false
	}
	return t.find(q, &other) != Matched || other.leaf == found.leaf
}

// otherReading appends a path as a server reads it that cuts parameters off its
// segments, then takes several slashes for one, and knows no difference between
// "+" and "%2B".
func otherReading(dst, path []byte) []byte {
	for i := 0; i < len(path); {
		switch {
		case path[i] == ';':
			end := bytes.IndexByte(path[i:], '/')
			if end < 0 {
				return dst
			}
			i += end
		case bytes.HasPrefix(path[i:], escapedPlus):
			dst = append(dst, '+')
			i += len(escapedPlus)
		case bytes.HasPrefix(path[i:], escapedSemicolon):
			dst = append(dst, ';')
			i += len(escapedSemicolon)
		case path[i] == '/' && len(dst) > 0 && dst[len(dst)-1] == '/':
			i++
		default:
			dst = append(dst, path[i])
			i++
		}
	}
	return dst
}
