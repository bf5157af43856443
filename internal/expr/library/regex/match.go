package regex

import (
	"github.com/dlclark/regexp2"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

const namespace = "System.Text.RegularExpressions"

// subject is the text that a pattern is matched with; its runes are UTF-16 units.
type subject struct {
	text  string
	runes []rune
	p     *pattern
}

// subjectBytes is what each byte of a text takes of the memory budget as a rune, and unitBytes more where it is not ASCII.
const (
	subjectBytes = 4
	unitBytes    = 8
)

func newSubject(t *value.Thread, p *pattern, text string) (*subject, *value.Exception) {
	cost := int64(subjectBytes) * int64(len(text))
	if !value.ASCII(text) {
		cost += unitBytes * int64(len(text))
	}
	if e := t.Budget.Alloc(cost); e != nil {
		return nil, e
	}
	if e := t.Budget.Room(p.stack * int64(len(text))); e != nil {
		return nil, e
	}
	return &subject{text: text, runes: unitsOf(text), p: p}, nil
}

// part is a Capture, a Group or a Match: Class says which.
type part struct {
	class   value.Type
	subject *subject
	// group is nil for a failed group; match is set for a Match.
	group   *regexp2.Group
	match   *regexp2.Match
	capture *regexp2.Capture
}

// ObjectType returns the type Capture, Group or Match.
func (p *part) ObjectType() value.Type { return p.class }

// NetString returns the text captured.
func (p *part) NetString() (value.String, *value.Exception) { return p.NetText(nil) }

// NetText returns the text captured, and charges a run for it.
func (p *part) NetText(t *value.Thread) (value.String, *value.Exception) {
	if p.capture == nil {
		return value.Str(""), nil
	}
	b := value.NewText(t)
	b.Runes(whole(p.capture.Runes()))
	s, e := b.Done()
	return value.Str(s), e
}

func (p *part) span() (index, length int) {
	if p.capture == nil {
		return 0, 0
	}
	return p.capture.Index, p.capture.Length
}

func asPart(v value.Value) *part {
	o, _ := v.Object()
	p, ok := o.(*part)
	if !ok {
		return &part{}
	}
	return p
}

// newMatch returns a Match; m is nil for a failed one.
func newMatch(t *value.Thread, s *subject, m *regexp2.Match) value.Value {
	p := &part{class: object.Of(t).Named(namespace + ".Match"), subject: s, match: m}
	if m != nil {
		p.group, p.capture = &m.Group, &m.Capture
	}
	return value.OfObject(p)
}

func newGroup(t *value.Thread, s *subject, g *regexp2.Group) value.Value {
	p := &part{class: object.Of(t).Named(namespace + ".Group"), subject: s}
	if g != nil && len(g.Captures) > 0 {
		p.group, p.capture = g, &g.Capture
	}
	return value.OfObject(p)
}

func partValue(t *value.Thread, o value.Value) (value.String, *value.Exception) {
	return asPart(o).NetText(t)
}

func partIndex(_ *value.Thread, o value.Value) (int64, *value.Exception) {
	i, _ := asPart(o).span()
	return int64(i), nil
}

func partLength(_ *value.Thread, o value.Value) (int64, *value.Exception) {
	_, n := asPart(o).span()
	return int64(n), nil
}

func partSuccess(_ *value.Thread, o value.Value) (bool, *value.Exception) {
	return asPart(o).capture != nil, nil
}

// list is a MatchCollection, GroupCollection or CaptureCollection.
type list struct {
	class value.Type
	items []value.Value
	names []string
	// none is what an index or a name without a group yields.
	none value.Value
}

var _ value.Vector = (*list)(nil)

// ObjectType returns the collection's type.
func (l *list) ObjectType() value.Type { return l.class }

// Count returns the number of elements.
func (l *list) Count() int { return len(l.items) }

// At returns the i-th element.
func (l *list) At(i int) value.Value { return l.items[i] }

// Iterate enumerates the elements.
func (l *list) Iterate(*value.Thread) value.Iterator { return value.IterateSlice(l.items) }

func groups(c *value.Call) (value.Value, *value.Exception) {
	p := asPart(c.Args[0])
	l := &list{class: c.Result, none: newGroup(c.Thread, p.subject, nil)}
	if p.match == nil {
		l.items, l.names = []value.Value{newGroup(c.Thread, p.subject, nil)}, []string{"0"}
		return value.OfObject(l), nil
	}
	if e := c.Thread.Budget.Alloc(partBytes * int64(p.match.GroupCount())); e != nil {
		return value.Nil, e
	}
	all := p.match.Groups()
	for i := range all {
		g := newGroup(c.Thread, p.subject, &all[i])
		if i == 0 {
			g = c.Args[0]
		}
		l.items, l.names = append(l.items, g), append(l.names, all[i].Name)
	}
	return value.OfObject(l), nil
}

func captures(c *value.Call) (value.Value, *value.Exception) {
	p := asPart(c.Args[0])
	l := &list{class: c.Result}
	if p.group != nil {
		if e := c.Thread.Budget.AllocElements(int64(len(p.group.Captures)), partBytes); e != nil {
			return value.Nil, e
		}
		class := object.Of(c.Thread).Named(namespace + ".Capture")
		for i := range p.group.Captures {
			l.items = append(l.items, value.OfObject(&part{class: class, subject: p.subject, capture: &p.group.Captures[i]}))
		}
	}
	return value.OfObject(l), nil
}

// partBytes is what a group or a capture takes of the memory budget.
const partBytes = 192

func asList(v value.Value) *list {
	o, _ := v.Object()
	l, ok := o.(*list)
	if !ok {
		return &list{}
	}
	return l
}

func listCount(_ *value.Thread, o value.Value) (int64, *value.Exception) {
	return int64(len(asList(o).items)), nil
}

// listGet is this[int]: a group that is not there has failed, a match that is not there is an exception.
func listGet(c *value.Call) (value.Value, *value.Exception) {
	l, i := asList(c.Args[0]), c.Args[1].Int()
	switch {
	case i >= 0 && i < int64(len(l.items)):
		return l.items[i], nil
	case !l.none.IsNull():
		return l.none, nil
	}
	return value.Nil, value.OutOfRange("i", "")
}

func listNamed(c *value.Call) (value.Value, *value.Exception) {
	l := asList(c.Args[0])
	for i, name := range l.names {
		if name == c.Args[1].StringOrNull().Go() {
			return l.items[i], nil
		}
	}
	return l.none, nil
}

func matchResult(c *value.Call) (value.Value, *value.Exception) {
	p := asPart(c.Args[0])
	if p.match == nil {
		return value.Nil, value.NotSupported("Result cannot be called on a failed Match.")
	}
	if c.Args[1].IsNull() {
		return value.Nil, value.NullArgument("replacement")
	}
	text, e := expand(c.Thread, p.subject, p.match, c.Args[1].StringOrNull().Go())
	return value.OfGo(text), e
}

func emptyMatch(c *value.Call) (value.Value, *value.Exception) {
	return newMatch(c.Thread, &subject{}, nil), nil
}

// partTables are Capture, Group, Match and their collections.
func partTables() []types.Table {
	items := func(elem string) []types.Entry {
		return []types.Entry{
			{Sig: "int Count { get; }", Impl: types.ObjInt(listCount)},
			{Sig: elem + " this[int i] { get; }", Impl: types.Func(listGet)},
		}
	}
	return []types.Table{
		{Namespace: namespace, Decl: "class Capture", Members: []types.Entry{
			{Sig: "int Index { get; }", Impl: types.ObjInt(partIndex)},
			{Sig: "int Length { get; }", Impl: types.ObjInt(partLength)},
			{Sig: "string Value { get; }", Impl: types.ObjStr(partValue)},
		}},
		{Namespace: namespace, Decl: "class Group : Capture", Members: []types.Entry{
			{Sig: "CaptureCollection Captures { get; }", Impl: types.Func(captures)},
			{Sig: "bool Success { get; }", Impl: types.ObjBool(partSuccess)},
		}},
		{Namespace: namespace, Decl: "class Match : Group", Members: []types.Entry{
			{Sig: "static Match Empty { get; }", Impl: types.Func(emptyMatch)},
			{Sig: "GroupCollection Groups { get; }", Impl: types.Func(groups)},
			{Sig: "string Result(string replacement)", Impl: types.Func(matchResult)},
		}},
		{Namespace: namespace, Decl: "class CaptureCollection : IReadOnlyList<Capture>", Members: items("Capture")},
		{Namespace: namespace, Decl: "class MatchCollection : IReadOnlyList<Match>", Members: items("Match")},
		{Namespace: namespace, Decl: "class GroupCollection : IReadOnlyList<Group>", Members: append(items("Group"),
			types.Entry{Sig: "Group this[string groupname] { get; }", Impl: types.Func(listNamed)})},
	}
}
