package markdown

import "strings"

// bound brings a text into a form whose parsing costs little: valid, not too long, its containers not too
// deep, its tables not too large. It reports whether the text is whole.
func bound(source string) (string, bool) {
	whole := len(source) <= MaxSource
	if !whole {
		source = source[:MaxSource]
	}
	source = strings.ToValidUTF8(source, "\uFFFD")
	source = strings.ReplaceAll(source, "\x00", "\uFFFD")
	source = strings.ReplaceAll(strings.ReplaceAll(source, "\r\n", "\n"), "\r", "\n")
	var b strings.Builder
	b.Grow(len(source) + len(source)/16)
	columns, rows, brackets := 0, 0, 0
	for line := range strings.Lines(source) {
		line = shallow(line)
		if n := columnsOf(line); n > MaxColumns {
			line = strings.ReplaceAll(line, "|", " ")
		} else if columns = max(columns, n); columns > 0 {
			rows++
		}
		if rows*columns > MaxCells {
			b.WriteByte('\n') // Ends the table: what follows is a paragraph.
			rows, columns = 0, 0
		}
		if strings.TrimSpace(line) == "" {
			rows, columns, brackets = 0, 0, 0
		}
		for brackets += strings.Count(line, "["); brackets > MaxBrackets; brackets = strings.Count(line, "[") {
			var head string
			head, line = splitAt(line, "[", MaxBrackets-(brackets-strings.Count(line, "[")))
			b.WriteString(head + "\n\n") // Ends the paragraph.
		}
		b.WriteString(line)
	}
	return b.String(), whole
}

// splitAt cuts a text before the sign of which n come before.
func splitAt(s, sign string, n int) (head, tail string) {
	at := 0
	for range n {
		at += strings.Index(s[at:], sign) + len(sign)
	}
	at += strings.Index(s[at:], sign)
	return s[:at], s[at:]
}

// columnsOf is the number of columns of a table of which a line can be the second one; 0 of other lines.
func columnsOf(line string) int {
	if strings.Trim(line, containers+"|:\n") != "" || !strings.ContainsAny(line, "|:") {
		return 0
	}
	return strings.Count(line, "|") + 1
}

// containers are the characters that begin quotations and lists, with what may stand between them.
const containers = "> \t*+-.)0123456789"

// shallow drops of a line's beginning what would open more than MaxDepth containers.
func shallow(line string) string {
	end := len(line) - len(strings.TrimLeft(line, containers))
	depth := 0
	for i := range end {
		switch line[i] {
		case '>', '*', '+', '-', '.', ')':
			depth++
		}
		if depth > MaxDepth && !isRule(line) {
			return line[:i] + strings.TrimLeft(line[i:], containers)
		}
	}
	const indent = 4 * MaxDepth // Deeper indentation is nested deeper, or code that loses a few spaces.
	if spaces := len(line) - len(strings.TrimLeft(line, " \t")); spaces > indent {
		return line[:indent] + line[spaces:]
	}
	return line
}

// isRule reports whether a line is a thematic break, the underline of a heading or that of a table, of
// whatever length.
func isRule(line string) bool {
	return strings.Trim(line, "*-_ \t\n") == "" && !strings.Contains(line, "* -") && strings.Count(line, " ") < MaxDepth
}
