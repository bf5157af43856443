package schedule

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/control/backup/catalog"
)

// TestNothingCanBeProved takes bases of which none can be proved, as where there
// is no memory for it: they come more and more seldom.
func TestNothingCanBeProved(t *testing.T) {
	s := newSite(t)
	s.write()
	k := New(s.o)
	fails := true
	k.proving = func(ctx context.Context, o Options, c *catalog.Catalog, b *catalog.Base) (catalog.Proof, error) {
		if fails {
			return catalog.Proof{}, errors.New("there is no memory")
		}
		return Prove(ctx, o, c, b)
	}
	for range int(4 * time.Hour / (10 * time.Second)) {
		k.base(t.Context())
		s.clock.Advance(10 * time.Second)
	}
	const most = 13 // After 0, 1, 3, 7, 15 and 31 minutes, and each half an hour.
	if n := k.Status().Bases; n < 6 || n > most {
		t.Errorf("%d bases in four hours, want at most %d", n, most)
	}
	fails = false
	s.clock.Advance(longestRetry)
	k.base(t.Context())
	if k.Status().Proofs != 1 || k.pause != 0 {
		t.Errorf("%d proofs, the next pause begins with %v", k.Status().Proofs, k.pause)
	}
}
