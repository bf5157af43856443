package route

import "bytes"

// Query is what a request is matched by.
type Query struct {
	Host     string // lower case, without port
	Path     string // as Normalize returns it
	Method   string
	RawQuery string // escaped, without "?"
	Header   HeaderReader
}

// HeaderReader looks a request header up, whatever the case of its name. It is
// asked only where a version is in a header.
type HeaderReader interface {
	HeaderValue(name string) (string, bool)
}

// Outcome says how far a request could be matched.
type Outcome uint8

// The outcomes of a look-up.
const (
	NoAPI           Outcome = iota // no API has the path
	VersionMissing                 // the API answers only to versions, and none is asked for
	VersionUnknown                 // the API has no such version
	RevisionUnknown                // the API has no such revision, or none is current
	NoOperation                    // the API has no operation for method, path and query
	TwoReadings                    // servers disagree on what the path means, and an operation differs
	Matched                        // API and operation are found
)

// inlineParams and inlinePath are what a Match holds without memory of its own.
const (
	inlineParams = 8
	inlinePath   = 256
)

// Match is the result of a look-up. It is large and is meant to be kept and
// used again.
type Match struct {
	Outcome   Outcome
	API       int32  // index of the API; valid from NoOperation on
	Operation int32  // the caller's index of the operation; valid when Matched
	PrefixLen int    // bytes of the path that are the API's, with version and revision; valid from NoOperation on
	Revision  string // the revision that was asked for, or ""

	count  int
	params [inlineParams]Param
	spill  []Param
	spans  [MaxTemplateParameters]span
	short  [inlinePath]byte
	long   []byte
}

// Params returns the parameters of the operation's template with their values:
// those of the path in order, then those of the query. The slice is valid until
// the Match is used again.
func (m *Match) Params() []Param {
	if m.count <= inlineParams {
		return m.params[:m.count]
	}
	return m.spill
}

// Param returns the value of a parameter, still escaped.
func (m *Match) Param(name string) (Param, bool) {
	for _, p := range m.Params() {
		if p.Name == name {
			return p, true
		}
	}
	return Param{}, false
}

// Match looks a request up and reports whether an operation was found. m is
// overwritten; its Outcome says why there is none.
func (t *Table) Match(q *Query, m *Match) bool {
	s := search{method: q.Method, query: q.RawQuery, path: m.fold(q.Path), spans: m.spans[:]}
	m.Outcome, m.count = t.find(q, &s), 0
	m.API, m.PrefixLen, m.Revision = s.api, s.prefixLen, q.Path[s.revision.from:s.revision.to]
	if m.Outcome != Matched {
		return false
	}
	if doubtful(s.path[s.prefixLen:]) && !t.agrees(q, &s) {
		m.Outcome = TwoReadings
		return false
	}
	m.Operation = s.leaf.operation
	m.fill(q, &s)
	return true
}

// AtPath appends the operations whose template fits the request's path and
// query, whatever its method, the most specific first: the first one of a
// method is the one that a request with that method matches. It is meant for
// CORS preflight and for reports of errors.
func (t *Table) AtPath(q *Query, dst []Operation) []Operation {
	var m Match
	s := search{query: q.RawQuery, path: m.fold(q.Path), spans: m.spans[:], all: &dst}
	t.find(q, &s)
	return dst
}

// fold returns the path in lower case.
func (m *Match) fold(path string) []byte {
	if len(path) > inlinePath {
		m.long = appendLower(m.long[:0], path)
		return m.long
	}
	folded := m.short[:len(path)]
	for i := range folded {
		folded[i] = foldedBytes[path[i]]
	}
	return folded
}

// fill takes the parameters' values from the request.
func (m *Match) fill(q *Query, s *search) {
	m.spill = m.spill[:0]
	for i, name := range s.leaf.names {
		m.addParam(Param{Name: name, Value: q.Path[s.spans[i].from:s.spans[i].to]})
	}
	for i := range s.leaf.query {
		if r := &s.leaf.query[i]; r.parameter != "" {
			value, _ := queryValue(q.RawQuery, r.name)
			m.addParam(Param{Name: r.parameter, Value: value, Query: true})
		}
	}
}

func (m *Match) addParam(p Param) {
	if m.count < inlineParams {
		m.params[m.count] = p
	} else {
		if m.count == inlineParams {
			m.spill = append(m.spill, m.params[:]...)
		}
		m.spill = append(m.spill, p)
	}
	m.count++
}

// search is the state of one walk through the table.
type search struct {
	path          []byte // lower case
	method, query string
	all           *[]Operation // collects every operation, whatever its method, or is nil

	api       int32
	prefixLen int
	revision  span // in path
	leaf      *leaf
	spans     []span // MaxTemplateParameters of them
}

// find picks the API and then its operation.
func (t *Table) find(q *Query, s *search) Outcome {
	if len(s.path) == 0 || s.path[0] != '/' {
		return NoAPI
	}
	outcome := NoAPI
	if t.hosts != nil {
		if p := t.hosts[q.Host]; p != nil {
			outcome = p.find(q, s)
		}
	}
	if outcome == NoAPI {
		outcome = t.anyHost.find(q, s)
	}
	if outcome != NoOperation {
		return outcome
	}
	if s.leaf = s.walk(t.trees[s.api], s.prefixLen, 0); s.leaf == nil {
		return NoOperation
	}
	return Matched
}

// walk tries what may follow a node, the most specific first. The path is read
// up to at, and count parameters are known. A node is visited at most once in a
// search, because its place in the tree says how much of the path is read.
func (s *search) walk(n *node, at, count int) *leaf {
	if at >= len(s.path)-1 { // At the end, or at a slash that ends the path.
		if l := s.pick(n.ends); l != nil {
			return l
		}
		return s.pickWildcard(n, len(s.path), count)
	}
	from, to := at+1, len(s.path)
	if i := bytes.IndexByte(s.path[from:], '/'); i >= 0 {
		to = from + i
	}
	if next := n.literals.get(s.path[from:to]); next != nil {
		if l := s.walk(next, to, count); l != nil {
			return l
		}
	}
	for _, c := range n.compounds {
		if c.match(s.path, from, to, s.spans[count:]) {
			if l := s.walk(c.next, to, count+len(c.separators)); l != nil {
				return l
			}
		}
	}
	if n.parameter != nil && to > from {
		s.spans[count] = span{from, to}
		if l := s.walk(n.parameter, to, count+1); l != nil {
			return l
		}
	}
	return s.pickWildcard(n, from, count)
}

func (s *search) pickWildcard(n *node, from, count int) *leaf {
	if len(n.wildcards) == 0 {
		return nil
	}
	s.spans[count] = span{from, len(s.path)}
	return s.pick(n.wildcards)
}

// pick returns the first leaf that the method and the query satisfy.
func (s *search) pick(leaves []leaf) *leaf {
	for i := range leaves {
		l := &leaves[i]
		if (s.all == nil && l.method != s.method) || !l.satisfied(s.query) {
			continue
		}
		if s.all == nil {
			return l
		}
		*s.all = append(*s.all, Operation{Method: l.method, Template: l.template.text, Index: l.operation})
	}
	return nil
}

func (l *leaf) satisfied(query string) bool {
	for i := range l.query {
		if !l.query[i].holds(query) {
			return false
		}
	}
	return true
}
