package chaos

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/redisconn/redistest"
)

// The limits of R15. The share of a limit that two gateways admit together, while
// they know of each other, is below sharedMost of it; by themselves they admit
// twice the limit.
const (
	fallbackLimit = time.Second
	returnLimit   = 5 * time.Second
	sharedMost    = 1.5
)

// TestR15_RedisKilled kills the server of the counters under load: no call fails,
// the gateways count by themselves within a second, never admit more than each
// the limit, and count together again soon after its return.
func TestR15_RedisKilled(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	gateways := []*gateway{startCounted(t, server.URL()), startCounted(t, server.URL())}
	awaitShared(t, gateways)
	calls := callCounted(gateways)
	phase := size(2*time.Second, 20*time.Second)
	pause(2 * countedPeriod) // The first window is full, and what was begun without each other has left it.
	sharing := time.Now()
	pause(phase)
	killed := time.Now()
	shared, _ := calls.perWindow(sharing, killed)
	server.Kill()
	fallback := eventually(t, "the gateways know", func() bool { return gateways[0].isLost(t) && gateways[1].isLost(t) })
	pause(phase)
	returned := time.Now()
	server.Restart()
	back := awaitShared(t, gateways)
	pause(2 * countedPeriod)
	again := time.Now()
	pause(phase)
	ended := time.Now()
	calls.end()
	later, _ := calls.perWindow(again, ended)
	slices.SortFunc(calls.admitted, time.Time.Compare)
	_, most := calls.perWindow(sharing, ended)
	fmt.Printf("R15: local after %v (%v), shared again %v after the return (%v), %d answers neither 200 nor 429 (0), "+
		"at most %d admitted in a window of %d (%d), %.0f and %.0f on average before and after (%.0f)\n",
		fallback.Round(time.Millisecond), fallbackLimit, back.Round(time.Millisecond), returnLimit, calls.wrong(),
		most, countedLimit, 2*countedLimit, shared, later, sharedMost*countedLimit)
	switch {
	case calls.wrong() > 0:
		t.Errorf("answers: %v", calls.answers)
	case fallback > fallbackLimit, back > returnLimit:
		t.Errorf("local after %v, shared again after %v (%v after the kill)", fallback, back, returned.Sub(killed))
	case most > 2*countedLimit:
		t.Errorf("%d admitted in a window", most)
	case shared > sharedMost*countedLimit, later > sharedMost*countedLimit:
		t.Errorf("%.0f and %.0f admitted in a window on average", shared, later)
	}
}

// TestR15_RedisKilled_NegativeControl has gateways that do not count together:
// what R15 measures tells them apart.
func TestR15_RedisKilled_NegativeControl(t *testing.T) {
	gateways := []*gateway{startCounted(t, ""), startCounted(t, "")}
	calls := callCounted(gateways)
	pause(2 * countedPeriod)
	begun := time.Now()
	pause(2 * time.Second)
	ended := time.Now()
	calls.end()
	if average, _ := calls.perWindow(begun, ended); average <= sharedMost*countedLimit {
		t.Errorf("only %.0f admitted in a window by gateways that do not count together", average)
	}
}
