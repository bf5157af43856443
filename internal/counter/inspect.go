package counter

import "time"

// Kind tells rate limits from quotas.
type Kind uint8

// The kinds of counters.
const (
	KindRate Kind = iota + 1
	KindQuota
)

// Reading is what one counter stands at.
type Reading struct {
	Kind Kind
	// Scope says which gateways have counted. A store that is not shared counts
	// in every scope alike, and says ScopeRegion.
	Scope Scope
	Name  string
	Key   string
	// Period is the length of the window; zero for a quota without end.
	Period time.Duration
	// Start and End bound the window of a quota, End excluded. They are zero
	// for a quota without end, and for a rate limit, whose window slides.
	Start, End time.Time
	// Used is what the window holds. A rate limit counts no bytes.
	Used Usage
}

// Filter selects counters. Its zero value selects all of them.
type Filter struct {
	Kind Kind   // Zero is both kinds.
	Name string // Empty is every name.
	Key  string // Empty is every key.
	// Limit is the most counters to return; zero or less is DefaultListLimit.
	Limit int
}

// DefaultListLimit is the number of counters that List returns when the filter
// sets none.
const DefaultListLimit = 1000

// Inspector shows counters to operators and lets them be changed: the quota
// calls of the management API, and consoles that show what remains.
type Inspector interface {
	// List returns the counters that match and whose windows are running,
	// sorted by kind, name, key and period. Of more than the limit it returns
	// that many, which ones is not said.
	List(f Filter) []Reading
	// Set makes the counter that r names by kind, name, key and period stand at
	// r.Used and reports whether there was such a counter. A used of zero is a
	// reset. For a rate limit the calls count as made now.
	Set(r Reading) bool
}

// Keeper lets quotas outlive the process. Rate limits do not: their windows are
// no longer than a restart.
type Keeper interface {
	// Snapshot returns every quota whose window is running.
	Snapshot() []Reading
	// Restore brings quotas back, except those whose windows have ended
	// meanwhile. Where the store holds the same counter in the same window,
	// the larger numbers stand, so that restoring twice changes nothing.
	Restore(quotas []Reading)
}
