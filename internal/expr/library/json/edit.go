package json

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/library/json/jsontext"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// tokenBytes is what a token takes of the memory budget.
const tokenBytes = 144

// nameBytes is what the name of a property takes of it in the index of its object.
const nameBytes = value.MapSlots * 25

// adopt returns a token that may become a child: a copy where it has a parent already.
func (t *Token) adopt(th *value.Thread, child *Token) (*Token, *value.Exception) {
	if child == nil {
		child = t.world.scalar(Null, value.Nil)
	}
	if child.parent != nil || child == t || child == t.root() {
		return child.clone(th)
	}
	return child, nil
}

// root is the outermost token around.
func (t *Token) root() *Token {
	for t.parent != nil {
		t = t.parent
	}
	return t
}

// clone returns a deep copy without parent.
func (t *Token) clone(th *value.Thread) (*Token, *value.Exception) {
	if e := th.Budget.Alloc(tokenBytes); e != nil {
		return nil, e
	}
	if e := th.Budget.Step(); e != nil {
		return nil, e
	}
	c := &Token{world: t.world, kind: t.kind, name: t.name, val: t.val, height: t.height}
	if len(t.items) == 0 {
		return c, nil
	}
	items, e := value.Make[*Token](th, len(t.items))
	if e == nil && t.kind == Object {
		e = th.Budget.Alloc(int64(len(items)) * nameBytes)
	}
	if e != nil {
		return nil, e
	}
	c.items = items
	for i, item := range t.items {
		d, e := item.clone(th)
		if e != nil {
			return nil, e
		}
		d.parent, items[i] = c, d
	}
	return c, nil
}

// insert puts a child at a place; an object takes properties only, and each name once.
func (t *Token) insert(th *value.Thread, at int, child *Token) *value.Exception {
	child, e := t.adopt(th, child)
	if e != nil {
		return e
	}
	switch {
	case t.kind == Object && child.kind != Property, t.kind == Array && child.kind == Property:
		return value.Argument("", "Can not add "+child.className()+" to "+t.className()+".")
	case t.kind == Object && t.find(child.name) != nil:
		return value.Argument("", "Can not add property "+child.name+" to "+t.className()+". Property with the same name already exists on object.")
	case t.kind == Property && len(t.items) > 0:
		return jsonError(t.className() + " cannot have multiple values.")
	case !t.isContainer():
		return value.InvalidOperation("Cannot add to " + t.className() + ".")
	}
	cost := int64(tokenBytes)
	if t.kind == Object {
		cost += nameBytes
	}
	if e := th.Budget.Alloc(cost); e != nil {
		return e
	}
	if e := t.raise(child.height + 1); e != nil {
		return e
	}
	items, e := value.Append(th, t.items, nil)
	if e != nil {
		return e
	}
	child.parent, t.items = t, items
	copy(t.items[at+1:], t.items[at:])
	t.items[at] = child
	t.renumber(at)
	return th.Budget.Steps(int64(len(t.items)-at) / movedStep)
}

// movedStep is how many children are moved or looked through in one step of the budget.
const movedStep = 64

// renumber notes the places of the children from one on in the index.
func (t *Token) renumber(from int) {
	if t.index == nil {
		return
	}
	for i := from; i < len(t.items); i++ {
		t.index[t.items[i].name] = i
	}
}

func (t *Token) append(th *value.Thread, child *Token) *value.Exception {
	return t.insert(th, len(t.items), child)
}

// maxHeight is the number of levels of a tree: what works on a whole tree calls itself for each.
const maxHeight = 2 * maxDepth

// raise makes the token and those around it at least that high.
func (t *Token) raise(height int) *value.Exception {
	for p, h := t, height; p != nil && p.height < h; p, h = p.parent, h+1 {
		if h > maxHeight {
			return jsonError("The token is nested too deeply.")
		}
		p.height = h
	}
	return nil
}

// place is the token's place in its parent, -1 without one.
func (t *Token) place() int {
	if t.parent == nil {
		return -1
	}
	for i, c := range t.parent.items {
		if c == t {
			return i
		}
	}
	return -1
}

