package policies

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// originList is the origins that may call.
type originList struct {
	any   bool
	known []string        // as browsers write them
	late  []policy.String // given by expressions
}

func compileOrigins(c *policy.Compiler, el *document.Element) originList {
	var l originList
	for _, child := range el.Children {
		v := c.Value(child, child.Text)
		text, known := v.Constant()
		switch {
		case !known:
			l.late = append(l.late, v)
		case strings.TrimSpace(text) == "*":
			l.any = true
		default:
			l.known = append(l.known, canonicalOrigin(text))
		}
	}
	return l
}

// canonicalOrigin writes an origin as browsers do: scheme, host and the port
// where it is not the scheme's own, without a path. What is no URL stays as it
// is, and matches nothing that a browser sends.
func canonicalOrigin(text string) string {
	text = strings.TrimSpace(text)
	u, err := message.ParseURL(text)
	if err != nil {
		return text
	}
	return u.Scheme + "://" + u.Authority()
}

// match reports whether an origin is allowed, and whether that is because any
// is.
func (l *originList) match(c *policy.Call, origin string) (any, ok bool, err error) {
	if l.any {
		return true, true, nil
	}
	if slices.Contains(l.known, origin) {
		return false, true, nil
	}
	for _, v := range l.late {
		text, err := v.Eval(c)
		if err != nil {
			return false, false, err
		}
		if strings.TrimSpace(text) == "*" {
			return true, true, nil
		}
		if canonicalOrigin(text) == origin {
			return false, true, nil
		}
	}
	return false, false, nil
}

// tokenList is methods or header names.
type tokenList struct {
	any   bool
	known []string
	late  []policy.String // given by expressions
}

func compileTokens(c *policy.Compiler, el *document.Element) tokenList {
	var l tokenList
	for _, child := range el.Children {
		v := c.Value(child, child.Text)
		text, known := v.Constant()
		text = strings.TrimSpace(text)
		switch {
		case !known:
			l.late = append(l.late, v)
		case text == "*":
			l.any = true
		case !message.ValidFieldName(text):
			c.Failf(child, "%q is not possible here: it has characters that neither a method nor a header name can have", text)
		default:
			l.known = append(l.known, text)
		}
	}
	return l
}

// tokens returns the list for a request, and whether it has everything.
func (l *tokenList) tokens(c *policy.Call) (list []string, any bool, err error) {
	list, any = l.known, l.any
	for _, v := range l.late {
		text, err := v.Eval(c)
		if err != nil {
			return nil, false, err
		}
		text = strings.TrimSpace(text)
		if text == "*" {
			any = true
		} else if message.ValidFieldName(text) {
			list = append(slices.Clip(list), text)
		}
	}
	return list, any, nil
}

// join returns the list as a header has it.
func (l *tokenList) join(c *policy.Call) (string, error) {
	list, any, err := l.tokens(c)
	if any {
		return "*", err
	}
	return strings.Join(list, ","), err
}

// allow returns what a preflight request is told about what it asks for, and
// whether all of it is allowed. Where everything is allowed, it is told what it
// asked for, because browsers do not take "*" with credentials.
func (l *tokenList) allow(c *policy.Call, asked []string, foldCase bool) (string, bool, error) {
	list, any, err := l.tokens(c)
	if err != nil {
		return "", false, err
	}
	for _, a := range asked {
		if !message.ValidFieldName(a) {
			return "", false, nil
		}
		has := slices.ContainsFunc(list, func(t string) bool { return t == a || (foldCase && message.EqualFold(t, a)) })
		if !any && !has {
			return "", false, nil
		}
	}
	if any {
		return strings.Join(asked, ","), true, nil
	}
	return strings.Join(list, ","), true, nil
}

// splitTokens divides a list of a header's value.
func splitTokens(text string) []string {
	var list []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

func formatInt(n int64) string { return strconv.FormatInt(n, 10) }
