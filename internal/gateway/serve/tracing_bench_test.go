package serve

import (
	"context"
	"testing"
	"time"
)

// BenchmarkTrace measures what request tracing costs: a call without a token, one
// whose token is forged, and one that is recorded.
func BenchmarkTrace(b *testing.B) {
	const benchCase, traced = 2, "service-3"
	ahead := time.Now().Add(30 * time.Minute).UTC()
	for _, test := range []struct{ name, token string }{
		{"untraced", ""},
		{"forged", debugToken("x", traced, ahead)},
		{"traced", debugToken("k", traced, ahead)},
	} {
		b.Run(test.name, func(b *testing.B) {
			r := newBenchRig(b, 10)
			r.server.traces.Use(func(context.Context) ([]string, error) { return []string{"k"}, nil })
			r.token = test.token
			b.ReportAllocs()
			for b.Loop() {
				r.one(benchCase)
			}
		})
	}
}