// detach takes the token out of its parent; a property's value becomes null.
func (t *Token) detach(th *value.Thread) *value.Exception {
	p := t.parent
	if p == nil {
		return value.InvalidOperation("The parent is missing.")
	}
	if p.kind == Property {
		return jsonError("Cannot add or remove items from " + p.className() + ".")
	}
	at := t.place()
	p.items = append(p.items[:at], p.items[at+1:]...)
	if p.index != nil {
		delete(p.index, t.name)
	}
	p.renumber(at)
	t.parent = nil
	return th.Budget.Steps(int64(len(p.items)))
}

// replace puts another token in the place of this one.
func (t *Token) replace(th *value.Thread, other *Token) *value.Exception {
	p := t.parent
	if p == nil {
		return value.InvalidOperation("The parent is missing.")
	}
	other, e := p.adopt(th, other)
	if e != nil {
		return e
	}
	if e := p.raise(other.height + 1); e != nil {
		return e
	}
	at := t.place()
	p.items[at] = other
	if p.index != nil {
		delete(p.index, t.name)
		p.index[other.name] = at
	}
	other.parent, t.parent = p, nil
	return th.Budget.Steps(int64(at) / movedStep)
}

// clear takes all children out.
func (t *Token) clear() {
	for _, c := range t.items {
		c.parent = nil
	}
	t.items, t.index = nil, nil
}

// setProperty sets the value of an object's property, or adds it.
func (t *Token) setProperty(th *value.Thread, name string, v *Token) *value.Exception {
	if p := t.find(name); p != nil {
		return p.items[0].replace(th, v)
	}
	v, e := t.adopt(th, v)
	if e != nil {
		return e
	}
	return t.append(th, t.world.property(name, v))
}

// child returns what this[key] returns.
func (t *Token) child(key value.Value) (*Token, *value.Exception) {
	s, isString := key.Str()
	_, _, isNumber := key.Boxed()
	switch {
	case t.kind == Object && isString:
		if p := t.find(s.Go()); p != nil {
			return p.items[0], nil
		}
		return nil, nil
	case t.kind == Object:
		return nil, value.Argument("", "Accessed JObject values with invalid key value: "+keyText(key)+". Object property name expected.")
	case (t.kind == Array || t.kind == Constructor) && isNumber:
		i := key.Int()
		if i < 0 || i >= int64(len(t.items)) {
			return nil, value.OutOfRange("index", "Index was out of range. Must be non-negative and less than the size of the collection.")
		}
		return t.items[i], nil
	case t.kind == Array:
		return nil, value.Argument("", "Accessed JArray values with invalid key value: "+keyText(key)+". Int32 array index expected.")
	}
	return nil, value.InvalidOperation("Cannot access child value on " + t.className() + ".")
}

// setChild does what this[key] = v does.
func (t *Token) setChild(th *value.Thread, key value.Value, v *Token) *value.Exception {
	s, isString := key.Str()
	_, _, isNumber := key.Boxed()
	switch {
	case t.kind == Object && isString:
		return t.setProperty(th, s.Go(), v)
	case t.kind == Object:
		return value.Argument("", "Set JObject values with invalid key value: "+keyText(key)+". Object property name expected.")
	case t.kind == Array && isNumber:
		i := key.Int()
		if i < 0 || i >= int64(len(t.items)) {
			return value.OutOfRange("index", "Index is equal to or greater than Count.")
		}
		return t.items[i].replace(th, v)
	case t.kind == Array:
		return value.Argument("", "Set JArray values with invalid key value: "+keyText(key)+". Int32 array index expected.")
	}
	return value.InvalidOperation("Cannot set child value on " + t.className() + ".")
}

func keyText(key value.Value) string {
	if s, ok := key.Str(); ok {
		return strconv.Quote(s.Go())
	}
	if key.IsNull() {
		return "null"
	}
	return strconv.FormatInt(key.Int(), 10)
}

// path is the token's place in its document: a[0].b.
func (t *Token) path() string {
	if t.parent == nil {
		return ""
	}
	var parts []string
	for n := t; n.parent != nil; n = n.parent {
		switch {
		case n.parent.kind == Array:
			parts = append(parts, "["+strconv.Itoa(n.place())+"]")
		case n.kind == Property:
			parts = append(parts, jsontext.Step(n.name))
		}
	}
	slices.Reverse(parts)
	return strings.TrimPrefix(strings.Join(parts, ""), ".")
}

func jsonError(message string) *value.Exception {
	return value.Throw("Newtonsoft.Json.JsonException", message)
}
