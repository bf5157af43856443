// Package storetest is the conformance suite of the store's contract. Every
// implementation passes it, so that what is built on a store cannot tell which
// it has.
//
// Where the comments of package store leave something open, the suite decides
// it: docs/formats/store.md lists those decisions.
package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/control/store"
)

const (
	// leastCases is the number of cases that promise R13 asks for.
	leastCases = 150
	// patience is how long a case waits for what must come; a correct store
	// never makes it wait so long.
	patience = time.Minute
	// impatience is the same where a store is expected to fail.
	impatience = 300 * time.Millisecond
)

// Option tells the suite what else an implementation can do.
type Option func(*suite)

// WithReopen is for durable stores: reopen opens the data of a store again
// after that was closed.
func WithReopen(reopen func(t *testing.T, closed store.Store) store.Store) Option {
	return func(s *suite) { s.reopen = reopen }
}

// WithNode is for stores that several processes use at once: node opens the data
// of a store that stays open.
func WithNode(node func(t *testing.T, other store.Store) store.Store) Option {
	return func(s *suite) { s.node = node }
}

// WithNotes is for stores that are notebooks; shared says that the nodes of
// WithNode see each other's notes.
func WithNotes(shared bool) Option {
	return func(s *suite) { s.notes, s.sharedNotes = true, shared }
}

// WithLedger is for stores that are ledgers.
func WithLedger() Option { return func(s *suite) { s.ledger = true } }

type suite struct {
	open     func(t *testing.T) store.Store
	reopen   func(t *testing.T, closed store.Store) store.Store
	node     func(t *testing.T, other store.Store) store.Store
	patience time.Duration

	notes, sharedNotes bool
	ledger             bool
}

// testCase is one case: what must hold of a store.
type testCase struct {
	name string
	run  func(c *check)
}

type group struct {
	name  string
	cases []testCase
}

func (s *suite) groups() []group {
	groups := []group{
		{"keys", keyCases()},
		{"records", slices.Concat(recordCases(), deleteCases())},
		{"values", valueCases()},
		{"list", listCases()},
		{"page", pageCases()},
		{"count", countCases()},
		{"tree", treeCases()},
		{"revision", revisionCases()},
		{"history", historyCases()},
		{"changes", changesCases()},
		{"audit", auditCases()},
		{"update", updateCases()},
		{"concurrent", concurrentCases()},
		{"watch", watchCases()},
		{"close", closeCases()},
	}
	if s.reopen != nil {
		groups = append(groups, group{"reopen", reopenCases()})
	}
	if s.node != nil {
		groups = append(groups, group{"nodes", nodeCases()})
	}
	if s.ledger {
		cases := slices.Concat(ledgerCases(), ledgerLimitCases(), postingCases(), postingLimitCases())
		if s.reopen != nil {
			cases = append(cases, reopenedLedgerCase())
		}
		if s.node != nil {
			cases = append(cases, ledgerNodesCase())
		}
		groups = append(groups, group{"ledger", cases})
	}
	if s.notes {
		groups = append(groups, group{"notes", noteCases()})
	}
	if s.sharedNotes {
		groups = append(groups, group{"shared notes", []testCase{sharedNoteCase()}})
	}
	return groups
}

// Run runs the suite. Each call of open returns a new and empty store, which
// the suite closes.
func Run(t *testing.T, open func(t *testing.T) store.Store, options ...Option) {
	s := &suite{open: open, patience: patience}
	for _, o := range options {
		o(s)
	}
	count, passed := 0, true
	for _, g := range s.groups() {
		count += len(g.cases)
		passed = t.Run(g.name, func(t *testing.T) {
			for _, tc := range g.cases {
				t.Run(tc.name, func(t *testing.T) { s.run(t, t, tc) })
			}
		}) && passed
	}
	passed = t.Run("model", s.testModel) && passed
	if count < leastCases {
		t.Errorf("the suite has %d cases, fewer than %d", count, leastCases)
	}
	if passed {
		t.Logf("R13: %s: %d cases (limit %d) and a model test of %d steps (limit 10,000) passed",
			t.Name(), count, leastCases, modelRuns*modelSteps)
	}
}

// run runs one case, which reports to tb.
func (s *suite) run(t *testing.T, tb testing.TB, tc testCase) {
	tc.run(&check{TB: tb, t: t, suite: s})
}

// Rejected runs the suite on a store that is expected to be wrong, and returns
// the names of the cases that found it out: for negative controls.
func Rejected(t *testing.T, open func(t *testing.T) store.Store) []string {
	s := &suite{open: open, patience: impatience}
	var found []string
	for _, g := range s.groups() {
		for _, tc := range g.cases {
			t.Run(g.name+"/"+tc.name, func(t *testing.T) {
				r := &recorder{TB: t}
				done := make(chan struct{})
				go func() { // Fatal ends the goroutine of the case.
					defer close(done)
					s.run(t, r, tc)
				}()
				<-done
				if r.failed.Load() {
					found = append(found, g.name+"/"+tc.name)
				}
			})
		}
	}
	if s.modelRejects(t) {
		found = append(found, "model")
	}
	return found
}
