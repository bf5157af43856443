// Package countertest is the conformance suite of counter.Store: what every
// implementation must do, with the clock in the hands of the test.
package countertest

import (
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/counter"
)

// Factory returns an empty store that tells the time by c and that holds at
// least MinKeys counters of each kind. It registers its own clean-up with t.
type Factory func(t *testing.T, c clock.Clock) counter.Store

// MinKeys is the number of counters of each kind that a store under test must
// hold without forgetting one.
const MinKeys = 1000

// start is in the middle of a minute, an hour and a day, so that windows that
// are aligned by accident show.
var start = time.Date(2026, 3, 14, 15, 9, 26, 535_000_000, time.UTC)

// Run runs the whole suite. Stores that are also counter.Inspector or
// counter.Keeper are tested as such.
func Run(t *testing.T, factory Factory) {
	for _, tt := range []struct {
		name string
		test func(*testing.T, suite)
	}{
		{"rate admits up to the limit and slides", rateSlides},
		{"rate peek counts nothing", ratePeek},
		{"rate add counts beyond the limit", rateAdd},
		{"rate counts by name, key and period", rateIdentity},
		{"rate with odd numbers", rateOddNumbers},
		{"rate ignores steps of the clock back", rateClockBack},
		{"rate agrees with a plain log", rateModel},
		{"rate never admits more in any window", rateAnyWindow},
		{"rate is exact under concurrency", rateConcurrent},
		{"quota windows follow their start", quotaWindows},
		{"quota without end", quotaEndless},
		{"quota of calls and bytes", quotaCallsAndBytes},
		{"quota counts by name, key and period", quotaIdentity},
		{"quota after a step of the clock", quotaClockSteps},
		{"quota agrees with a plain reference", quotaModel},
		{"quota is exact under concurrency", quotaConcurrent},
		{"long keys are told apart", longKeys},
		{"inspector lists and sets", inspects},
		{"keeper restores quotas", restores},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := clock.NewFake(start)
			tt.test(t, suite{clock: c, store: factory(t, c), factory: factory})
		})
	}
}

type suite struct {
	clock   *clock.Fake
	store   counter.Store
	factory Factory
}
