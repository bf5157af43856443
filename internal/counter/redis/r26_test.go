package redis_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/counter/redis"
	"github.com/sallyport/sallyport/internal/redisconn/redistest"
)

// skew is by how much the clocks of gateways are wrong.
const skew = 5 * time.Minute

// skewed is two gateways of one quota whose clocks are wrong by so much, one fast
// and one slow, and returns the calls that were admitted in some hours of true
// time under constant demand. They begin and end in the middle of a window.
func skewed(t *testing.T, url string, wrong time.Duration, hours int) (admitted int64) {
	t.Helper()
	start := time.Date(2026, 3, 14, 15, 30, 0, 0, time.UTC)
	truth := clock.NewFake(start)
	service := fresh()
	clocks := []*clock.Fake{clock.NewFake(start.Add(wrong)), clock.NewFake(start.Add(-wrong))}
	var stores []*redis.Store
	for _, c := range clocks {
		stores = append(stores, openWith(t, url, service, silent{c}, truth))
	}
	const step = 10 * time.Second
	for at := time.Duration(0); at < time.Duration(hours)*time.Hour; at += step {
		for n, s := range stores {
			for range 2 {
				if s.Quota("q", counter.Sharing{}).Take("k", perHour, one).Allowed() {
					admitted++
				}
			}
			s.Settle(t.Context())
			clocks[n].Advance(step)
		}
		truth.Advance(step)
	}
	return admitted
}

// TestR26_QuotaWindowsUnderSkew has the clocks of two gateways five minutes wrong,
// in both directions: the quota of an hour admits what its windows allow, and one
// window more or less at most.
func TestR26_QuotaWindowsUnderSkew(t *testing.T) {
	const hours = 6
	url := redistest.Start(t, redistest.Options{}).URL()
	got := skewed(t, url, skew, hours)
	windows := float64(got)/float64(perHour.Calls) - (hours + 1)
	fmt.Printf("R26: %.2f windows gained by clocks %v wrong both ways in %d hours (1)\n", windows, skew, hours)
	if windows > 1 || windows < -1 {
		t.Errorf("%d calls admitted in %d windows of %d", got, hours+1, perHour.Calls)
	}
}

// TestR26_QuotaWindowsUnderSkew_NegativeControl has clocks that are right: nothing
// is gained. And clocks that are wrong by hours gain more than a window.
func TestR26_QuotaWindowsUnderSkew_NegativeControl(t *testing.T) {
	const hours = 6
	url := redistest.Start(t, redistest.Options{}).URL()
	if got := skewed(t, url, 0, hours); got < (hours+1)*perHour.Calls || got > (hours+1)*(perHour.Calls+10) {
		t.Errorf("%d calls admitted by clocks that are right, want %d", got, (hours+1)*perHour.Calls)
	}
	if got := skewed(t, url, 3*time.Hour, hours); got <= (hours+2)*perHour.Calls {
		t.Errorf("control: only %d calls admitted by clocks that are six hours apart", got)
	}
}
