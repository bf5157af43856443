package memory

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/counter"
)

// TestEqualHashes keeps counters apart whose hashes are equal, in whatever order
// they are forgotten.
func TestEqualHashes(t *testing.T) {
	ids := []id{{"a", "k", time.Second}, {"b", "k", time.Second}, {"a", "k", time.Minute}, {"a", "other", time.Second}}
	for first := range ids {
		t.Run(fmt.Sprint("forgotten from ", first), func(t *testing.T) {
			s := &newTable[fixedWindow](16).shards[0]
			for n, i := range ids {
				w := s.get(7, i, 0)
				w.end = endless
				w.add(counter.Usage{Calls: int64(n + 1)})
			}
			for gone := range ids {
				for n, i := range ids {
					w := s.find(7, i)
					if forgotten := (n-first+len(ids))%len(ids) < gone; (w == nil) != forgotten || (w != nil && w.used.Calls != int64(n+1)) {
						t.Fatalf("after %d were forgotten, %v is %+v", gone, i, w)
					}
				}
				s.hand = slices.IndexFunc(s.slots, func(e *slot[fixedWindow]) bool { return e.id == ids[(first+gone)%len(ids)] })
				s.drop()
			}
			if len(s.byHash) != 0 || len(s.slots) != 0 {
				t.Errorf("%d and %d are left", len(s.byHash), len(s.slots))
			}
		})
	}
}
