package page

import (
	"fmt"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
)

// However many addresses come, the table stays bounded, and who has used a limit
// up is not forgotten for those that have hardly used it.
func TestLimiterForgetsThoseWhoUsedTheLeast(t *testing.T) {
	c := clock.NewFake(time.Unix(0, 0))
	l := newLimiter(c)
	limit := &Limit{Name: "x", Events: 100, Per: time.Hour}
	for range limit.Events {
		if l.take(limit, "address", "attacker") != 0 {
			t.Fatal("refused too early")
		}
	}
	for i := range 2 * MaxLimitEntries {
		l.take(limit, "address", fmt.Sprint("other ", i))
	}
	if n := l.len(); n > MaxLimitEntries {
		t.Errorf("%d entries, more than %d", n, MaxLimitEntries)
	}
	if l.take(limit, "address", "attacker") == 0 {
		t.Error("the attacker was forgotten")
	}
	c.Advance(2 * time.Hour)
	if l.take(limit, "address", "attacker") != 0 {
		t.Error("the limit did not come back")
	}
}

func BenchmarkTake(b *testing.B) {
	l := newLimiter(clock.System())
	limit := &Limit{Name: "x", Events: 1 << 30, Per: time.Second}
	b.ReportAllocs()
	for b.Loop() {
		l.take(limit, "address", "192.0.2.1")
	}
}
