package counter_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/counter"
)

func TestSeconds(t *testing.T) {
	for _, tt := range []struct {
		name string
		d    time.Duration
		want int64
	}{
		{"zero is one", 0, 1},
		{"a moment is one", time.Nanosecond, 1},
		{"one", time.Second, 1},
		{"just over one", time.Second + 1, 2},
		{"whole", 57 * time.Second, 57},
		{"rounds up", 56*time.Second + time.Millisecond, 57},
		{"negative is one", -time.Hour, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := counter.Seconds(tt.d); got != tt.want {
				t.Errorf("Seconds(%v) = %d, want %d", tt.d, got, tt.want)
			}
		})
	}
}

func TestBoundedKey(t *testing.T) {
	short := strings.Repeat("k", counter.MaxKeyBytes)
	if got := counter.BoundedKey(short); got != short {
		t.Errorf("a key of %d bytes was changed to %q", len(short), got)
	}
	a, b := counter.BoundedKey(short+"a"), counter.BoundedKey(short+"b")
	if a == b || len(a) > counter.MaxKeyBytes || !strings.HasPrefix(a, "sha256:") {
		t.Errorf("long keys became %q and %q", a, b)
	}
}
