package usage

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkCount is what a collector adds to a request.
func BenchmarkCount(b *testing.B) {
	calls := make([]Call, 1024)
	for i := range calls {
		calls[i] = Call{
			Series: Series{
				API: fmt.Sprintf("api-%d", i%8), Operation: fmt.Sprintf("operation-%d", i%64),
				Product: "starter", Subscription: fmt.Sprintf("subscription-%d", i), User: fmt.Sprintf("user-%d", i),
			},
			Ended: time.Unix(1_790_000_000, 0), Status: 200, Duration: 1500 * time.Microsecond,
			BackendDuration: time.Millisecond, Forwarded: true, BytesOut: 120,
		}
	}
	for _, series := range []int{1, 1024} {
		b.Run(fmt.Sprintf("%d series", series), func(b *testing.B) {
			c := NewCollector()
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				c.Count(&calls[i%series])
			}
		})
	}
	b.Run("all processors", func(b *testing.B) {
		c := NewCollector()
		b.ReportAllocs()
		b.RunParallel(func(p *testing.PB) {
			for i := 0; p.Next(); i++ {
				c.Count(&calls[i%len(calls)])
			}
		})
	})
}
