package console

import (
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// connectionFields are the header fields that a visitor cannot set: they say how
// the message travels, whom it is for, or who sent it, and that is the proxy's
// to say.
var connectionFields = []string{
	"Connection", "Content-Length", "Expect", "Forwarded", "Host", "Http2-Settings", "Keep-Alive", "Max-Forwards",
	"Te", "Trailer", "Transfer-Encoding", "Upgrade", "Via", "X-Real-Ip",
}

// connectionPrefixes begin the names of further such fields.
var connectionPrefixes = []string{"Proxy-", "X-Forwarded-", "X-Sallyport-", ":"}

// checkField refuses a header field that may not be sent. Name and value are a
// field of their own whatever they hold: a line's end in one of them is refused.
func checkField(form, name, value string) error {
	switch canonical := textproto.CanonicalMIMEHeaderKey(name); {
	case !httpguts.ValidHeaderFieldName(name):
		return refuse(form, "%q is no name of a header field", name)
	case !httpguts.ValidHeaderFieldValue(value):
		return refuse(form, "the value of %s has a character that no header field can have", name)
	case slices.Contains(connectionFields, canonical) || hasPrefix(canonical, connectionPrefixes):
		return refuse(form, "%s is set by the console itself, because it is about the connection", canonical)
	}
	return nil
}

func hasPrefix(name string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}

// readFields reads header fields that were typed, one a line, as "Name: value".
func readFields(form, text string) ([]pair, error) {
	return readLines(form, text, ":", "a header field is written as Name: value")
}

// readQuery reads query parameters that were typed, one a line, as "name=value".
func readQuery(form, text string) ([]pair, error) {
	return readLines(form, text, "=", "a query parameter is written as name=value")
}

// readLines reads a pair from each line that is not empty. A browser ends lines
// with CR LF; a CR anywhere else stays, and is refused with the value.
func readLines(form, text, separator, hint string) ([]pair, error) {
	var pairs []pair
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSuffix(line, "\r")
		if strings.Trim(line, " \t") == "" {
			continue
		}
		name, value, found := strings.Cut(line, separator)
		name = strings.Trim(name, " \t")
		if !found || name == "" {
			return nil, refuse(form, "%q: %s", shorten(line, 60), hint)
		}
		if pairs = append(pairs, pair{name, strings.Trim(value, " \t")}); len(pairs) > maxFields {
			return nil, refuse(form, "there are more than %d lines", maxFields)
		}
	}
	return pairs, nil
}

// shorten cuts a text for a message.
func shorten(text string, runes int) string {
	if r := []rune(text); len(r) > runes {
		return string(r[:runes]) + "…"
	}
	return text
}

// setField puts a field in the place of all of its name.
func setField(fields []pair, name, value string) []pair {
	fields = slices.DeleteFunc(fields, func(p pair) bool { return strings.EqualFold(p.Name, name) })
	return append(fields, pair{name, value})
}

// fieldOf is the value of the first field with a name.
func fieldOf(fields []pair, name string) string {
	for _, p := range fields {
		if strings.EqualFold(p.Name, name) {
			return p.Value
		}
	}
	return ""
}

// headerPairs are the fields of a header by their names, for showing them.
func headerPairs(h http.Header) []pair {
	var pairs []pair
	for name, values := range h {
		for _, value := range values {
			pairs = append(pairs, pair{name, value})
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return strings.Compare(a.Name, b.Name) })
	return pairs
}
