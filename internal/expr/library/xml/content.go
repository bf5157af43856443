package xml

import (
	"math"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/library/collections"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/expr/value/date"
	"github.com/sallyport/sallyport/internal/expr/value/number"
)

// plainText is a value as XML writes it: true, INF, 2024-01-02T03:04:05Z.
func plainText(t *value.Thread, v value.Value) (string, *value.Exception) {
	if _, bits, ok := v.Boxed(); ok {
		typ := object.Of(t).TypeOf(v)
		switch typ.Special() {
		case types.Boolean:
			if bits != 0 {
				return "true", nil
			}
			return "false", nil
		case types.Double, types.Single:
			return realText(v.Float(), object.Real(typ)), nil
		case types.DateTime:
			return date.Format(int64(bits), "yyyy-MM-ddTHH:mm:ss.FFFFFFFK")
		case types.TimeSpan:
			return durationText(int64(bits)), nil
		}
	}
	if o, ok := v.Object(); ok {
		switch o := o.(type) {
		case *object.Offset:
			return date.FormatOffset(o.Ticks, o.By, "yyyy-MM-ddTHH:mm:ss.FFFFFFFzzz")
		case *node:
			return o.content(t)
		case *attribute:
			return o.value, nil
		}
	}
	s, e := object.TextIn(t, v)
	return s.Go(), e
}

func realText(f float64, real number.Real) string {
	switch {
	case math.IsInf(f, 1):
		return "INF"
	case math.IsInf(f, -1):
		return "-INF"
	default:
		return real.RoundTrip(f)
	}
}

// contents turns an argument into nodes and attributes and puts them at a place among n's nodes; it returns
// the place behind them.
func (n *node) contents(t *value.Thread, i int, v value.Value) (int, *value.Exception) {
	if e := t.Budget.Step(); e != nil {
		return i, e
	}
	if v.IsNull() {
		return i, nil
	}
	if s, ok := v.Str(); ok {
		return n.addText(t, i, s.Go())
	}
	o, ok := v.Object()
	if !ok {
		s, e := plainText(t, v)
		if e != nil {
			return i, e
		}
		return n.addText(t, i, s)
	}
	switch o := o.(type) {
	case *node:
		return n.addNode(t, i, o)
	case *attribute:
		return i, n.addAttribute(t, o)
	case value.Enumerable:
		e := collections.Each(t, o, func(v value.Value) (bool, *value.Exception) {
			var e *value.Exception
			i, e = n.contents(t, i, v)
			return true, e
		})
		return i, e
	default:
		s, e := plainText(t, v)
		if e != nil {
			return i, e
		}
		return n.addText(t, i, s)
	}
}

// addText adds character data, joined with the text before it.
func (n *node) addText(t *value.Thread, i int, s string) (int, *value.Exception) {
	if n.kind == documentNode && strings.Trim(s, " \t\r\n") != "" {
		return i, value.Argument("", "Non-whitespace characters cannot be added to content.")
	}
	n.full = true
	if s == "" {
		return i, nil
	}
	if i > 0 && n.kids[i-1].kind == textNode {
		return i, n.kids[i-1].extend(t, s)
	}
	if e := t.Budget.Alloc(nodeBytes); e != nil {
		return i, e
	}
	return i + 1, n.insert(t, i, &node{f: n.f, kind: textNode, text: s})
}

// addNode adds a node; one that has a parent already is copied.
func (n *node) addNode(t *value.Thread, i int, k *node) (int, *value.Exception) {
	if k.kind == documentNode {
		return i, value.Argument("", "A node of type Document cannot be added to content.")
	}
	if n.kind == documentNode && k.kind == elementNode && rootOf(n) != nil {
		return i, value.InvalidOperation("This operation would create an incorrectly structured document.")
	}
	if k.parent != nil || k == n || inside(n, k) {
		var e *value.Exception
		if k, e = k.cloneIn(t); e != nil {
			return i, e
		}
	}
	n.full = true
	return i + 1, n.insert(t, i, k)
}

// extend appends to a node of character data. The text that it had is garbage: there must be room for both.
func (n *node) extend(t *value.Thread, s string) *value.Exception {
	if e := t.Budget.Room(int64(len(n.text) + len(s))); e != nil {
		return e
	}
	if e := t.Budget.Alloc(int64(len(s))); e != nil {
		return e
	}
	n.text += s
	return t.Budget.Steps(int64(len(n.text)) / textStep)
}

// textStep is how many bytes of character data are copied in one step of a run.
const textStep = 256

// inside reports whether n stands in k.
func inside(n, k *node) bool {
	for p := n.parent; p != nil; p = p.parent {
		if p == k {
			return true
		}
	}
	return false
}

// addAttribute adds an attribute; one that has a parent already is copied.
func (n *node) addAttribute(t *value.Thread, a *attribute) *value.Exception {
	if n.kind != elementNode {
		return value.Argument("", "An attribute cannot be added to content.")
	}
	if n.attr(a.name) != nil {
		return value.InvalidOperation("Duplicate attribute.")
	}
	if e := t.Budget.Alloc(attributeBytes); e != nil {
		return e
	}
	if e := t.Budget.Steps(int64(len(n.attrs)) / movedStep); e != nil {
		return e
	}
	if a.parent != nil {
		a = &attribute{f: a.f, name: a.name, value: a.value}
	}
	a.parent = n
	n.attrs = append(n.attrs, a)
	return nil
}

// clear removes all nodes.
func (n *node) clear() {
	for _, k := range n.kids {
		k.parent = nil
	}
	n.kids = nil
}

// setText replaces all nodes by text.
func (n *node) setText(t *value.Thread, s string) *value.Exception {
	n.clear()
	_, e := n.addText(t, 0, s)
	return e
}
