package desync

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// The fields by which gateway and origins know a request again.
const (
	idField     = "Desync-Id"     // of the request, on its way to the origin
	originField = "Desync-Origin" // of an origin's answer: the request's id
	echoField   = "Desync-Echo"   // of the answer to the client: the request's id
)

// sighting is a request as somebody has understood it.
type sighting struct {
	method, target string
	fields         []field // nil where the observer cannot tell
	body           string
}

// record is a request that the gateway has forwarded.
type record struct {
	id        string
	gateway   sighting // without the body
	forwarded string   // the target, once its path is in its one form

	mu           sync.Mutex
	origin       *sighting // what the origin has understood; nil where it has not
	sightings    int
	originStatus int  // 0 where there was no answer
	refused      bool // the origin answered without having taken the request
	failure      error
}

// session is what the gateway forwarded of one client connection.
type session struct {
	mu      sync.Mutex
	records []*record
}

// ledger knows what was forwarded and what was understood.
type ledger struct {
	next     atomic.Uint64
	sessions sync.Map // of *session, by netip.AddrPort
	pending  sync.Map // of *record, by id
	seen     atomic.Int64
	again    atomic.Int64 // requests that were sent again

	mu       sync.Mutex
	findings []string
	count    int
	kinds    map[string]int // of the findings that are of a kind
}

// maxFindings is how many findings are kept; all are counted.
const maxFindings = 20

// findingKinds are what the worst findings are known by.
var findingKinds = []string{"nobody forwarded", "DESYNC", "MIX-UP", "TWIN", "answered with %d"}

// find notes that something is wrong.
func (l *ledger) find(format string, arguments ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, kind := range findingKinds {
		if strings.Contains(format, kind) {
			if l.kinds == nil {
				l.kinds = map[string]int{}
			}
			l.kinds[kind]++
		}
	}
	if l.count++; len(l.findings) < maxFindings {
		l.findings = append(l.findings, fmt.Sprintf(format, arguments...))
	}
}

// found returns how many findings there are, and the first of them.
func (l *ledger) found() (count int, first []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count, l.findings
}

// session returns that of a client.
func (l *ledger) session(client netip.AddrPort) *session {
	s, ok := l.sessions.Load(client)
	if !ok {
		s, _ = l.sessions.LoadOrStore(client, &session{})
	}
	return s.(*session)
}

// forward notes a request that is about to be forwarded.
func (l *ledger) forward(client netip.AddrPort, r *record) {
	r.id = fmt.Sprintf("%x", l.next.Add(1))
	l.pending.Store(r.id, r)
	s := l.session(client)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records = append(s.records, r)
}

// observe notes a request that an origin has understood, before it answers.
func (l *ledger) observe(origin, id string, o *sighting) {
	l.seen.Add(1)
	found, ok := l.pending.Load(id)
	if !ok {
		l.find("%s understood a request that nobody forwarded: %q", origin, o)
		return
	}
	r := found.(*record)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sightings++; r.sightings > 1 {
		if l.again.Add(1); !idempotent(r.gateway.method) {
			l.find("%s received %q twice", origin, o)
		}
	}
	r.origin = o
}

func idempotent(method string) bool {
	return slices.Contains([]string{"GET", "HEAD", "OPTIONS", "PUT", "DELETE"}, method)
}

// close forgets a session and returns what was forwarded.
func (l *ledger) close(client netip.AddrPort) []*record {
	s, ok := l.sessions.LoadAndDelete(client)
	if !ok {
		return nil
	}
	one := s.(*session)
	one.mu.Lock()
	defer one.mu.Unlock()
	records := one.records
	for _, r := range records {
		l.pending.Delete(r.id)
	}
	return records
}
