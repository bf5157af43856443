package mail

import (
	"fmt"
	"html"
	"regexp"
	"strings"
)

// Limits of what a template becomes.
const (
	// maxSubject bounds a subject, in characters; what is more is cut off.
	maxSubject = 400
	// maxBody bounds the HTML of a message, in bytes.
	maxBody = 512 << 10
	// maxConditions bounds how deep conditions of a template stand in each other.
	maxConditions = 16
)

// token finds what a template may hold beside text: a parameter, $Name, ${Name}
// or $!Name, and the directives #if (…), #else and #end. They are those of the
// templates of Azure API Management.
var token = regexp.MustCompile(`\$!?(?:\{([A-Za-z][A-Za-z0-9_]*)\}|([A-Za-z][A-Za-z0-9_]*))|#if\s*\(([^()]{1,200})\)|#(else|end)\b`)

// condition is what stands in #if: a parameter, alone or compared to a text.
var condition = regexp.MustCompile(`^\s*\$!?\{?([A-Za-z][A-Za-z0-9_]*)\}?\s*(?:(==|!=)\s*(?:"([^"]*)"|'([^']*)'))?\s*$`)

// expand replaces the parameters of a template by their values, each of which
// passes through escape, in one pass: a value that looks like a parameter is
// text. A name that is no parameter stays as it is written.
func expand(template string, parameters map[string]string, escape func(string) string) (string, error) {
	e := expansion{parameters: parameters, escape: escape}
	rest := 0
	for _, at := range token.FindAllStringSubmatchIndex(template, -1) {
		e.write(template[rest:at[0]])
		if err := e.token(template, at); err != nil {
			return "", err
		}
		rest = at[1]
	}
	e.write(template[rest:])
	if e.out.Len() > maxBody {
		return "", fmt.Errorf("the text has %d bytes (limit maxBody, %d)", e.out.Len(), maxBody)
	}
	return e.out.String(), nil
}

type expansion struct {
	out        strings.Builder
	parameters map[string]string
	escape     func(string) string
	// open are the conditions around the place; each says whether it holds.
	open []bool
}

func (e *expansion) write(text string) {
	for _, holds := range e.open {
		if !holds {
			return
		}
	}
	if e.out.Len() <= maxBody { // Once it is too long, it is refused whatever follows.
		e.out.WriteString(text)
	}
}

// token handles one match of the regular expression token.
func (e *expansion) token(template string, at []int) error {
	group := func(n int) string {
		if at[2*n] < 0 {
			return ""
		}
		return template[at[2*n]:at[2*n+1]]
	}
	whole := group(0)
	switch {
	case group(3) != "":
		return e.begin(whole, group(3))
	case group(4) == "else" && len(e.open) > 0:
		e.open[len(e.open)-1] = !e.open[len(e.open)-1]
	case group(4) == "end" && len(e.open) > 0:
		e.open = e.open[:len(e.open)-1]
	case group(4) != "":
		e.write(whole)
	default:
		if value, ok := e.parameters[group(1)+group(2)]; ok {
			e.write(e.escape(value))
		} else {
			e.write(whole)
		}
	}
	return nil
}

// begin opens a condition. What is no condition that is understood is text.
func (e *expansion) begin(whole, text string) error {
	parts := condition.FindStringSubmatch(html.UnescapeString(text))
	if parts == nil {
		e.write(whole)
		return nil
	}
	if len(e.open) == maxConditions {
		return fmt.Errorf("its conditions stand in each other more than %d deep (limit maxConditions)", maxConditions)
	}
	value := e.parameters[parts[1]]
	wanted := parts[3] + parts[4]
	switch parts[2] {
	case "==":
		e.open = append(e.open, value == wanted)
	case "!=":
		e.open = append(e.open, value != wanted)
	default:
		e.open = append(e.open, value != "")
	}
	return nil
}

// oneLine makes a text fit for a header field: no control characters, single
// spaces, and no more than limit characters. So nothing that a value holds can
// begin another field.
func oneLine(text string, limit int) string {
	line := strings.Join(strings.FieldsFunc(text, breaks), " ")
	if runes := []rune(line); len(runes) > limit {
		line = string(runes[:limit-1]) + "…"
	}
	return line
}

// breaks are the characters that part the words of a line: spaces and whatever
// cannot be seen.
func breaks(r rune) bool {
	return r <= ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x2028 || r == 0x2029
}

// visible is a value without control characters, which neither HTML nor text of
// mail may hold.
func visible(value string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && breaks(r) && r != ' ' {
			return -1
		}
		return r
	}, value)
}
