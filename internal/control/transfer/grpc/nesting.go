package grpc

import "strings"

// nested checks, before anything else reads the document, that brackets are
// not nested too deep: parsers go down as deep as they are. Strings and
// comments are skipped. It is false with the place of the first bracket that
// is too deep.
func nested(text string) (line, column int, ok bool) {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '{', '[', '(', '<':
			if depth++; depth > MaxNesting {
				line, column = position(text, i)
				return line, column, false
			}
		case '}', ']', ')', '>':
			depth = max(depth-1, 0)
		case '"', '\'':
			i = skipString(text, i)
		case '/':
			i = skipComment(text, i)
		}
	}
	return 0, 0, true
}

// skipString returns the index of the quote that ends the string, or of the end
// of the line, where no string goes on.
func skipString(text string, i int) int {
	quote := text[i]
	for i++; i < len(text); i++ {
		switch text[i] {
		case quote, '\n':
			return i
		case '\\':
			i++
		}
	}
	return i
}

// skipComment returns the index of the last character of a comment, or i where
// none begins.
func skipComment(text string, i int) int {
	var end string
	switch {
	case strings.HasPrefix(text[i:], "//"):
		end = "\n"
	case strings.HasPrefix(text[i:], "/*"):
		end = "*/"
	default:
		return i
	}
	at := strings.Index(text[i+2:], end)
	if at < 0 {
		return len(text)
	}
	return i + 2 + at + len(end) - 1
}

// position counts lines and columns from 1.
func position(text string, i int) (line, column int) {
	before := text[:i]
	return strings.Count(before, "\n") + 1, i - strings.LastIndexByte(before, '\n')
}
