package console

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// refusal says what of a visitor's request cannot be sent, and why. Field is
// the name of the form's field.
type refusal struct{ Field, Text string }

func (r *refusal) Error() string { return r.Text }

func refuse(field, format string, args ...any) error {
	return &refusal{Field: field, Text: fmt.Sprintf(format, args...)}
}

// pair is a name with its value, in the order in which it was given.
type pair struct{ Name, Value string }

// target is what a call may reach: all of it comes from the catalogue and the
// service, nothing from the visitor.
type target struct {
	// Gateway is the gateway's public URL: scheme and host, and the path under
	// which it is reached, if any.
	Gateway *url.URL
	// API is the path of the API, without slashes at its ends, with the version
	// where that is a segment. Revision is the number of a revision that is not
	// the current one.
	API, Revision string
	// Method and Template are the operation's.
	Method, Template string
	// Query and Header are what chooses the version, where no segment does.
	Query, Header []pair
	// Deeper are the paths of other APIs that begin with this one's.
	Deeper []string
}

// parameter is one that a URL template has.
type parameter struct {
	Name     string
	Wildcard bool
	Query    bool
}

// templateParameters are the parameters of a URL template, in its order. The
// wildcard without a name has the name "*".
func templateParameters(template string) []parameter {
	path, query, _ := strings.Cut(template, "?")
	var found []parameter
	for i, part := range []string{path, query} {
		for part != "" {
			_, rest, ok := strings.Cut(part, "{")
			if !ok {
				break
			}
			name, rest, ok := strings.Cut(rest, "}")
			if !ok {
				break
			}
			bare := strings.TrimPrefix(name, "*")
			found = append(found, parameter{Name: bare, Wildcard: bare != name, Query: i == 1})
			part = rest
		}
	}
	if strings.HasSuffix(path, "/*") {
		found = append(found, parameter{Name: "*", Wildcard: true})
	}
	return found
}

// locate builds the URL of a call from the target and the values that the
// visitor gave for the template's parameters and as further query parameters.
// Its scheme, its host and the beginning of its path are the target's, or there
// is an error.
func (t *target) locate(values map[string]string, query []pair) (*url.URL, error) {
	path, fixed, err := t.expand(values)
	if err != nil {
		return nil, err
	}
	built := *t.Gateway
	built.RawQuery = encodeQuery(slices.Concat(fixed, t.Query, query))
	prefix := t.prefix()
	escaped := prefix + path
	if built.Path, err = url.PathUnescape(escaped); err != nil {
		return nil, refuse("", "the path %q cannot be written as a URL", escaped)
	}
	built.RawPath = escaped
	text := built.String()
	if len(text) > maxURLBytes {
		return nil, refuse("", "the URL is longer than %d bytes", maxURLBytes)
	}
	return t.check(text, escaped)
}

// prefix is the escaped path below which all paths of the API lie.
func (t *target) prefix() string {
	base := strings.TrimRight(t.Gateway.EscapedPath(), "/")
	api := escapePath(strings.Trim(t.API, "/"))
	if api == "" && t.Revision == "" {
		return base
	}
	base += "/" + api
	if t.Revision != "" {
		base += ";rev=" + url.PathEscape(t.Revision)
	}
	return base
}

// check reads a URL that was built as others will read it, and refuses what
// leads elsewhere. No value of a visitor should come so far: this is the second
// lock on the door.
func (t *target) check(text, path string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, refuse("", "these values make no URL")
	}
	same := u.Scheme == t.Gateway.Scheme && u.Host == t.Gateway.Host && u.User == nil && u.Opaque == "" && u.Fragment == ""
	prefix := t.prefix()
	below := u.EscapedPath() == path && (path == prefix || strings.HasPrefix(path, prefix+"/"))
	if !same || !below {
		return nil, refuse("", "these values lead to another place than the API")
	}
	for segment := range strings.SplitSeq(u.Path, "/") {
		if bare, _, _ := strings.Cut(segment, ";"); bare == "." || bare == ".." {
			return nil, refuse("", "a path may not have the segment %q", segment)
		}
	}
	own := oneSlash(strings.TrimPrefix(u.Path, strings.TrimRight(t.Gateway.Path, "/")))
	for _, deeper := range t.Deeper {
		if startsPath(own, "/"+strings.Trim(deeper, "/")) {
			return nil, refuse("", "the path /%s belongs to another API", deeper)
		}
	}
	return u, nil
}

