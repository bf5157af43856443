package json

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/library/json/jsonpath"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// selection takes the steps of a path from token to token.
type selection struct {
	thread *value.Thread
	root   *Token
	// strict makes what a step does not find an exception.
	strict bool
	// re is the regular expression compiled last.
	re *regexp.Regexp
}

// selectTokens returns the tokens that a path selects.
func selectTokens(th *value.Thread, root *Token, path string, strict bool) ([]*Token, *value.Exception) {
	steps, e := jsonpath.Parse(th, path)
	if e != nil {
		return nil, e
	}
	s := &selection{thread: th, root: root, strict: strict}
	return s.run(root, steps)
}

// run returns what all steps select from one token.
func (s *selection) run(from *Token, steps []jsonpath.Step) ([]*Token, *value.Exception) {
	list := []*Token{from}
	for i := range steps {
		var next []*Token
		for _, t := range list {
			n := len(next)
			var e *value.Exception
			if next, e = s.apply(next, &steps[i], t); e != nil {
				return nil, e
			}
			if e := s.thread.Budget.Steps(int64(len(next) - n + 1)); e != nil {
				return nil, e
			}
		}
		list = next
	}
	return list, nil
}

// apply appends what a step selects from one token.
func (s *selection) apply(out []*Token, st *jsonpath.Step, t *Token) ([]*Token, *value.Exception) {
	if !st.Deep {
		return s.children(out, st, t, s.strict)
	}
	if st.All {
		var e *value.Exception
		if out, e = value.Append(s.thread, out, t); e != nil {
			return nil, e
		}
	}
	return s.visit(out, st, t, 0)
}

// visit appends what a step selects from a token and from all that is inside it.
func (s *selection) visit(out []*Token, st *jsonpath.Step, t *Token, depth int) ([]*Token, *value.Exception) {
	if e := s.thread.Budget.Step(); e != nil {
		return nil, e
	}
	if depth > 2*maxDepth {
		return nil, jsonError("The token is nested too deeply.")
	}
	var e *value.Exception
	if t.kind != Property && (!indexes(st) || depth == 0) {
		if out, e = s.children(out, st, t, false); e != nil {
			return nil, e
		}
	}
	for _, c := range t.items {
		if out, e = s.visit(out, st, c, depth+1); e != nil {
			return nil, e
		}
	}
	return out, nil
}

// indexes reports whether a step is [n] or [*], which Newtonsoft does not look for inside of a token.
func indexes(st *jsonpath.Step) bool {
	return len(st.Indices) > 0 || st.All && !st.Field
}

func (s *selection) children(out []*Token, st *jsonpath.Step, t *Token, strict bool) ([]*Token, *value.Exception) {
	switch {
	case st.All:
		if !st.Deep && (t.kind == Object) != st.Field {
			return out, nil
		}
		return s.values(out, t, nil)
	case st.Filter != nil:
		return s.values(out, t, st.Filter)
	case st.Slice != nil:
		return s.slice(out, t, st.Slice, strict)
	case st.Names != nil:
		return s.named(out, st, t, strict)
	}
	return s.indexed(out, st, t, strict)
}

// values appends the elements of an array or the values of an object's properties for which a filter holds.
func (s *selection) values(out []*Token, t *Token, f *jsonpath.Filter) ([]*Token, *value.Exception) {
	for _, c := range t.items {
		if t.kind == Object {
			c = c.items[0]
		}
		ok, e := f == nil, (*value.Exception)(nil)
		if f != nil {
			ok, e = s.holds(f, c)
		}
		if ok && e == nil {
			out, e = value.Append(s.thread, out, c)
		}
		if e != nil {
			return nil, e
		}
	}
	return out, nil
}

// valuesOf returns the elements of an array or the values of an object's properties.
func valuesOf(th *value.Thread, t *Token) ([]*Token, *value.Exception) {
	if t.kind != Object {
		return t.items, nil
	}
	out, e := value.Make[*Token](th, len(t.items))
	for i := range out {
		out[i] = t.items[i].items[0]
	}
	return out, e
}

func (s *selection) named(out []*Token, st *jsonpath.Step, t *Token, strict bool) ([]*Token, *value.Exception) {
	for _, name := range st.Names {
		if t.kind != Object {
			if strict {
				return nil, jsonError("Property '" + name + "' not valid on " + t.shortName() + ".")
			}
			continue
		}
		p := t.find(name)
		switch {
		case p != nil:
			var e *value.Exception
			if out, e = value.Append(s.thread, out, p.items[0]); e != nil {
				return nil, e
			}
		case strict:
			return nil, jsonError("Property '" + name + "' does not exist on JObject.")
		}
	}
	return out, nil
}

func (s *selection) indexed(out []*Token, st *jsonpath.Step, t *Token, strict bool) ([]*Token, *value.Exception) {
	for _, i := range st.Indices {
		switch {
		case t.kind != Array && t.kind != Constructor:
			if strict {
				return nil, jsonError(fmt.Sprintf("Index %d not valid on %s.", i, t.shortName()))
			}
		case i < 0:
			return nil, value.OutOfRange("index", "Index was out of range. Must be non-negative and less than the size of the collection.")
		case i < len(t.items):
			var e *value.Exception
			if out, e = value.Append(s.thread, out, t.items[i]); e != nil {
				return nil, e
			}
		case strict:
			return nil, jsonError(fmt.Sprintf("Index %d outside the bounds of JArray.", i))
		}
	}
	return out, nil
}

func (t *Token) shortName() string {
	name := t.className()
	return name[strings.LastIndexByte(name, '.')+1:]
}

// slice appends the elements of [start:end:step] as Python does.
func (s *selection) slice(out []*Token, t *Token, by *[3]*int, strict bool) ([]*Token, *value.Exception) {
	if t.kind != Array {
		if strict {
			return nil, jsonError("Array slice is not valid on " + t.shortName() + ".")
		}
		return out, nil
	}
	found := len(out)
	n := len(t.items)
	start, stop, step := jsonpath.Bounds(by, n)
	if step == 0 {
		return nil, jsonError("Step cannot be zero.")
	}
	for i := start; step > 0 && i < stop || step < 0 && i > stop; i += step {
		if i >= 0 && i < n {
			var e *value.Exception
			if out, e = value.Append(s.thread, out, t.items[i]); e != nil {
				return nil, e
			}
		}
		if step > n || step < -n {
			break
		}
	}
	if strict && len(out) == found {
		return nil, jsonError("Array slice returned no results.")
	}
	return out, nil
}
