package memory

import (
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
)

func TestGiveBack(t *testing.T) {
	const often = 5 * time.Second
	tests := []struct {
		name    string
		changes int           // One each five seconds.
		rest    time.Duration // After the last.
		want    int
	}{
		{"nothing has changed", 0, time.Hour, 0},
		{"one change, too soon", 1, quiet - 2*often, 0},
		{"one change", 1, quiet, 1},
		{"a series, still under way", 20, quiet - 2*often, 0},
		{"a series", 20, time.Hour, 1},
		{"changes that do not stop", int(longest/often) + 1, 0, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, given := clock.NewFake(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)), 0
			g := NewGiveBack(c, func() { given++ })
			defer g.Close()
			for range test.changes {
				g.Changed()
				c.Advance(often)
			}
			c.Advance(test.rest)
			if given != test.want {
				t.Errorf("memory was given back %d times, want %d", given, test.want)
			}
		})
	}
}

// TestGiveBackAgain gives back after each series.
func TestGiveBackAgain(t *testing.T) {
	c, given := clock.NewFake(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)), 0
	g := NewGiveBack(c, func() { given++ })
	for range 3 {
		g.Changed()
		c.Advance(quiet)
	}
	g.Changed()
	g.Close()
	g.Changed()
	c.Advance(time.Hour)
	if given != 3 {
		t.Errorf("memory was given back %d times, want 3", given)
	}
}
