package policies

import (
	"testing"

	"github.com/sallyport/sallyport/internal/policy"
)

// benchmarkInbound measures the inbound section for calls of keys that the
// counters know.
func benchmarkInbound(b *testing.B, inbound string) {
	b.Helper()
	r := newRig(b)
	r.mustCompile(b, inbound)
	c := r.call("GET", "/echo")
	for range 3 {
		if err := c.RunSection(policy.Inbound); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := c.RunSection(policy.Inbound); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRateLimit(b *testing.B) {
	benchmarkInbound(b, `<rate-limit calls="2000000000" renewal-period="60" />`)
}

func BenchmarkRateLimitOfOperation(b *testing.B) {
	benchmarkInbound(b, `<rate-limit calls="2000000000" renewal-period="60"><api id="echo" calls="2000000000" renewal-period="60"><operation id="get" calls="2000000000" renewal-period="60" /></api></rate-limit>`)
}

func BenchmarkRateLimitByKey(b *testing.B) {
	benchmarkInbound(b, `<rate-limit-by-key calls="2000000000" renewal-period="60" counter-key="known" />`)
}

func BenchmarkQuota(b *testing.B) {
	benchmarkInbound(b, `<quota calls="2000000000" renewal-period="3600" />`)
}

func BenchmarkIPFilter(b *testing.B) {
	benchmarkInbound(b, `<ip-filter action="allow"><address>203.0.113.7</address><address-range from="198.51.100.0" to="198.51.100.255" /></ip-filter>`)
}

func BenchmarkAuthenticationBasic(b *testing.B) {
	benchmarkInbound(b, `<authentication-basic username="a" password="b" />`)
}

// TestKnownKeysAllocateNothing holds what the benchmarks measure.
func TestKnownKeysAllocateNothing(t *testing.T) {
	for _, tt := range []struct{ name, inbound string }{
		{"rate-limit", `<rate-limit calls="1000000" renewal-period="60"><api id="echo" calls="1000000" renewal-period="60" /></rate-limit>`},
		{"rate-limit-by-key", `<rate-limit-by-key calls="1000000" renewal-period="60" counter-key="known" />`},
		{"quota", `<quota calls="1000000" renewal-period="3600" />`},
		{"ip-filter", `<ip-filter action="forbid"><address>203.0.113.8</address></ip-filter>`},
		{"authentication-basic", `<authentication-basic username="a" password="b" />`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			r.mustCompile(t, tt.inbound)
			c := r.call("GET", "/echo")
			run := func() {
				if err := c.RunSection(policy.Inbound); err != nil {
					t.Fatal(err)
				}
			}
			run()
			if n := testing.AllocsPerRun(100, run); n != 0 {
				t.Errorf("%v allocations a call, want 0", n)
			}
		})
	}
}
