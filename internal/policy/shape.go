package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// checkShape checks an element against a shape and reports everything that is
// wrong.
func (c *Compiler) checkShape(el *document.Element, shape *Shape) {
	if shape.Unchecked {
		return
	}
	c.checkAttributes(el, shape)
	c.checkContent(el, shape)
}

// checkAttributes checks names, presence and values of the attributes.
func (c *Compiler) checkAttributes(el *document.Element, shape *Shape) {
	for _, have := range el.Attributes {
		i := slices.IndexFunc(shape.Attributes, func(a Attribute) bool { return a.Name == have.Name })
		switch {
		case i >= 0:
			c.checkValue(el, have.Name, have.Value, &shape.Attributes[i].Value)
		case have.Name == "id" || have.Name == "xmlns" || strings.HasPrefix(have.Name, "xmlns:"):
			// Every policy may have an id, for LastError.PolicyId.
		default:
			c.Fail(have.Pos, el.Name, "there is no attribute "+have.Name, "possible are "+attributeNames(shape))
		}
	}
	for _, want := range shape.Attributes {
		if _, ok := el.Attr(want.Name); want.Required && !ok {
			c.Fail(el.Pos, el.Name, "the attribute "+want.Name+" is missing", want.Value.Doc)
		}
	}
	for _, group := range shape.OneOf {
		c.checkOneOf(el, group)
	}
}

// checkOneOf checks that exactly one attribute of a group is present.
func (c *Compiler) checkOneOf(el *document.Element, group []string) {
	have := 0
	for _, name := range group {
		if _, ok := el.Attr(name); ok {
			have++
		}
	}
	if have != 1 {
		c.Fail(el.Pos, el.Name, "exactly one of the attributes "+strings.Join(group, ", ")+" must be present", "there are "+strconv.Itoa(have))
	}
}

// checkContent checks child elements and text.
func (c *Compiler) checkContent(el *document.Element, shape *Shape) {
	if shape.Payload {
		return
	}
	c.checkText(el, shape)
	counts := make([]int, len(shape.Children))
	for _, child := range el.Children {
		i := slices.IndexFunc(shape.Children, func(k Child) bool { return k.Name == child.Name })
		switch {
		case i >= 0:
			counts[i]++
			c.checkShape(child, &shape.Children[i].Shape)
		case !shape.Policies:
			c.Fail(child.Pos, el.Name, "there is no child element "+child.Name, childHint(shape))
		case len(shape.Only) > 0 && !slices.Contains(shape.Only, child.Name):
			c.Fail(child.Pos, el.Name, "the policy "+child.Name+" cannot stand here", "possible are "+strings.Join(shape.Only, ", "))
		}
	}
	for i, k := range shape.Children {
		if counts[i] < k.Min {
			c.Fail(el.Pos, el.Name, fmt.Sprintf("there must be at least %d child element %s", k.Min, k.Name), k.Doc)
		}
		if k.Max > 0 && counts[i] > k.Max {
			c.Failf(el, "there may be at most %d child element %s, there are %d", k.Max, k.Name, counts[i])
		}
	}
}

// checkText checks the element's own text.
func (c *Compiler) checkText(el *document.Element, shape *Shape) {
	if shape.Text != nil {
		c.checkValue(el, "", el.Text, shape.Text)
		return
	}
	if el.Text.Expression || strings.TrimSpace(el.Text.Value) != "" {
		c.Fail(el.Text.Trim().Pos, el.Name, "text cannot stand in this element", "")
	}
}

// checkValue checks one value against its description. Expressions are checked
// when they are compiled.
func (c *Compiler) checkValue(el *document.Element, name string, text document.Text, v *Value) {
	label := strings.TrimSpace(el.Name + " " + name)
	if c.Mixed(label, text, "make the whole value one expression; write a literal @ as &#64;") {
		return
	}
	if text.Expression {
		if !v.Expression {
			c.Fail(text.Pos, label, "an expression cannot stand here", "write the value itself")
		}
		return
	}
	if wrong := v.check(strings.TrimSpace(text.Value)); wrong != "" {
		c.Fail(text.Pos, label, refusedValue(text)+" is not possible", wrong)
	}
}

// refusedValue quotes a value for a message. Where a named value is in it, which
// may be a secret, it names that instead.
func refusedValue(text document.Text) string { return fmt.Sprintf("%.60q", text.Quotable()) }

