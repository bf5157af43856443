package rewrite

import (
	"bytes"
	"strings"

	"github.com/sallyport/sallyport/internal/portal/reference/document"
)

// YAML writes JSON as YAML in block style. Texts that could be read as anything
// else are in quotes.
func YAML(data []byte) []byte {
	var b bytes.Buffer
	block(&b, document.Of(data), 0)
	return b.Bytes()
}

// block writes what stands below a name, each line with its white space.
func block(b *bytes.Buffer, v document.Value, depth int) {
	indent := strings.Repeat("  ", depth)
	for name, inner := range v.Members() {
		b.WriteString(indent + plain(name) + ":")
		entry(b, inner, depth)
	}
	for item := range v.Items() {
		b.WriteString(indent + "-")
		entry(b, item, depth)
	}
}

// entry writes what follows a name or a dash.
func entry(b *bytes.Buffer, v document.Value, depth int) {
	const empty = len("{}")
	if k := v.Kind(); (k == document.Object || k == document.List) && len(v.JSON()) > empty {
		b.WriteByte('\n')
		block(b, v, depth+1)
		return
	}
	b.WriteByte(' ')
	if v.Kind() == document.String {
		b.WriteString(plain(v.Text()))
	} else {
		b.Write(v.JSON())
	}
	b.WriteByte('\n')
}

// plain is a text without quotes where it can only be a text.
func plain(s string) string {
	simple := s != "" && strings.IndexFunc(s, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("/_-. $", c))
	}) < 0 && (s[0] >= 'a' && s[0] <= 'z' || s[0] >= 'A' && s[0] <= 'Z' || s[0] == '/') && !strings.HasSuffix(s, " ")
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "on", "off", "null", "y", "n":
		simple = false
	}
	if simple {
		return s
	}
	return string(text(s))
}
