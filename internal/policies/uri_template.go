package policies

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
)

// uriTemplate is a URL relative to a base, with parameters in its path and its
// query.
type uriTemplate struct{ path, query uriPart }

// uriPart is literal texts, already escaped, with parameters between them.
type uriPart []uriPiece

// uriPiece is a literal text or, where parameter is set, the name of a parameter
// that stands there.
type uriPiece struct {
	text      string // of a parameter: how it stands where it is none
	parameter string
}

// parseURITemplate reads a template. A path is given exactly one slash at its
// beginning.
func parseURITemplate(text string) (*uriTemplate, error) {
	if len(text) > maxRewritten {
		return nil, fmt.Errorf("the template is longer than %d bytes", maxRewritten)
	}
	if !message.ValidFieldValue(text) {
		return nil, errors.New("the template has a control character")
	}
	text = strings.TrimSpace(text)
	path, query, _ := strings.Cut(text, "?")
	t := &uriTemplate{}
	t.path = parseURIPart("/"+strings.TrimLeft(path, `/\`), pathLiteral)
	t.query = parseURIPart(query, queryLiteral)
	return t, nil
}

// parseURIPart divides a part into literals and parameters. A brace that opens no
// parameter stands for itself.
func parseURIPart(text string, allowed *[256]bool) uriPart {
	var part uriPart
	literal := func(s string) {
		if s != "" {
			part = append(part, uriPiece{text: escapeLiteral(s, allowed)})
		}
	}
	for {
		before, rest, found := strings.Cut(text, "{")
		if !found {
			literal(text)
			return part
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || name == "" || strings.ContainsAny(name, "{/?&=") {
			literal(before + "{")
			text = rest
			continue
		}
		literal(before)
		part = append(part, uriPiece{text: escapeLiteral("{"+name+"}", allowed), parameter: strings.TrimPrefix(name, "*")})
		text = after
	}
}

func (t *uriTemplate) hasParameters() bool {
	return t.path.hasParameters() || t.query.hasParameters()
}

func (p uriPart) hasParameters() bool {
	for i := range p {
		if p[i].parameter != "" {
			return true
		}
	}
	return false
}

// literal returns the part where it has no parameters.
func (p uriPart) literal() string {
	if len(p) == 1 {
		return p[0].text
	}
	var b strings.Builder
	for i := range p {
		b.WriteString(p[i].text)
	}
	return b.String()
}

// fill puts the values of the request's parameters in. A name that is no
// parameter is a failure where strict, and otherwise stands for itself.
func (p uriPart) fill(c *policy.Call, escape func(c *policy.Call, at policy.Parameter) string, strict bool) (string, error) {
	if len(p) == 0 || len(p) == 1 && p[0].parameter == "" {
		return p.literal(), nil
	}
	var b strings.Builder
	for i := range p {
		if p[i].parameter == "" {
			b.WriteString(p[i].text)
			continue
		}
		at, ok := parameterOf(c, p[i].parameter)
		switch {
		case ok:
			b.WriteString(escape(c, at))
		case strict:
			return "", fmt.Errorf("the operation's URL template has no parameter %.60q", p[i].parameter)
		default:
			b.WriteString(p[i].text)
		}
	}
	return b.String(), nil
}

// parameterOf finds a parameter of the request by its name, without regard to
// case.
func parameterOf(c *policy.Call, name string) (policy.Parameter, bool) {
	for _, at := range c.Parameters {
		if strings.EqualFold(at.Name, name) {
			return at, true
		}
	}
	return policy.Parameter{}, false
}

// escapePathValue escapes a parameter for the path. Only one that stands for the
// rest of a path may hold slashes.
func escapePathValue(c *policy.Call, at policy.Parameter) string {
	if isWildcard(c, at.Name) {
		return escapeValue(at.Value, wildcardValue)
	}
	return escapeValue(at.Value, segmentValue)
}

// escapeQueryValue escapes a parameter for the query.
func escapeQueryValue(_ *policy.Call, at policy.Parameter) string {
	return message.EscapeQuery(at.Value)
}

// isWildcard reports whether a parameter of the operation's URL template stands
// for the rest of the path.
func isWildcard(c *policy.Call, name string) bool {
	return name == "*" || c.Operation != nil && strings.Contains(c.Operation.URLTemplate, "{*"+name+"}")
}

// The bytes that stand for themselves in literals, which may hold escapes
// already, and in values, where everything else is escaped.
var (
	pathLiteral   = bytesOf("!$&'()*+,;=:@/")
	queryLiteral  = bytesOf("!$&'()*+,;=:@/?")
	segmentValue  = bytesOf("!$'()*,:@")
	wildcardValue = bytesOf("!$'()*,:@/")
)

// bytesOf returns the unreserved characters (RFC 3986 §2.3) and some others.
func bytesOf(others string) *[256]bool {
	var t [256]bool
	for _, c := range "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~" + others {
		t[c] = true
	}
	return &t
}

const upperHex = "0123456789ABCDEF"

// escapeLiteral escapes what a part of a URL cannot hold. An escape that is there
// stays.
func escapeLiteral(text string, allowed *[256]bool) string {
	var b strings.Builder
	for i := range len(text) {
		if ch := text[i]; allowed[ch] || ch == '%' && isEscape(text[i:]) {
			b.WriteByte(ch)
		} else {
			writeEscape(&b, ch)
		}
	}
	return b.String()
}

// escapeValue escapes everything but the bytes that are allowed.
func escapeValue(text string, allowed *[256]bool) string {
	var b strings.Builder
	b.Grow(len(text))
	for i := range len(text) {
		if allowed[text[i]] {
			b.WriteByte(text[i])
		} else {
			writeEscape(&b, text[i])
		}
	}
	return b.String()
}

func writeEscape(b *strings.Builder, ch byte) {
	b.WriteByte('%')
	b.WriteByte(upperHex[ch>>4])
	b.WriteByte(upperHex[ch&0xf])
}

// isEscape reports whether a text begins with a whole escape.
func isEscape(text string) bool {
	return len(text) >= 3 && hexDigit(text[1]) >= 0 && hexDigit(text[2]) >= 0
}

func hexDigit(ch byte) int {
	switch {
	case '0' <= ch && ch <= '9':
		return int(ch - '0')
	case 'a' <= ch && ch <= 'f':
		return int(ch-'a') + 10
	case 'A' <= ch && ch <= 'F':
		return int(ch-'A') + 10
	}
	return -1
}

// unescapePath undoes the escapes of a path.
func unescapePath(text string) string {
	if strings.IndexByte(text, '%') < 0 {
		return text
	}
	b := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && isEscape(text[i:]) {
			b = append(b, byte(hexDigit(text[i+1])<<4|hexDigit(text[i+2]))) //nolint:gosec // Two hexadecimal digits fit.
			i += 2
			continue
		}
		b = append(b, text[i])
	}
	return string(b)
}
