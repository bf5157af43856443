package policies

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/policy"
)

// lostStore is a store that has been lost: closed limits are unavailable. It
// notes how its handles are to be shared.
type lostStore struct{ taken []counter.Sharing }

func (s *lostStore) Rate(_ string, how counter.Sharing) counter.Rate {
	s.taken = append(s.taken, how)
	return lostRate{how}
}

func (s *lostStore) Quota(_ string, how counter.Sharing) counter.Quota {
	s.taken = append(s.taken, how)
	return lostQuota{how}
}

const lostFor = 1500 * time.Millisecond

type lostRate struct{ how counter.Sharing }

func (r lostRate) Take(string, counter.RateLimit, int64) counter.RateDecision {
	if r.how.WhenLost == counter.Closed {
		return counter.RateDecision{Unavailable: true, RetryAfter: lostFor}
	}
	return counter.RateDecision{Allowed: true}
}

func (r lostRate) Peek(key string, l counter.RateLimit, n int64) counter.RateDecision {
	return r.Take(key, l, n)
}

func (r lostRate) Add(string, counter.RateLimit, int64) {}

type lostQuota struct{ how counter.Sharing }

func (q lostQuota) Take(string, counter.QuotaLimit, counter.Usage) counter.QuotaDecision {
	return counter.QuotaDecision{Unavailable: q.how.WhenLost == counter.Closed, ResetAfter: lostFor}
}

func (q lostQuota) Peek(key string, l counter.QuotaLimit, n counter.Usage) counter.QuotaDecision {
	return q.Take(key, l, n)
}

func (q lostQuota) Add(string, counter.QuotaLimit, counter.Usage) {}

func TestLimitsSayHowTheyAreShared(t *testing.T) {
	for _, tt := range []struct {
		name, attributes string
		want             counter.Sharing
		status           int
	}{
		{"nothing said", "", counter.Sharing{}, 200},
		{"open", `sallyport-when-counters-are-lost="open"`, counter.Sharing{}, 200},
		{"closed", `sallyport-when-counters-are-lost="Closed"`, counter.Sharing{WhenLost: counter.Closed}, 503},
		{"of one gateway", `sallyport-counter-scope="gateway"`, counter.Sharing{Scope: counter.ScopeGateway}, 200},
		{"of all regions, closed", `sallyport-counter-scope="global" sallyport-when-counters-are-lost="closed"`,
			counter.Sharing{Scope: counter.ScopeGlobal, WhenLost: counter.Closed}, 503},
	} {
		for _, form := range []string{
			`<rate-limit calls="3" renewal-period="60" %>`,
			`<rate-limit-by-key calls="3" renewal-period="60" counter-key="k" %>`,
			`<quota calls="3" renewal-period="600" %>`,
			`<quota-by-key calls="3" renewal-period="600" counter-key="k" %>`,
		} {
			name, _, _ := strings.Cut(form[1:], " ")
			t.Run(tt.name+"/"+name, func(t *testing.T) {
				store := &lostStore{}
				r := newRig(t)
				r.services.Counters = store
				r.mustCompile(t, strings.Replace(form, "%", tt.attributes+" /", 1))
				if len(store.taken) != 1 || store.taken[0] != tt.want {
					t.Errorf("the handle is shared as %+v, want %+v", store.taken, tt.want)
				}
				checkLost(t, r, tt.status)
			})
		}
	}
}

// checkLost runs the document for a subscription: a limit that is closed answers
// 503, which is nobody's fault.
func checkLost(t *testing.T, r *rig, status int) {
	t.Helper()
	fault := r.run(t, r.call("GET", "/"))
	if status != 503 {
		if fault != nil {
			t.Errorf("fault %v, want none", fault)
		}
		return
	}
	if fault == nil || fault.Status != status || fault.Reason != "CountersUnavailable" {
		t.Fatalf("fault %v, want %d CountersUnavailable", fault, status)
	}
	if d := cmp.Diff([]string{"2"}, retryAfter(fault)); d != "" {
		t.Errorf("Retry-After (-want +got):\n%s", d)
	}
}

// retryAfter returns the values of the field Retry-After.
func retryAfter(fault *policy.Fault) []string {
	var values []string
	for _, f := range fault.Header {
		if f.Name == "Retry-After" {
			values = append(values, f.Value)
		}
	}
	return values
}
