package telemetry

import (
	"sync"
	"sync/atomic"
)

// Weight says what a check means when it fails.
type Weight uint8

// The weights of checks. What a process can do without (a shared store, a log
// sink, an identity provider) is Advice: were it Readiness, the loss of one
// dependency would take every gateway out of service at once.
const (
	// Advice is shown and decides nothing.
	Advice Weight = iota
	// Readiness decides whether the process should be sent requests.
	Readiness
	// Liveness decides whether the process should be restarted.
	Liveness
)

// String returns the weight's name, as it is shown.
func (w Weight) String() string {
	switch w {
	case Readiness:
		return "readiness"
	case Liveness:
		return "liveness"
	default:
		return "advice"
	}
}

// Health holds the checks that tell how a process is. All methods are safe for
// concurrent use.
type Health struct {
	draining atomic.Bool
	mu       sync.RWMutex
	checks   []check
}

type check struct {
	name   string
	weight Weight
	probe  func() error
}

// Report is how a process is at one moment.
type Report struct {
	// Live is false when the process should be restarted.
	Live bool `json:"live"`
	// Ready is false when the process should not be sent requests: it is
	// draining, or a check of readiness or liveness fails.
	Ready bool `json:"ready"`
	// Draining says that the process is going away, in order.
	Draining bool `json:"draining"`
	// Checks are in the order in which they were added.
	Checks []CheckResult `json:"checks"`
}

// CheckResult is the outcome of one check.
type CheckResult struct {
	Name   string `json:"name"`
	Weight string `json:"weight"`
	OK     bool   `json:"ok"`
	// Reason says what is wrong, empty where nothing is.
	Reason string `json:"reason,omitempty"`
}

// NewHealth returns health without checks: live and ready.
func NewHealth() *Health { return &Health{} }

// Add adds a check. The probe returns what is wrong, in words that may be shown
// to whoever can reach the admin listener. It looks at what is known and must
// neither wait nor call anyone: it runs each time that health is asked for.
func (h *Health) Add(name string, w Weight, probe func() error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.checks = append(h.checks, check{name, w, probe})
}

// Drain makes the process not ready for the rest of its life.
func (h *Health) Drain() { h.draining.Store(true) }

// Draining says that Drain was called.
func (h *Health) Draining() bool { return h.draining.Load() }

// Report runs the checks.
func (h *Health) Report() Report {
	h.mu.RLock()
	checks := h.checks
	h.mu.RUnlock()
	r := Report{Live: true, Ready: true, Draining: h.Draining(), Checks: []CheckResult{}}
	for _, c := range checks {
		res := CheckResult{Name: c.name, Weight: c.weight.String(), OK: true}
		if err := c.probe(); err != nil {
			res.OK, res.Reason = false, err.Error()
			r.Live = r.Live && c.weight != Liveness
			r.Ready = r.Ready && c.weight == Advice
		}
		r.Checks = append(r.Checks, res)
	}
	r.Ready = r.Ready && !r.Draining
	return r
}
