package route

import "bytes"

// revisionMark separates an API's path from the revision that is asked for.
var revisionMark = []byte(";rev=")

// find picks the API with the longest path that fits, then its version and its
// revision. It returns NoOperation when it has an API.
func (p *prefix) find(q *Query, s *search) Outcome {
	best, end, rev := p, 0, span{}
	for at := 0; at < len(s.path); {
		from, to := at+1, len(s.path)
		if i := bytes.IndexByte(s.path[from:], '/'); i >= 0 {
			to = from + i
		}
		if c, mark := p.withRevision(s.path, from, to, at == 0); c != nil {
			best, end, rev = c, to, span{mark + len(revisionMark), to}
			break
		}
		if p = p.children.get(s.path[from:to]); p == nil {
			break
		}
		if p.choice != nil {
			best, end = p, to
		}
		at = to
	}
	if best.choice == nil {
		return NoAPI
	}
	s.prefixLen, s.revision = end, rev
	if best.only > 0 && rev.from == 0 {
		s.api = best.only - 1
		return NoOperation
	}
	revisions, outcome := best.choice.version(q)
	if revisions == nil {
		return outcome
	}
	return revisions.find(s)
}

// withRevision reads a segment such as "orders;rev=2", which ends an API's
// path. An empty path is written "/;rev=2".
func (p *prefix) withRevision(path []byte, from, to int, first bool) (c *prefix, mark int) {
	i := bytes.Index(path[from:to], revisionMark)
	if i < 0 || bytes.IndexByte(path[from+i+1:to], ';') >= 0 {
		return nil, 0
	}
	if i == 0 && first && p.choice != nil {
		return p, from
	}
	if next := p.children.get(path[from : from+i]); next != nil && next.choice != nil {
		return next, from + i
	}
	return nil, 0
}

// version picks the version that the request asks for.
func (c *choice) version(q *Query) (*revisions, Outcome) {
	var asked string
	var ok bool
	switch c.versioning {
	case ByHeader:
		if q.Header != nil {
			asked, ok = q.Header.HeaderValue(c.name)
		}
	case ByQuery:
		asked, ok = queryValue(q.RawQuery, c.name)
	}
	if !ok || asked == "" {
		return c.original, VersionMissing
	}
	for i := range c.versions {
		if c.versioning == ByQuery && equalEscaped(asked, c.versions[i].name) ||
			c.versioning == ByHeader && equalFold(asked, c.versions[i].name) {
			return c.versions[i].revisions, NoOperation
		}
	}
	return nil, VersionUnknown
}

func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lowerByte(a[i]) != lowerByte(b[i]) {
			return false
		}
	}
	return true
}

// find picks the revision that the request asks for, or the current one.
func (r *revisions) find(s *search) Outcome {
	s.api = r.current
	if s.revision.to > s.revision.from {
		s.api = -1
		name := s.path[s.revision.from:s.revision.to]
		for i := range r.named {
			if r.named[i].name == string(name) {
				s.api = r.named[i].api
			}
		}
	} else if s.revision.from > 0 {
		s.api = -1 // ";rev=" without a number asks for no revision that there is.
	}
	if s.api < 0 {
		return RevisionUnknown
	}
	return NoOperation
}