// oneSlash makes one of slashes that follow each other, as the gateway does.
func oneSlash(path string) string {
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	return path
}

// startsPath says whether whole segments of prefix begin the path, as the
// gateway compares them.
func startsPath(path, prefix string) bool {
	if len(path) < len(prefix) || !strings.EqualFold(path[:len(prefix)], prefix) {
		return false
	}
	return len(path) == len(prefix) || path[len(prefix)] == '/' || path[len(prefix)] == ';'
}

// expand puts values in the place of the template's parameters.
func (t *target) expand(values map[string]string) (path string, query []pair, err error) {
	template, part, _ := strings.Cut(t.Template, "?")
	if path, err = expandPath(template, values); err != nil {
		return "", nil, err
	}
	for field := range strings.SplitSeq(part, "&") {
		name, value, _ := strings.Cut(field, "=")
		if name == "" {
			continue
		}
		if inner, ok := strings.CutPrefix(value, "{"); ok {
			parameter := strings.TrimSuffix(inner, "}")
			if value = values[parameter]; value == "" {
				return "", nil, refuse("path."+parameter, "%s has no value", parameter)
			}
		}
		query = append(query, pair{name, value})
	}
	return path, query, nil
}

// expandPath is expand for the template's path, and escapes it.
func expandPath(template string, values map[string]string) (string, error) {
	if template != "" && !strings.HasPrefix(template, "/") {
		template = "/" + template
	}
	bare, star := strings.CutSuffix(template, "/*")
	var b strings.Builder
	for bare != "" {
		literal, rest, found := strings.Cut(bare, "{")
		b.WriteString(escapePath(literal))
		if !found {
			break
		}
		name, after, _ := strings.Cut(rest, "}")
		value, err := pathValue(name, values)
		if err != nil {
			return "", err
		}
		b.WriteString(value)
		bare = after
	}
	if star {
		value, err := pathValue("*", values)
		if err != nil {
			return "", err
		}
		b.WriteString("/" + value)
	}
	return b.String(), nil
}

// pathValue is the escaped value of the parameter that stands in braces.
func pathValue(inner string, values map[string]string) (string, error) {
	name, wildcard := strings.TrimPrefix(inner, "*"), strings.HasPrefix(inner, "*")
	if inner == "*" {
		name = "*"
	}
	value, field := values[name], "path."+name
	switch {
	case value == "" && !wildcard:
		return "", refuse(field, "%s has no value", name)
	case !utf8.ValidString(value) || strings.ContainsFunc(value, isControl):
		return "", refuse(field, "%s has a character that no path can have", name)
	case strings.Contains(value, `\`):
		return "", refuse(field, `%s has a \, which gateways refuse in a path`, name)
	case strings.Contains(value, "/") && !wildcard:
		return "", refuse(field, "%s has a /, which would end its segment of the path", name)
	}
	segments := strings.Split(value, "/")
	for i, segment := range segments {
		if bare, _, _ := strings.Cut(segment, ";"); bare == "." || bare == ".." {
			return "", refuse(field, "%s has the segment %q, which gateways refuse in a path", name, segment)
		}
		segments[i] = url.PathEscape(segment)
	}
	return strings.TrimLeft(strings.Join(segments, "/"), "/"), nil
}

// isControl are the characters that may stand neither in a path nor in a field.
func isControl(r rune) bool { return r < 0x20 || r >= 0x7f && r < 0xa0 }

// escapePath escapes a text that may have slashes.
func escapePath(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if plain, err := url.PathUnescape(s); err == nil {
			s = plain
		}
		segments[i] = strings.ReplaceAll(url.PathEscape(s), "%2C", ",")
	}
	return strings.Join(segments, "/")
}

// encodeQuery writes parameters in their order.
func encodeQuery(query []pair) string {
	var b strings.Builder
	for _, p := range query {
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(escapeQuery(p.Name))
		b.WriteByte('=')
		b.WriteString(escapeQuery(p.Value))
	}
	return b.String()
}

// escapeQuery writes a space as %20, which everybody reads as one.
func escapeQuery(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}
