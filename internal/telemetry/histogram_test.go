package telemetry

import (
	"regexp"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// TestHistogram counts as the library does, on the bounds and between them.
func TestHistogram(t *testing.T) {
	own := newHistogram(requestBuckets)
	library := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "d", Help: "h", Buckets: inSeconds(requestBuckets)})
	for _, d := range []time.Duration{0, 1, time.Millisecond, time.Millisecond + 1, 7 * time.Millisecond, time.Second, 300 * time.Second, time.Hour} {
		own.observe(d)
		library.Observe(d.Seconds())
	}
	want := gathered(t, library)
	got := gathered(t, &histogramCollector{desc: prometheus.NewDesc("d", "h", nil, nil), each: func(f func(*histogram, ...string)) { f(own) }})
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

var createdAt = regexp.MustCompile(` *created_timestamp:\s*\{[^}]*\}| +`)

func inSeconds(bounds []time.Duration) (out []float64) {
	for _, d := range bounds {
		out = append(out, d.Seconds())
	}
	return out
}

func gathered(t *testing.T, c prometheus.Collector) string {
	t.Helper()
	r := prometheus.NewRegistry()
	if err := r.Register(c); err != nil {
		t.Fatal(err)
	}
	families, err := r.Gather()
	if err != nil || len(families) != 1 {
		t.Fatal(families, err)
	}
	// The library says when a histogram was made, which the page does not show.
	return createdAt.ReplaceAllString(families[0].String(), "")
}