// check returns what a literal should have been, or "".
func (v *Value) check(text string) string {
	switch v.Type {
	case TypeInteger:
		n, err := strconv.ParseInt(text, 10, 64)
		switch {
		case err != nil:
			return "a whole number is needed"
		case (v.Min != 0 || v.Max != 0) && (n < v.Min || n > v.Max):
			return fmt.Sprintf("between %d and %d", v.Min, v.Max)
		}
	case TypeBoolean:
		if !strings.EqualFold(text, "true") && !strings.EqualFold(text, "false") {
			return "true or false is needed"
		}
	case TypeEnum:
		if !slices.ContainsFunc(v.Enum, func(e string) bool { return strings.EqualFold(e, text) }) {
			return "possible are " + strings.Join(v.Enum, ", ")
		}
	case TypeURL:
		if _, err := message.ParseURL(text); err != nil {
			return err.Error()
		}
	case TypeDuration:
		if _, err := ParseDuration(text); err != nil {
			return err.Error()
		}
	case TypeDateTime:
		if _, err := time.Parse(time.RFC3339, text); err != nil {
			return "a date such as 2026-01-31T00:00:00Z is needed"
		}
	case TypeString, TypeAny:
	}
	return ""
}

// ParseDuration reads a number of seconds ("30") or a TimeSpan ("00:01:30",
// "1.02:00:00").
func ParseDuration(text string) (time.Duration, error) {
	const hint = "seconds or a TimeSpan such as 00:01:30 is needed"
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(n) * time.Second, nil
	}
	var days uint64
	rest := text
	if d, after, ok := strings.Cut(text, "."); ok && strings.Contains(after, ":") {
		n, err := strconv.ParseUint(d, 10, 16)
		if err != nil {
			return 0, fmt.Errorf("reading %.40q: %s", text, hint)
		}
		days, rest = n, after
	}
	clock, err := time.Parse("15:04:05", rest)
	if err != nil {
		return 0, fmt.Errorf("reading %.40q: %s", text, hint)
	}
	midnight := time.Date(clock.Year(), clock.Month(), clock.Day(), 0, 0, 0, 0, time.UTC)
	return time.Duration(days)*24*time.Hour + clock.Sub(midnight), nil
}

// attribute returns the description of an attribute of the element that is
// being compiled, or nil.
func (c *Compiler) attribute(el *document.Element, name string) *Attribute {
	shape := c.shapeOf(el)
	if shape == nil {
		return nil
	}
	for i := range shape.Attributes {
		if shape.Attributes[i].Name == name {
			return &shape.Attributes[i]
		}
	}
	return nil
}

// defaultOf returns the default of an attribute.
func (c *Compiler) defaultOf(el *document.Element, name string) string {
	if a := c.attribute(el, name); a != nil {
		return a.Value.Default
	}
	return ""
}

// shapeOf finds the shape of an element: its policy's, or that of the child of
// that name in the policy that is being compiled.
func (c *Compiler) shapeOf(el *document.Element) *Shape {
	if spec := c.env.Policies.Lookup(el.Name); spec != nil {
		return &spec.Shape
	}
	if len(c.open) == 0 {
		return nil
	}
	return findChild(&c.open[len(c.open)-1].Shape, el.Name)
}

// findChild looks for a child element's shape at any depth.
func findChild(shape *Shape, name string) *Shape {
	for i := range shape.Children {
		k := &shape.Children[i]
		if k.Name == name {
			return &k.Shape
		}
		if found := findChild(&k.Shape, name); found != nil {
			return found
		}
	}
	return nil
}

func attributeNames(shape *Shape) string {
	names := make([]string, 0, len(shape.Attributes)+1)
	for _, a := range shape.Attributes {
		names = append(names, a.Name)
	}
	return strings.Join(append(names, "id"), ", ")
}

func childHint(shape *Shape) string {
	if len(shape.Children) == 0 {
		return "this element has no child elements"
	}
	names := make([]string, 0, len(shape.Children))
	for _, k := range shape.Children {
		names = append(names, k.Name)
	}
	return "possible are " + strings.Join(names, ", ")
}

// nearest suggests the policy whose name is closest to a wrong one.
func nearest(name string, r *Registry) string {
	best, distance := "", len(name)/2+1
	for _, s := range r.All() {
		if d := editDistance(name, s.Name); d < distance {
			best, distance = s.Name, d
		}
	}
	if best == "" {
		return "docs/policies lists the policies"
	}
	return "did you mean " + best + "?"
}

// editDistance is the Levenshtein distance of two short names.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		previous := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			previous, row[j] = row[j], min(row[j]+1, row[j-1]+1, previous+cost)
		}
	}
	return row[len(b)]
}
