package xml

import (
	"github.com/sallyport/sallyport/internal/expr/value"
)

// live is a sequence of nodes or attributes that is read while it is enumerated, so that changes in between are seen.
type live struct {
	class value.Type
	start func() func(t *value.Thread) (value.Value, bool, *value.Exception)
}

// ObjectType returns the type of the sequence.
func (l *live) ObjectType() value.Type { return l.class }

// Iterate starts an enumeration.
func (l *live) Iterate(t *value.Thread) value.Iterator {
	next := l.start()
	return func() (value.Value, bool, *value.Exception) {
		if e := t.Budget.Step(); e != nil {
			return value.Nil, false, e
		}
		return next(t)
	}
}

// cursor goes from node to node in the order of the document: through the nodes of top, or where it is deep through
// all that is inside of it.
type cursor struct {
	top, cur *node
	// at are the places of cur and of the nodes around it, up to top, as long as nothing has been moved.
	at   []int
	deep bool
}

// within returns a cursor at top itself.
func within(top *node, deep bool) *cursor { return &cursor{top: top, cur: top, deep: deep} }

// enter goes to the first node inside of cur.
func (c *cursor) enter() bool {
	if len(c.cur.kids) == 0 {
		return false
	}
	c.cur, c.at = c.cur.kids[0], append(c.at, 0)
	return true
}

// advance goes to the next node and reports whether there is one. A node that has been removed ends the nodes of its
// parent, and is a null reference for those of all levels, as in .NET.
func (c *cursor) advance() (bool, *value.Exception) {
	if (c.deep || c.cur == c.top) && c.enter() {
		return true, nil
	}
	for len(c.at) > 0 && c.cur != c.top {
		p, last := c.cur.parent, len(c.at)-1
		switch {
		case p == nil && c.deep:
			return false, value.NullReference()
		case p == nil || !c.deep && p != c.top:
			return false, nil
		}
		i := c.at[last]
		if i >= len(p.kids) || p.kids[i] != c.cur {
			i = c.cur.index()
		}
		if i+1 < len(p.kids) {
			c.cur, c.at[last] = p.kids[i+1], i+1
			return true, nil
		}
		if !c.deep {
			return false, nil
		}
		c.cur, c.at = p, c.at[:last]
	}
	return false, nil
}

// walkFrom returns a sequence of the nodes that a cursor comes to and that are kept; self says that the first is where it
// starts.
func walkFrom(c *value.Call, start func() *cursor, self bool, keep func(*node) bool) (value.Value, *value.Exception) {
	return value.OfObject(&live{class: c.Result, start: func() func(*value.Thread) (value.Value, bool, *value.Exception) {
		at, first, over := start(), self, false
		return func(t *value.Thread) (value.Value, bool, *value.Exception) {
			for !over {
				if !first {
					ok, e := at.advance()
					if over = !ok; over {
						return value.Nil, false, e
					}
				}
				first = false
				if keep(at.cur) {
					return value.OfObject(at.cur), true, nil
				}
				if e := t.Budget.Step(); e != nil {
					return value.Nil, false, e
				}
			}
			return value.Nil, false, nil
		}
	}}), nil
}

// liveElements is walkFrom for elements, of one name where a name is given; a null name finds none.
func liveElements(c *value.Call, start func() *cursor, self bool) (value.Value, *value.Exception) {
	want, named := asName(c, 1)
	if len(c.Args) > 1 && !named {
		return sequence(c, nil)
	}
	return walkFrom(c, start, self, func(n *node) bool {
		return n.kind == elementNode && (!named || n.name == want)
	})
}

func anyNode(*node) bool { return true }

// liveAttributes are the attributes of an element, or the one of a name.
func liveAttributes(c *value.Call) (value.Value, *value.Exception) {
	n := asNode(c.Args[0])
	want, named := asName(c, 1)
	any := len(c.Args) == 1
	return value.OfObject(&live{class: c.Result, start: func() func(*value.Thread) (value.Value, bool, *value.Exception) {
		var last *attribute
		i := 0
		return func(*value.Thread) (value.Value, bool, *value.Exception) {
			if last != nil && last.parent != n {
				return value.Nil, false, nil
			}
			for i < len(n.attrs) {
				a := n.attrs[i]
				i++
				if any || named && a.name == want {
					last = a
					return value.OfObject(a), true, nil
				}
			}
			return value.Nil, false, nil
		}
	}}), nil
}
