package bench

import (
	"fmt"
	"slices"
	"testing"
)

const (
	// rounds is how often gateway and reverse proxy take turns.
	rounds = 7
	// perRound is how many requests each gets in a round.
	perRound = 20_000
)

// key is the subscription key of the typical case.
const key = "0123456789abcdef0123456789abcdef"

// BenchmarkPassThrough compares an API without policies with
// httputil.ReverseProxy: CPU time per request, as a ratio.
func BenchmarkPassThrough(b *testing.B) { compare(b, rolePass) }

// BenchmarkKeyLimitHeader does the same for an API with a subscription key, a
// rate limit and a header that is set.
func BenchmarkKeyLimitHeader(b *testing.B) { compare(b, roleTypical) }

// compare lets both take turns and reports the median of the ratios.
func compare(b *testing.B, role string) {
	b.Helper()
	for range b.N {
		backend := start(b, roleBackend, "")
		ours, theirs := start(b, role, backend.address), start(b, roleReverse, backend.address)
		head := func(p *process) string {
			return fmt.Sprintf("GET /api/thing?x=1 HTTP/1.1\r\nHost: %s\r\nUser-Agent: bench\r\nAccept: */*\r\nOcp-Apim-Subscription-Key: %s\r\n\r\n", p.address, key)
		}
		cost := func(p *process) float64 {
			before := p.cpu(b)
			load(b, p.address, head(p), perRound)
			return (p.cpu(b) - before) / perRound * 1e6
		}
		cost(ours)
		cost(theirs)
		var ratios, own, other []float64
		for range rounds {
			x, y := cost(ours), cost(theirs)
			ratios, own, other = append(ratios, x/y), append(own, x), append(other, y)
		}
		b.ReportMetric(median(ratios), "ratio")
		b.ReportMetric(median(own), "µs-cpu/request")
		b.ReportMetric(median(other), "µs-cpu/request-reverse-proxy")
		b.ReportMetric(slices.Min(ratios), "ratio-min")
		b.ReportMetric(slices.Max(ratios), "ratio-max")
	}
}

func median(list []float64) float64 {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}
