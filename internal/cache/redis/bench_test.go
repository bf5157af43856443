package redis_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/cache"
	"github.com/sallyport/sallyport/internal/cache/redis"
	"github.com/sallyport/sallyport/internal/redisconn/redistest"
)

// BenchmarkGet measures look-ups of responses on a real server, and reports how
// long the slowest took: what GetTimeout has to leave room for.
func BenchmarkGet(b *testing.B) {
	server := redistest.Start(b, redistest.Options{})
	s := open(b, redis.Options{Settings: settings(b, server.URL()), Service: "contoso", GetTimeout: patient})
	for _, size := range []int{1 << 10, 100 << 10, 2<<20 - 1<<10} {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			responses := s.Pair().Responses
			responses.Set(b.Context(), "k", &cache.Response{Status: 200, Body: make([]byte, size)}, time.Hour)
			written(s)
			var took []time.Duration
			b.ReportAllocs()
			for b.Loop() {
				begin := time.Now()
				if _, ok := responses.Get(b.Context(), "k"); !ok {
					b.Fatal("nothing is there")
				}
				took = append(took, time.Since(begin))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
			b.ReportMetric(float64(took[len(took)*999/1000].Microseconds()), "p99.9-µs")
		})
	}
}
