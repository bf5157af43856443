package countertest

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/counter"
)

func longKeys(t *testing.T, s suite) {
	long := strings.Repeat("k", 10*counter.MaxKeyBytes)
	limit := counter.RateLimit{Calls: 1, Period: time.Minute}
	r := s.store.Rate("n", counter.Sharing{})
	if !r.Take(long+"a", limit, 1).Allowed || !r.Take(long+"b", limit, 1).Allowed {
		t.Error("two long keys share a counter")
	}
	if r.Take(long+"a", limit, 1).Allowed {
		t.Error("a long key was not counted")
	}
}

// fill counts a little of everything and returns the readings that follow.
func fill(s suite) []counter.Reading {
	minute := counter.RateLimit{Calls: 10, Period: time.Minute}
	hour := counter.QuotaLimit{Calls: 10, Bytes: 10, Period: time.Hour, Start: start}
	endless := counter.QuotaLimit{Calls: 10, Bytes: 10}
	s.store.Rate("a", counter.Sharing{}).Take("x", minute, 2)
	s.store.Rate("a", counter.Sharing{}).Take("y", minute, 1)
	s.store.Quota("b", counter.Sharing{}).Take("x", hour, counter.Usage{Calls: 3, Bytes: 4})
	s.store.Quota("b", counter.Sharing{}).Take("x", endless, counter.Usage{Calls: 5})
	return []counter.Reading{
		{Kind: counter.KindRate, Name: "a", Key: "x", Period: time.Minute, Used: counter.Usage{Calls: 2}},
		{Kind: counter.KindRate, Name: "a", Key: "y", Period: time.Minute, Used: counter.Usage{Calls: 1}},
		{Kind: counter.KindQuota, Name: "b", Key: "x", Used: counter.Usage{Calls: 5}},
		{
			Kind: counter.KindQuota, Name: "b", Key: "x", Period: time.Hour,
			Start: start, End: start.Add(time.Hour), Used: counter.Usage{Calls: 3, Bytes: 4},
		},
	}
}

func inspects(t *testing.T, s suite) {
	in, ok := s.store.(counter.Inspector)
	if !ok {
		t.Skip("SKIPPED: the store is no counter.Inspector")
	}
	all := fill(s)
	list := func(what string, f counter.Filter, want []counter.Reading) {
		t.Helper()
		if d := cmp.Diff(want, in.List(f)); d != "" {
			t.Errorf("%s (-want +got):\n%s", what, d)
		}
	}
	list("all", counter.Filter{}, all)
	list("rate limits", counter.Filter{Kind: counter.KindRate}, all[:2])
	list("one key", counter.Filter{Kind: counter.KindRate, Key: "y"}, all[1:2])
	list("one name", counter.Filter{Name: "b"}, all[2:])
	if got := len(in.List(counter.Filter{Limit: 3})); got != 3 {
		t.Errorf("%d readings under a limit of 3", got)
	}

	reset := all[3]
	reset.Used = counter.Usage{}
	full := all[0]
	full.Used.Calls = 10
	if !in.Set(reset) || !in.Set(full) {
		t.Error("Set of a counter that is there = false")
	}
	if in.Set(counter.Reading{Kind: counter.KindQuota, Name: "none", Key: "x"}) {
		t.Error("Set of a counter that is not there = true")
	}
	list("after Set", counter.Filter{Key: "x"}, []counter.Reading{full, all[2], reset})
	if d := s.store.Rate("a", counter.Sharing{}).Take("x", counter.RateLimit{Calls: 10, Period: time.Minute}, 1); d.Allowed {
		t.Error("a rate limit that was set to its limit allowed a call")
	}
	s.clock.Advance(time.Minute + time.Minute/counter.Granules)
	list("when the sliding windows have passed", counter.Filter{Kind: counter.KindRate}, nil)
	s.clock.Advance(time.Hour)
	list("when the fixed window has passed", counter.Filter{}, all[2:3])
}

func restores(t *testing.T, s suite) {
	k, ok := s.store.(counter.Keeper)
	if !ok {
		t.Skip("SKIPPED: the store is no counter.Keeper")
	}
	quotas := fill(s)[2:]
	if d := cmp.Diff(quotas, k.Snapshot()); d != "" {
		t.Errorf("Snapshot (-want +got):\n%s", d)
	}
	again := s.factory(t, s.clock)
	next := again.(counter.Keeper)
	next.Restore(quotas)
	hour := counter.QuotaLimit{Calls: 10, Bytes: 10, Period: time.Hour, Start: start}
	if d := again.Quota("b", counter.Sharing{}).Take("x", hour, oneCall); d.Remaining != (counter.Usage{Calls: 6, Bytes: 6}) {
		t.Errorf("after Restore: %+v", d)
	}
	next.Restore(quotas)
	if d := again.Quota("b", counter.Sharing{}).Peek("x", hour, oneCall); d.Remaining.Calls != 5 {
		t.Errorf("after Restore of older numbers: %+v", d)
	}
	s.clock.Advance(time.Hour)
	late := s.factory(t, s.clock).(counter.Keeper)
	late.Restore(quotas)
	if d := cmp.Diff(quotas[:1], late.Snapshot()); d != "" {
		t.Errorf("restored after the window has ended (-want +got):\n%s", d)
	}
}
