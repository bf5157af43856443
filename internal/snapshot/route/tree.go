package route

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
)

// node is a place in an API's tree: what may follow the segments read so far.
// Its parts are in the order in which they are tried.
type node struct {
	ends      []leaf // templates that end here
	literals  edges[node]
	compounds []*compound // most specific first
	parameter *node
	wildcards []leaf // templates that end here with a wildcard
}

// compound is a segment of literals and parameters, such as "{a}-{b}.json".
type compound struct {
	shape      string
	prefix     []byte
	separators [][]byte
	literals   int // bytes of prefix and separators
	next       *node
}

// leaf is one operation.
type leaf struct {
	method    string
	operation int32
	matrix    bool        // as in Template
	query     []queryRule // as in Template
	names     []string    // as in Template
	template  *Template
}

// insert adds an operation to the tree, and returns its leaf with those that
// share its place.
func (n *node) insert(l leaf) []leaf {
	at := n
	for _, s := range l.template.segments {
		if s.wildcard {
			at.wildcards = insertLeaf(at.wildcards, l)
			return at.wildcards
		}
		at = at.next(s)
	}
	at.ends = insertLeaf(at.ends, l)
	return at.ends
}

// insertLeaf keeps the leaves of one place sorted: more fixed query values
// first, then more query parts, then the order in which they were added.
func insertLeaf(leaves []leaf, l leaf) []leaf {
	i := 0
	for i < len(leaves) && compareQuery(leaves[i].template, l.template) <= 0 {
		i++
	}
	return slices.Insert(leaves, i, l)
}

func compareQuery(a, b *Template) int {
	return cmp.Or(cmp.Compare(b.fixedValues(), a.fixedValues()), cmp.Compare(len(b.query), len(a.query)))
}

func (t *Template) fixedValues() int {
	n := 0
	for i := range t.query {
		if t.query[i].fixed {
			n++
		}
	}
	return n
}

// next returns the node behind a segment, and makes it where it is missing.
func (n *node) next(s segment) *node {
	switch {
	case len(s.separators) == 0:
		return n.literals.grow(s.prefix)
	case s.prefix == "" && len(s.separators) == 1 && s.separators[0] == "":
		if n.parameter == nil {
			n.parameter = &node{}
		}
		return n.parameter
	}
	return n.nextCompound(s)
}

func (n *node) nextCompound(s segment) *node {
	c := &compound{shape: s.prefix + "{}" + strings.Join(s.separators, "{}"), prefix: []byte(s.prefix), next: &node{}}
	c.literals = len(s.prefix)
	for _, sep := range s.separators {
		c.separators = append(c.separators, []byte(sep))
		c.literals += len(sep)
	}
	i, found := slices.BinarySearchFunc(n.compounds, c, compareCompounds)
	if !found {
		n.compounds = slices.Insert(n.compounds, i, c)
	}
	return n.compounds[i].next
}

// compareCompounds puts the more specific segment first: more literal bytes,
// then a longer prefix, then fewer parameters; the text decides the rest, so
// that the order does not depend on the order of insertion.
func compareCompounds(a, b *compound) int {
	return cmp.Or(
		cmp.Compare(b.literals, a.literals),
		cmp.Compare(len(b.prefix), len(a.prefix)),
		cmp.Compare(len(a.separators), len(b.separators)),
		cmp.Compare(a.shape, b.shape))
}

// span is a part of a path.
type span struct{ from, to int }

// match reads a segment, path[from:to], and writes the spans of its parameters.
// Each parameter takes as little as it can and at least one character; the last
// one takes the rest.
func (c *compound) match(path []byte, from, to int, spans []span) bool {
	if !bytes.HasPrefix(path[from:to], c.prefix) {
		return false
	}
	at, last := from+len(c.prefix), len(c.separators)-1
	for i, sep := range c.separators[:last] {
		end := indexWhole(path, at, to, sep)
		if end < 0 {
			return false
		}
		spans[i] = span{at, end}
		at = end + len(sep)
	}
	end := to - len(c.separators[last])
	if end <= at || !bytes.HasSuffix(path[from:to], c.separators[last]) || insideEscape(path, at, end) {
		return false
	}
	spans[last] = span{at, end}
	return true
}

// indexWhole finds a separator behind at least one character of path[at:to].
func indexWhole(path []byte, at, to int, sep []byte) int {
	for i := at + 1; i < to; i++ {
		k := bytes.Index(path[i:to], sep)
		if k < 0 {
			return -1
		}
		if i += k; !insideEscape(path, at, i) {
			return i
		}
	}
	return -1
}

// insideEscape reports whether i splits an escape such as "%C3" that begins at
// or behind from.
func insideEscape(path []byte, from, i int) bool {
	return (i-1 >= from && path[i-1] == '%') || (i-2 >= from && path[i-2] == '%')
}
